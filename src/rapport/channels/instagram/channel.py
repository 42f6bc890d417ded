"""One professional account on Instagram as a channel. Webhooks bring what is new; each four minutes it is read back."""

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
from rapport.channels.fields import READ_MARKS, number, settings_of
from rapport.channels.graph_api import HOST, SECRETS, VERSION, GraphApi, graph_api
from rapport.channels.graph_messaging import kept_in
from rapport.channels.graph_sweep import after, conversations, new_of, place_in, since
from rapport.channels.instagram.api import answers, comments, look, mention
from rapport.channels.instagram.parse import MENTION, NAME, comment_in, events_in, with_words
from rapport.channels.limits import Limits, limits_of
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.news import Delivery

FIELDS = (
    Field("account", Wording("Número de la cuenta profesional", "Professional account id")),
    Field("username", Wording("Nombre de la cuenta, sin @", "Account name, without @")),
    Field("page", Wording("Número de la página vinculada", "Id of the page that it is linked to")),
    *SECRETS,
    graph_account.HUMAN,
    READ_MARKS,
    VERSION,
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
MODERATED = frozenset({Op.HIDE, Op.UNHIDE, Op.DELETE})
OPS = MODERATED | GESTURES | {Op.REPLY, Op.SEND_DIRECT}
SIGN = "love"  # the only one that Instagram takes from us
_COMMENT = re.compile(r"\d+")  # names of direct messages have letters
_MENTION = re.compile(r"mention_(\d+)(?:_(\d+))?")


class _Made(msgspec.Struct, frozen=True):
    id: str


@dataclass(slots=True)
class InstagramChannel:
    """One account."""

    api: GraphApi
    account: str
    username: str
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

    @property
    def ours(self) -> frozenset[str]:
        """The ids and the name under which we write."""
        return frozenset({self.account, self.page, self.username})

    async def probe(self) -> Probe:
        """Ask who the account is, and whether it has the name that the settings say."""
        try:
            found = await look(self.api, self.account)
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        works = found.username == self.username
        health = Wording(f"Conectada como @{found.username}.", f"Connected as @{found.username}.")
        if not works:
            health = Wording(
                f"La cuenta se llama @{found.username}, no @{self.username}: oiría sus propias respuestas.",
                f"The account is called @{found.username}, not @{self.username}: it would hear its own answers.",
            )
        return Probe(works, health, self.capabilities, self.clock.now(), f"@{found.username}", await self.api.ends())

    def parse(self, raw: bytes) -> Sequence[Event]:
        """The messages and news in the body of a webhook."""
        return events_in(raw, self.account, self.ours, self.clock.now())

    async def complete(self, events: Sequence[Event]) -> Page:
        """The events of a webhook with the words of mentions, of which it only says where they stand. Never raises."""
        return Page(tuple([await self._with_words(event) for event in events]), None)

    @property
    def own(self) -> str:
        """This account, as a webhook names it."""
        return f"instagram/{self.account}"

    def named_in(self, raw: bytes) -> frozenset[str]:
        """The accounts of which a webhook says something: an application has one address for all of them."""
        return graph_webhook.named_in(raw, self.clock.now())

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether it is Instagram's."""
        return graph_webhook.verify(request, self.app_secret, self.verify_token)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """In public always; privately within 24 hours, or once within 7 days to a comment under our own pictures."""
        if exchange.reach is Reach.PRIVATE and _MENTION.fullmatch(exchange.key):
            reason = Wording("A una mención solo se le responde en público.", "A mention is answered only in public.")
            return Eligibility(False, reason)
        refused = graph_account.may(op, OPS)
        return refused or graph_account.eligible(exchange, now, self.limits, _is_public, self.human)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most 1,000 bytes."""
        return graph_account.fit(text, self.limits)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """An answer under the comment, where we are mentioned, or a direct message."""
        named = _MENTION.fullmatch(part.in_reply_to)
        if part.reach is Reach.PRIVATE:
            if named:
                raise Refused("a mention is answered only in public")
            is_comment = _is_public(part.in_reply_to)
            to = {"comment_id": part.in_reply_to} if is_comment else {"id": address_of(part.to, NAME)}
            sent = await graph_account.send_private(self.api, self.page, to, part.text, human=self.human)
            return Receipt(sent, self.clock.now())
        if not _is_public(part.in_reply_to):
            raise Refused("a public answer needs the comment or mention that it answers")
        path, body = f"/{part.in_reply_to}/replies", {"message": part.text}
        if named:
            where = {"media_id": named[1]} | ({"comment_id": named[2]} if named[2] else {})
            path, body = f"/{self.account}/mentions", body | where
        made: _Made = await self.api.send(path, body, _Made)
        return Receipt(made.id, self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """What was written under our last pictures and to us, that was not read before."""
        now = self.clock.now()
        place = place_in(cursor, now, self.back)
        start = since(place)
        found = await comments(self.api, self.account, start, now)
        events = [event for raw, above in found for event in comment_in(raw, self.ours, now, above)]
        for raw in await conversations(self.api, self.page, NAME, start, now):
            events += kept_in(raw, NAME, self.ours, now)
        new = new_of(place, events)
        return Page(tuple(new), after(place, new))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The answer or message of ours that says the same, since about then."""
        if part.reach is Reach.PUBLIC and _MENTION.fullmatch(part.in_reply_to):
            raise OutcomeUnknown("Instagram does not show what stands under other people's pictures")
        if part.reach is Reach.PUBLIC and _is_public(part.in_reply_to):
            found = await self._answer(part, near)
        else:
            found = await graph_account.find_private(self.api, self.page, NAME, part, near, self.ours)
        if found is None:
            graph_account.still_coming(self.clock.now(), near)
        return found

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Hide, show or delete a comment under our own pictures."""
        if not _COMMENT.fullmatch(key) or op not in MODERATED:
            raise Refused(f"Instagram cannot do {op} to {key!r}; only comments under our own pictures are moderated")
        if op is Op.DELETE:
            await self.api.delete(f"/{key}")
        else:
            await self.api.change(f"/{key}", {"hide": op is Op.HIDE})

    async def gesture(self, op: Op, key: str, to: str, argument: str, once: str) -> None:
        """Put a heart on a direct message, whatever the sign, or show that it was seen; in public nobody is told of reading."""
        if op not in GESTURES or (_is_public(key) and op is not Op.MARK_READ):
            raise Refused(f"Instagram cannot do {op} to {key!r}; only direct messages take a sign")
        if not _is_public(key):
            await graph_account.gesture(self.api, self.page, address_of(to, NAME), op, key, SIGN)

    async def _with_words(self, event: Event) -> Event:
        where = _MENTION.fullmatch(event.key) if isinstance(event, Incoming) and event.text == MENTION else None
        if where is None or not isinstance(event, Incoming):
            return event
        try:
            told = await mention(self.api, self.account, where[1], where[2] or "")
        except SendError:  # deleted, of a private account, or not now: that we were mentioned is known all the same
            return event
        return with_words(event, told, self.clock.now()) if told else event

    async def _answer(self, part: Part, near: datetime) -> str | None:
        start = near - graph_account.SLACK
        for comment in await answers(self.api, part.in_reply_to):
            name = comment.username or (comment.author.username if comment.author else None)
            recent = graph_webhook.at(comment.timestamp, near) >= start
            if name == self.username and recent and graph_account.same(comment.text, part.text):
                return comment.id
        return None


def _is_public(key: str) -> bool:
    return _COMMENT.fullmatch(key) is not None or _MENTION.fullmatch(key) is not None


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
        reports=frozenset({Delivery.READ}),
        only={**dict.fromkeys(MODERATED, Reach.PUBLIC), Op.REACT: Reach.PRIVATE, Op.UNREACT: Reach.PRIVATE},
        one_sign=frozenset(Reach),
    )


def open_instagram(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    for name in ("account", "page"):
        if not given[name].isdecimal():
            raise BadInput(f"{name!r} of account {account.id!r} must be a number, got {given[name]!r}")
    back, limits = timedelta(days=number(given, "days")), limits_of(__package__)
    return InstagramChannel(
        graph_api(given, means), given["account"], given["username"].lstrip("@"), given["page"], given["app_secret"],
        given["verify_token"], given["human_agent"] == "yes", means.clock, back, limits,
    )  # fmt: skip


NETWORK = Network(
    NAME, Wording("Instagram", "Instagram"), FIELDS, open_instagram, Evidence.CONTRACT, (HOST.removeprefix("https://"),)
)
