"""One account on Bluesky, or on another server of its kind, as a channel."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from rapport.channels.bluesky.chat import Chat
from rapport.channels.bluesky.parse import NAME, said_in
from rapport.channels.bluesky.posts import Posts, is_said
from rapport.channels.bluesky.text import length, names
from rapport.channels.bluesky.xrpc import xrpc
from rapport.channels.budget import Lane
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Evidence,
    Exchange,
    Field,
    Fitted,
    Idempotency,
    Means,
    Network,
    Op,
    Page,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
    address_of,
    ailing,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import Limits, limits_of
from rapport.channels.splitting import split
from rapport.channels.watermark import OVERLAP, Watermark, fresh, read_back, since
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

FIELDS = (
    Field("server", Wording("Servidor, con https://", "Server, with https://"), "https://bsky.social"),
    Field("user", Wording("Nombre de la cuenta, sin @", "Name of the account, without @")),
    Field("password", Wording("Contraseña de aplicación", "App password"), secret=True),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
SLACK = timedelta(minutes=2)  # between the network's clock and ours
NO_CHAT = Eligibility(
    False,
    Wording(
        "Esta cuenta no tiene mensajes directos: hace falta una contraseña de aplicación que los permita.",
        "This account has no direct messages: it takes an app password that allows them.",
    ),
)


class _Place(msgspec.Struct, frozen=True):
    """A cursor: of what was said in public, of likes and the like, of the direct messages ("": not read yet)."""

    posts: Watermark = Watermark()
    signs: Watermark = Watermark()
    chat: str = ""


@dataclass(slots=True)
class BlueskyChannel:
    """One account. Whether it has direct messages is asked once, before the first reading or sending, and by each probe."""

    posts: Posts
    chat: Chat
    limits: Limits
    clock: Clock
    back: timedelta
    capabilities: Capabilities = field(init=False)
    _looked: bool = False
    _swept: datetime | None = None

    def __post_init__(self) -> None:
        self.capabilities = _capabilities(self.limits, direct=False)

    async def probe(self) -> Probe:
        """Log in, and ask whether direct messages can be had."""
        now = self.clock.now()
        try:
            me = await self.posts.xrpc.session.me()
            await self._look()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, now)
        es, en = ("", "") if self._direct else (" Sin mensajes directos.", " Without direct messages.")
        name = f"@{me.handle}"
        health = Wording(f"Conectada como {name}.{es}", f"Connected as {name}.{en}")
        return Probe(True, health, self.capabilities, now, name)

    def parse(self, raw: bytes) -> Sequence[Event]:
        """What a notification or a direct message says."""
        return said_in(raw, self.posts.xrpc.session.did, self.clock.now())

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody may be answered in public; directly where this account can have direct messages."""
        if (exchange.reach is Reach.PRIVATE or op is Op.SEND_DIRECT) and self._looked and not self._direct:
            return NO_CHAT
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Posts of 300 graphemes, or direct messages of 1,000."""
        limit = self._limit(reach)
        parts = tuple(split(text, limit, length))
        many = Wording(f"Sale en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
        return Fitted(parts, limit, Unit.GRAPHEMES, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Post it under what it answers, or say it directly."""
        if length(part.text) > self._limit(part.reach):
            raise Refused("the text is longer than the network takes; let `fit` make the parts")
        now = self.clock.now()
        if part.reach is Reach.PUBLIC:
            return Receipt(await self.posts.answer(part, once, now), now)
        known = await self.posts.known(names(part.text))
        return Receipt(await self.chat.send(await self._convo(part), part.text, known), now)

    async def pull(self, cursor: bytes | None) -> Page:
        """What concerns us, oldest first. A post is listed by the time that its author gives, so we look back behind it."""
        if not self._looked:
            await self._look()
        now, place = self.clock.now(), _place(cursor)
        lane = Lane.POLL
        sweep = self._swept is None or now - self._swept >= self.limits.window("sweep")
        until = since(place.posts, now, self.back, self.limits.window("late") if sweep else OVERLAP)
        found = await read_back(lambda token: self.posts.page(token, lane, now), until)
        new, posts = fresh(place.posts, [one for one in found if is_said(one)], now, self.limits.window("late"))
        late = since(place.signs, now, self.back)
        liked, signs = fresh(place.signs, [one for one in found if not is_said(one) and one.at >= late], now)
        raws = await self.posts.shown(sorted([*new, *liked], key=lambda one: one.at), lane)
        said, chat = await self._said(place.chat, now)
        self._swept = now if sweep else self._swept
        events = tuple(event for raw in (*raws, *said) for event in self.parse(raw))
        return Page(events, msgspec.json.encode(_Place(posts, signs, chat)))

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The post that `once` names; of direct messages the one of ours that says the same, since about then."""
        if part.reach is Reach.PUBLIC:
            return await self.posts.mine(once, part.text)
        me, now = (await self.posts.xrpc.session.me()).did, self.clock.now()
        found = await self.chat.said(await self._convo(part), part.text, near - SLACK, me, now)
        tellable = self.limits.window("tellable")
        if found is None and now - near < tellable:
            raise Unavailable("the network may still be taking it", tellable)
        return found

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Like a post, take back ours, hide an answer under ours; put a sign on a direct message."""
        direct = not key.startswith("at://")
        if op in (Op.REACT, Op.UNREACT) and direct:
            convo, _, message = key.partition("/")
            await self.chat.react(convo, message, argument or "❤️", taken_back=op is Op.UNREACT)
        elif direct or op not in self.capabilities.ops:
            raise Refused(f"Bluesky cannot {op} {'a direct message' if direct else 'a post'}")
        elif op in (Op.REACT, Op.UNREACT):
            await self.posts.like(key, liked=op is Op.REACT)
        elif op is Op.DELETE:
            await self.posts.delete(key)
        else:
            await self.posts.hide(key, hidden=op is Op.HIDE)

    def _limit(self, reach: Reach) -> int:
        return self.limits.lengths["direct"] if reach is Reach.PRIVATE and self._direct else self.limits.text_limit

    @property
    def _direct(self) -> bool:
        return Reach.PRIVATE in self.capabilities.reaches

    async def _look(self) -> None:
        await self.posts.xrpc.session.me()
        self.capabilities = _capabilities(self.limits, direct=await self.chat.there())
        self._looked = True

    async def _said(self, place: str, now: datetime) -> tuple[list[bytes], str]:
        """What was said directly. A service that does not answer now stops no public message: its place stays."""
        if not self._direct:
            return [], place
        try:
            return await (self.chat.after(place) if place else self.chat.first(now - self.back, now))
        except SendError:
            return [], place

    async def _convo(self, part: Part) -> str:
        if part.thread and not part.thread.startswith("at://"):
            return part.thread
        name = address_of(part.to, NAME).removeprefix("@")
        did = name if name.startswith("did:") else (await self.posts.known([name]))[name]
        if not did:
            raise Refused(f"nobody on the network is called {name!r}")
        return await self.chat.with_whom(did)


def _place(cursor: bytes | None) -> _Place:
    try:
        place = msgspec.json.decode(cursor or b"{}", type=_Place)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return _Place()
    return place if all(mark.at is None or mark.at.tzinfo for mark in (place.posts, place.signs)) else _Place()


def _capabilities(limits: Limits, *, direct: bool) -> Capabilities:
    """A post's key is ours, so it is posted once; of a direct message the service promises nothing."""
    ops = {Op.REPLY, Op.DELETE, Op.REACT, Op.UNREACT, Op.HIDE, Op.UNHIDE} | ({Op.SEND_DIRECT} if direct else set())
    return Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset(Reach if direct else {Reach.PUBLIC}),
        text_limit=limits.text_limit,
        unit=limits.unit,
        idempotency=Idempotency.NONE if direct else Idempotency.NATIVE,
        can_locate=True,
        poll=limits.poll,
        ops=frozenset(ops),
        media=limits.media,
        only=dict.fromkeys((Op.DELETE, Op.HIDE, Op.UNHIDE), Reach.PUBLIC),
        one_sign=frozenset({Reach.PUBLIC}),
    )


def open_bluesky(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    server, user = given["server"].rstrip("/"), given["user"].removeprefix("@").strip()
    parts = urlsplit(server)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path:
        raise BadInput(f"`server` of account {account.id!r} must be like https://bsky.social, got {given['server']!r}")
    if not re.fullmatch(r"did:[a-z]+:\S+|[\w.-]+\.[a-z0-9-]+", user, re.ASCII | re.IGNORECASE):
        raise BadInput(f"`user` of account {account.id!r} must be like acme.bsky.social, got {given['user']!r}")
    limits, now = limits_of(__package__), means.clock.now()
    limits.fill(means.budget, now)
    asked = xrpc(means, server, name=user, password=given["password"])
    back = timedelta(days=number(given, "days"))
    return BlueskyChannel(Posts(asked, limits), Chat(asked, {}), limits, means.clock, back)


NETWORK = Network(NAME, Wording("Bluesky", "Bluesky"), FIELDS, open_bluesky, Evidence.SERVER, ("server",))
