"""One Facebook page as a channel. Webhooks bring what is new; each four minutes it is read back what they did not bring."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from rapport.channels import graph_account, graph_webhook
from rapport.channels.channel import (
    GESTURES,
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Evidence,
    Exchange,
    Field,
    Fitted,
    Means,
    Network,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Wording,
    address_of,
    ailing,
)
from rapport.channels.facebook.api import comments, feed, look
from rapport.channels.facebook.parse import NAME, Written, events_in, written_in
from rapport.channels.fields import READ_MARKS, number, settings_of
from rapport.channels.graph_api import HOST, SECRETS, VERSION, GraphApi, graph_api
from rapport.channels.graph_messaging import kept_in
from rapport.channels.graph_sweep import after, conversations, new_of, place_in, since
from rapport.channels.limits import Limits, limits_of
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.wire import those_opened
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach
from rapport.model.news import Delivery

FIELDS = (
    Field("page", Wording("Número de la página", "Page id")),
    *SECRETS,
    graph_account.HUMAN,
    READ_MARKS,
    VERSION,
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
MODERATED = frozenset({Op.HIDE, Op.UNHIDE, Op.DELETE, Op.EDIT})
OPS = MODERATED | GESTURES | {Op.REPLY, Op.SEND_DIRECT}
_PUBLIC = re.compile(r"\d+(_\d+)?")  # a comment or a post; Messenger's names have letters


_written = msgspec.json.Decoder(Written)


class _Made(msgspec.Struct, frozen=True):
    id: str


@dataclass(slots=True)
class FacebookChannel:
    """One page."""

    api: GraphApi
    page: str
    app_secret: str
    verify_token: str
    human: bool
    clock: Clock
    back: timedelta
    limits: Limits
    capabilities: Capabilities = field(init=False)

    def __post_init__(self) -> None:
        self.capabilities = _capabilities(self.limits, self.human)

    async def probe(self) -> Probe:
        """Ask who the page is, and whether Facebook tells us anything of it."""
        try:
            found, missing = await look(self.api, self.page)
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        health = Wording(f"Conectada como {found.name}.", f"Connected as {found.name}.")
        if missing:
            names = ", ".join(sorted(missing))
            health = Wording(
                f"Conectada como {found.name}, pero Facebook no avisa de: {names}. Solo se lee cada 4 minutos.",
                f"Connected as {found.name}, but Facebook does not tell of: {names}. It is only read every 4 minutes.",
            )
        return Probe(True, health, self.capabilities, self.clock.now(), found.name, await self.api.ends())

    def parse(self, raw: bytes) -> Sequence[Event]:
        """The messages and news in the body of a webhook."""
        return events_in(raw, self.page, self.clock.now())

    @property
    def own(self) -> str:
        """This account, as a webhook names it."""
        return f"page/{self.page}"

    def named_in(self, raw: bytes) -> frozenset[str]:
        """The accounts of which a webhook says something: an application has one address for all of them."""
        return graph_webhook.named_in(raw, self.clock.now())

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether it is Facebook's."""
        return graph_webhook.verify(request, self.app_secret, self.verify_token)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """In public always; privately within 24 hours, or once within 7 days to a comment."""
        refused = graph_account.may(op, OPS)
        return refused or graph_account.eligible(exchange, now, self.limits, _is_public, self.human)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 2,000 characters."""
        return graph_account.fit(text, self.limits)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """A comment under the comment or post, or a private message."""
        if part.reach is Reach.PRIVATE and part.files:
            kept = await graph_account.upload(self.api, self.page, part.files[0])
            to = self._recipient(part)
            sent = await graph_account.send_private(self.api, self.page, to, "", human=self.human, file=kept)
            return Receipt(sent, self.clock.now())
        if part.reach is Reach.PRIVATE:
            sent = await graph_account.send_private(self.api, self.page, self._recipient(part), part.text, human=self.human)
            return Receipt(sent, self.clock.now())
        if not _is_public(part.in_reply_to):
            raise Refused("a public answer needs the comment or post that it answers")
        made: _Made = await self.api.send(f"/{part.in_reply_to}/comments", {"message": part.text}, _Made)
        return Receipt(made.id, self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """What was written on the page and to it, that was not read before."""
        now = self.clock.now()
        place = place_in(cursor, now, self.back)
        start = since(place)
        posts, changed = await feed(self.api, self.page, start, now)
        events = [event for raw in posts for event in written_in(raw, self.page, now)]
        for post in changed:
            found = await comments(self.api, post, start, now)
            events += [event for raw in found for event in written_in(raw, self.page, now, post)]
        for raw in await conversations(self.api, self.page, "messenger", start, now):
            events += kept_in(raw, NAME, frozenset({self.page}), now)
        new = new_of(place, events)
        return Page(tuple(new), after(place, new))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The comment or message of ours that says the same, since about then."""
        if part.files:
            raise OutcomeUnknown("a file without words cannot be looked for")
        if part.reach is Reach.PUBLIC and _is_public(part.in_reply_to):
            found = await self._comment(part, near)
        else:
            ours = frozenset({self.page})
            found = await graph_account.find_private(self.api, self.page, "messenger", part, near, ours)
        if found is None:
            graph_account.still_coming(self.clock.now(), near)
        return found

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Hide or show a comment; delete it; write our own anew."""
        if not _is_public(key) or op not in MODERATED:
            raise Refused(f"Facebook cannot do {op} to {key!r}; only comments and posts of the page are moderated")
        if op is Op.DELETE:
            await self.api.delete(f"/{key}")
        elif op is Op.EDIT:
            await self.api.change(f"/{key}", {"message": argument})
        else:
            await self.api.change(f"/{key}", {"is_hidden": op is Op.HIDE})

    async def gesture(self, op: Op, key: str, to: str, argument: str, once: str) -> None:
        """Like a comment, whatever the sign; put a sign on a private message, or show that it was seen."""
        if op not in GESTURES:
            raise Refused(f"Facebook takes no {op} as a gesture")
        if not _is_public(key):
            await graph_account.gesture(self.api, self.page, address_of(to, NAME), op, key, argument)
        elif op is Op.REACT:
            await self.api.change(f"/{key}/likes", {})
        elif op is Op.UNREACT:
            await self.api.delete(f"/{key}/likes")

    def _recipient(self, part: Part) -> dict[str, str]:
        if not _is_public(part.in_reply_to):
            return {"id": address_of(part.to, NAME)}
        kind = "post_id" if part.in_reply_to.startswith(f"{self.page}_") else "comment_id"
        return {kind: part.in_reply_to}

    async def _comment(self, part: Part, near: datetime) -> str | None:
        start, now = near - graph_account.SLACK, self.clock.now()
        for written in those_opened(await comments(self.api, part.in_reply_to, start, now), _written):
            ours = written.author is not None and str(written.author.id) == self.page
            if ours and graph_account.same(written.message, part.text):
                return written.id
        return None


def _is_public(key: str) -> bool:
    return _PUBLIC.fullmatch(key) is not None


def _capabilities(limits: Limits, human: bool) -> Capabilities:
    return Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset(Reach),
        text_limit=limits.text_limit,
        unit=limits.unit,
        can_locate=True,
        poll=limits.poll,
        ops=OPS,
        window=limits.window("human_agent" if human else "reply"),
        reports=frozenset({Delivery.DELIVERED}),
        edits_seen=True,
        deletes_seen=True,
        media=limits.media,
        only=dict.fromkeys(MODERATED, Reach.PUBLIC),
        one_sign=frozenset(Reach),
    )


def open_facebook(account: Account, means: Means) -> Channel:
    """The page that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    if not given["page"].isdecimal():
        raise BadInput(f"`page` of account {account.id!r} must be the page's number, got {given['page']!r}")
    back, limits = timedelta(days=number(given, "days")), limits_of(__package__)
    limits.fill(means.budget, means.clock.now())
    return FacebookChannel(
        graph_api(given, means), given["page"], given["app_secret"], given["verify_token"],
        given["human_agent"] == "yes", means.clock, back, limits,
    )  # fmt: skip


NETWORK = Network(
    NAME,
    Wording("Página de Facebook y Messenger", "Facebook page and Messenger"),
    FIELDS,
    open_facebook,
    Evidence.CONTRACT,
    (HOST.removeprefix("https://"),),
)
