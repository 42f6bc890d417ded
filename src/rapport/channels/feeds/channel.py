"""One feed as a channel: read when it changed; what it says is public, and cannot be answered here."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
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
    Unit,
    Wording,
    ailing,
)
from rapport.channels.feeds.api import LIMITS, Fetched, Site
from rapport.channels.feeds.parse import NAME, Known, first_since, messages_in, told
from rapport.channels.feeds.reader import Document, Feed
from rapport.channels.fields import number, settings_of
from rapport.channels.sandbox import Sandbox
from rapport.channels.wire import unreadable
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach

FIELDS = (
    Field("address", Wording("Dirección del canal RSS o Atom", "Address of the RSS or Atom feed")),
    Field("minutes", Wording("Minutos entre dos lecturas", "Minutes between two readings"), f"{LIMITS.poll / 60:g}"),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
    Field("user", Wording("Usuario (si el sitio lo pide)", "User (where the site asks for one)"), ""),
    Field("password", Wording("Contraseña", "Password"), "", secret=True),
)
READ_ONLY = Wording(
    "Un blog o foro solo se lee aquí; responda en su propia página o en otro canal.",
    "A blog or forum is only read here; answer on its own page or on another channel.",
)


@dataclass(slots=True)
class FeedChannel:
    """One feed. `days`: how far back the first reading goes."""

    site: Site
    sandbox: Sandbox
    clock: Clock
    days: float
    capabilities: Capabilities

    async def probe(self) -> Probe:
        """Fetch the feed and read it."""
        now = self.clock.now()
        try:
            fetched = await self.site.fetch()
            feed = await self._read(fetched) if fetched else Feed("", ())
        except (SendError, BadInput) as error:
            problem = error if isinstance(error, SendError) else Refused(str(error))
            return Probe(False, ailing(problem), self.capabilities, now)
        count = len(feed.entries)
        health = Wording(f"Se lee: {count} entradas.", f"It can be read: {count} entries.")
        if feed.wrong:
            es, en = f"{health.es} Su XML tiene fallas ({feed.wrong}).", f"{health.en} Its XML has faults ({feed.wrong})."
            health = Wording(es, en)
        return Probe(True, health, self.capabilities, now, feed.title)

    def parse(self, raw: bytes) -> list[Event]:
        """The messages that a feed's document holds."""
        now = self.clock.now()
        try:
            feed = self._opened(self.sandbox.run_now("feed", self._task(raw, "")))
        except (BadInput, Unavailable) as error:
            return [unreadable(raw, str(error), now)]
        return [message for _, message in messages_in(feed, self.site.address, now)]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Nothing can be said here."""
        return Eligibility(False, READ_ONLY)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """No parts: nothing can go out."""
        return Fitted((), 0, Unit.CHARS, (READ_ONLY,))

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Nothing can be said here."""
        raise Refused(READ_ONLY.en)

    async def pull(self, cursor: bytes | None) -> Page:
        """The entries that are new, and those that say something else than they did."""
        known = _known(cursor)
        fetched = await self.site.fetch(known.etag, known.modified)
        if fetched is None:
            return Page((), cursor)
        body = hashlib.sha256(fetched.raw).hexdigest()[:32]
        if body == known.body:
            return Page((), _text(known, fetched, body, known.seen))
        now = self.clock.now()
        try:
            feed = await self._read(fetched)
        except BadInput as error:
            return Page((unreadable(fetched.raw, str(error), now),), _text(known, fetched, body, known.seen))
        since = None if cursor else first_since(now, self.days)
        events, seen = told(feed, self.site.address, known, now, since)
        return Page(tuple(events), _text(known, fetched, body, seen))

    async def _read(self, fetched: Fetched) -> Feed:
        return self._opened(await self.sandbox.run("feed", self._task(fetched.raw, fetched.type)))

    def _task(self, raw: bytes, kind: str) -> bytes:
        return msgspec.msgpack.encode(Document(raw, kind, self.site.address))

    @staticmethod
    def _opened(answer: bytes) -> Feed:
        return msgspec.msgpack.decode(answer, type=Feed)


def _known(cursor: bytes | None) -> Known:
    try:
        return msgspec.json.decode(cursor, type=Known) if cursor else Known()
    except msgspec.MsgspecError as error:
        raise BadInput(f"the cursor of this feed cannot be read: {error}") from error


def _text(known: Known, fetched: Fetched, body: str, seen: dict[str, str]) -> bytes:
    return msgspec.json.encode(
        msgspec.structs.replace(known, etag=fetched.etag, modified=fetched.modified, body=body, seen=seen)
    )


def open_feed(account: Account, means: Means) -> Channel:
    """The feed of an account."""
    given = settings_of(account, FIELDS, means.secret)
    address = urlsplit(given["address"])
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        raise BadInput(f"`address` of account {account.id!r} must look like https://example.org/feed, got {given['address']!r}")
    seconds = 60 * number(given, "minutes")
    if not LIMITS.windows["shortest_poll"] <= seconds <= 86_400:
        raise BadInput(f"`minutes` of account {account.id!r} must be 1 to 1440, got {given['minutes']!r}")
    capabilities = Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset({Reach.PUBLIC}),
        text_limit=LIMITS.text_limit,
        poll=seconds,
        ops=frozenset(),
        edits_seen=True,
    )
    site = Site(means.http, given["address"], means.clock, given["user"], given["password"])
    return FeedChannel(site, means.sandbox, means.clock, number(given, "days"), capabilities)


NETWORK = Network(
    NAME, Wording("Blogs y foros (RSS, Atom)", "Blogs and forums (RSS, Atom)"), FIELDS, open_feed, hosts=("{address}",)
)
