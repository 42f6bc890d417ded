"""One account on X as a channel."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from rapport.channels.channel import (
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
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import Limits, limits_of
from rapport.channels.webhook import Challenge, Rejected, Request, Verified
from rapport.channels.wire import honest, those_opened
from rapport.channels.x import rules, webhook
from rapport.channels.x.api import ROOT, Duplicate, Listed, XApi, allow_money, json_api, newest, rank
from rapport.channels.x.directs import Talk, talk_in
from rapport.channels.x.files import give, with_files
from rapport.channels.x.happened import events_in
from rapport.channels.x.oauth import Keys
from rapport.channels.x.parse import DIRECT, IMPLIED, NAME, Post, post_in
from rapport.channels.x.text import words
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import Reach

_YES = ("yes", "no")
FIELDS = (
    Field("consumer_key", Wording("Clave de la aplicación (API Key)", "API key")),
    Field("consumer_secret", Wording("Secreto de la aplicación", "API key secret"), secret=True),
    Field("token", Wording("Clave de acceso de la cuenta", "Access token"), secret=True),
    Field("token_secret", Wording("Secreto de acceso de la cuenta", "Access token secret"), secret=True),
    Field("direct", Wording("Mensajes directos", "Direct messages"), "yes", choices=_YES),
    Field("self_serve", Wording("Contrato de autoservicio", "Self-serve contract"), "yes", choices=_YES),
    Field("long_posts", Wording("Publicaciones largas (Premium)", "Long posts (Premium)"), "no", choices=_YES),
    Field("month", Wording("Gasto máximo en 30 días, en dólares; 0: sin tope", "Most dollars in 30 days; 0: no limit"), "0"),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
SLACK = timedelta(minutes=2)  # between the network's clock and ours
TELLABLE = timedelta(seconds=30)
_POST = re.compile(r"[0-9]{1,19}")  # a post, a message or an account


_post = msgspec.json.Decoder(Post)
_talk = msgspec.json.Decoder(Talk)


class _Place(msgspec.Struct, frozen=True):
    mentions: str = ""
    direct: str = ""
    around: datetime | None = None  # until when answers and quotations that do not mention us were searched


@dataclass(slots=True)
class XChannel:
    """One account. `me`: its number, with which its access token begins."""

    api: XApi
    me: str
    clock: Clock
    limits: Limits
    back: timedelta
    direct: bool
    self_serve: bool
    long_posts: bool
    name: str = ""  # what we are called; asked for once
    capabilities: Capabilities = field(init=False)
    _direct_at: datetime | None = None
    _since: datetime | None = None  # from when a search that did not succeed must look
    _not_let: datetime | None = None  # when X last refused to search
    _given: dict[str, str] = field(default_factory=dict)  # films that X makes ready, by the hash of their bytes

    def __post_init__(self) -> None:
        self.capabilities = rules.capabilities(self.limits, self.direct, self.self_serve, self.long_posts)

    async def probe(self) -> Probe:
        """Ask who we are."""
        try:
            found = await self.api.me()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        health = Wording(f"Conectada como @{found.username}.", f"Connected as @{found.username}.")
        return Probe(True, health, self.capabilities, self.clock.now(), f"@{found.username}")

    def parse(self, raw: bytes) -> Sequence[Event]:
        """The messages and news in the body of a webhook."""
        return events_in(raw, self.me, self.clock.now())

    def verify(self, request: Request, now: datetime) -> Verified | Challenge | Rejected:
        """Whether it is X's."""
        return webhook.verify(request, self.api.keys.consumer_secret)

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A self-serve customer answers in public only who mentioned or quoted us; a direct message has no window."""
        refused = None if op in self.capabilities.ops and exchange.reach in self.capabilities.reaches else rules.CANNOT
        return refused or rules.eligible(exchange, self_serve=self.self_serve)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Posts of 280 as X counts, or a direct message; with what they cost."""
        if reach is Reach.PRIVATE:
            return rules.fit_direct(text, self.limits)
        return rules.fit_post(text, self.capabilities.text_limit, self.limits, self_serve=self.self_serve)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Answer in public, or send a direct message. What X calls a duplicate is looked for: it is out already."""
        try:
            return Receipt(await self._deliver(part), self.clock.now())
        except Duplicate as refused:
            return Receipt(await self._out_already(part, refused), self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """The mentions after the cursor; every two minutes or so the direct messages, every four what does not mention us."""
        now, place = self.clock.now(), _place(cursor)
        found = await self.api.mentions(self.me, place.mentions, now - self.back)
        events = [e for page in found for raw in page.data for e in post_in(bytes(raw), page.includes, self.me, now)][::-1]
        place = msgspec.structs.replace(place, mentions=newest(found, place.mentions))
        if self.direct and (self._direct_at is None or now - self._direct_at >= self.limits.window("direct_poll")):
            try:
                talks = await self.api.directs(place.direct)
            except (Unavailable, Refused):
                if not events:
                    raise
            else:
                events += self._fresh(talks, place.direct, now)
                place, self._direct_at = msgspec.structs.replace(place, direct=newest(talks, place.direct)), now
        if all(at is None or now - at >= self.limits.window("around_poll") for at in (place.around, self._not_let)):
            found_around = await self._around(place.around, bool(events), now)
            if found_around is not None:
                keys = {event.key for event in events}
                events += [event for event in found_around if event.key not in keys]
                place = msgspec.structs.replace(place, around=now)
        return await with_files(self.api, events, msgspec.json.encode(place))

    async def complete(self, events: Sequence[Event]) -> Page:
        """What a webhook brought, with the files of direct messages. Raises Unavailable: X cannot give one now."""
        return await with_files(self.api, events, is_asked_again=True)

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The answer or message of ours that says the same, since about then."""
        found = await self._find(part, near - SLACK)
        if found is None and self.clock.now() - near < TELLABLE:
            raise Unavailable("the network may still be taking it", TELLABLE)
        return found

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Hide or show an answer under a post of ours; delete what is ours; under a contract, like a post for any sign."""
        name = key.removeprefix(IMPLIED).removeprefix(DIRECT)
        if not _POST.fullmatch(name) or op not in self.capabilities.ops - {Op.REPLY, Op.SEND_DIRECT}:
            raise Refused(f"X cannot do {op} to {key!r}")
        if op is Op.DELETE:
            await self.api.delete(f"/2/dm_events/{name}" if key.startswith(DIRECT) else f"/2/tweets/{name}")
        elif key.startswith(DIRECT):
            raise Refused(f"X cannot {op} a direct message")
        elif op in (Op.REACT, Op.UNREACT):
            await self.api.like(self.me, name, liked=op is Op.REACT)
        else:
            await self.api.hide(name, hidden=op is Op.HIDE)

    async def _deliver(self, part: Part) -> str:
        if part.reach is Reach.PRIVATE:
            person = _person(part.to)
            return DIRECT + await self.api.send(person, part.text, await self._uploaded(part))
        answers = part.in_reply_to.removeprefix(IMPLIED)
        if not _POST.fullmatch(answers):
            raise Refused("a public answer needs the post that it answers")
        return await self.api.post(part.text, answers, rules.price(part.text), await self._uploaded(part))

    async def _uploaded(self, part: Part) -> list[str]:
        """The names that X gives to the part's files; nothing is out before all of them are there."""
        return [await give(self.api, self._given, file, direct=part.reach is Reach.PRIVATE) for file in part.files]

    async def _out_already(self, part: Part, refused: Duplicate) -> str:
        try:
            found = await self._find(part, self.clock.now() - self.back)
        except SendError as error:
            raise OutcomeUnknown(f"{refused}; it could not be looked for: {error}") from error
        if found is None and part.reach is Reach.PRIVATE:  # X has said so of messages that it did deliver
            raise OutcomeUnknown(f"{refused}; it was not found") from refused
        if found is None:
            raise refused
        return found

    async def _find(self, part: Part, start: datetime) -> str | None:
        now = self.clock.now()
        if part.reach is Reach.PRIVATE:
            for talk in those_opened((await self.api.talk(_person(part.to))).data, _talk):
                recent = honest(talk.created_at, now) >= start
                if talk.sender_id == self.me and recent and words(talk.text or "") == words(part.text):
                    return DIRECT + talk.id
            return None
        answers = part.in_reply_to.removeprefix(IMPLIED)
        for post in those_opened((await self.api.own(self.me, start)).data, _post):
            if post.references.get("replied_to") == answers and words(post.words) == words(part.text):
                return post.id
        return None

    async def _around(self, since: datetime | None, is_more: bool, now: datetime) -> list[Event] | None:
        """Answers to us and quotations since then, whether they mention us or not; None where they cannot be searched.

        `is_more`: nothing else may be held up. An account that X does not let search is well without.
        """
        self._since = since or self._since or now
        start = max(self._since - SLACK, now - self.limits.window("searched"), now - self.back)
        try:
            self.name = self.name or (await self.api.me()).username or ""
            pages = await self.api.around(self.name, start) if self.name else []
        except Refused:
            self._not_let = now
            return None
        except Unavailable:
            if not is_more:
                raise
            return None
        return [event for page in pages for raw in page.data for event in post_in(bytes(raw), page.includes, self.me, now)][
            ::-1
        ]

    def _fresh(self, pages: list[Listed], since: str, now: datetime) -> list[Event]:
        """The direct messages after `since`, oldest first; at the first reading those of the last days."""
        found: list[Event] = []
        for page in pages:
            for raw in page.data:
                events = talk_in(bytes(raw), page.includes, self.me, now)
                found += [e for e in events if not since or rank(e.key) > rank(DIRECT + since) or not e.key.startswith(DIRECT)]
        return [event for event in found[::-1] if event.at >= now - self.back]


def _person(to: str) -> str:
    """The number of an account. Raises Refused where the handle is another name: only a number can be written to."""
    name = address_of(to, NAME)
    if not _POST.fullmatch(name):
        raise Refused(f"a direct message needs the number of an account, got {name!r}")
    return name


def _place(cursor: bytes | None) -> _Place:
    try:
        return msgspec.json.decode(cursor, type=_Place) if cursor else _Place()
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _Place()


def open_x(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    me, dash, _ = given["token"].partition("-")
    if not dash or not _POST.fullmatch(me):
        raise BadInput(
            f"`token` of account {account.id!r} must be an access token of OAuth 1.0a, which begins with the account's number"
        )
    keys = Keys(given["consumer_key"], given["consumer_secret"], given["token"], given["token_secret"])
    limits, now = limits_of(__package__), means.clock.now()
    limits.fill(means.budget, now)
    allow_money(means.budget, number(given, "month"), now)
    api = XApi(json_api(means.http, means.clock, means.budget), keys, limits, lambda: secrets.token_hex(16))
    direct, self_serve, long_posts = (given[name] == "yes" for name in ("direct", "self_serve", "long_posts"))
    return XChannel(api, me, means.clock, limits, timedelta(days=number(given, "days")), direct, self_serve, long_posts)


NETWORK = Network(NAME, Wording("X", "X"), FIELDS, open_x, Evidence.CONTRACT, (ROOT.removeprefix("https://"),))
