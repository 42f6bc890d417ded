"""One account on a Mastodon server, or on one that speaks its API, as a channel."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Event,
    Exchange,
    Field,
    Fitted,
    Idempotency,
    Means,
    MediaRules,
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
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import limits_of
from rapport.channels.mastodon.api import Api
from rapport.channels.mastodon.edits import Edits, news_in
from rapport.channels.mastodon.instance import Found, look
from rapport.channels.mastodon.moderating import moderate, ops_of
from rapport.channels.mastodon.notes import id_in, rank, written_at
from rapport.channels.mastodon.parse import NAME, Notification, Status, key_of, messages_in
from rapport.channels.mastodon.text import length, letters, mention
from rapport.channels.plain import plain_from_html
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

LIMITS = limits_of(__package__)
FIELDS = (
    Field("server", Wording("Servidor, con https://", "Server, with https://")),
    Field("token", Wording("Clave de acceso", "Access token"), secret=True),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
)
PAGE = 80
FULL = 20  # servers cap a page at 30, 40 or 80; from here on there may be more
MOST_PAGES = 10  # of the first reading
PATIENCE = 3  # readings for which a thread may fail
TELLABLE = LIMITS.window("tellable")
SLACK = timedelta(minutes=2)  # between the server's clock and ours
KNOWN_POSTS = 5000


class _Posted(msgspec.Struct, frozen=True):
    id: str | int
    uri: str
    created_at: datetime | None = None


class _Context(msgspec.Struct, frozen=True):
    ancestors: list[Status] = []


class _Search(msgspec.Struct, frozen=True):
    statuses: list[_Posted] = []


@dataclass(slots=True)
class MastodonChannel:
    """One account. What the server is and can do is asked once, before the first reading or sending."""

    api: Api
    clock: Clock
    back: timedelta
    found: Found | None = None
    capabilities: Capabilities = field(default_factory=lambda: _capabilities(None))
    _ids: OrderedDict[str, str] = field(default_factory=OrderedDict)
    _failed: dict[str, int] = field(default_factory=dict)
    _edits: Edits = field(default_factory=lambda: Edits(LIMITS.window("edits")))

    async def probe(self) -> Probe:
        """Ask the server who we are and what it takes."""
        try:
            self.found = await look(self.api)
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        self.capabilities = _capabilities(self.found)
        health = Wording(f"Conectada como {self.found.name}.", f"Connected as {self.found.name}.")
        return Probe(True, health, self.capabilities, self.clock.now(), self.found.name)

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """The mentions in what the server said."""
        return messages_in(raw, self._host, self.clock.now())

    @property
    def _host(self) -> str:
        return self.found.host if self.found else urlsplit(self.api.server).hostname or ""

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody may be answered, in public or directly."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts that each begin with the person's name: without it they would not be told."""
        limit, prefix = self.capabilities.text_limit, f"{mention(to)} "
        if text.lstrip().lower().startswith(prefix.lower()):
            text = text.lstrip()[len(prefix) :]
        room = limit - len(prefix)
        if room < 20:
            note = Wording("El nombre de la persona no deja sitio.", "The person's name leaves no room.")
            return Fitted((), limit, Unit.CHARS, (note,))
        parts = tuple(prefix + part for part in split(text, room, length))
        named = Wording(f"Empieza con {prefix.strip()}.", f"It begins with {prefix.strip()}.")
        many = Wording(f"Se publica en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
        return Fitted(parts, limit, Unit.CHARS, (named, many) if len(parts) > 1 else (named,))

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Post it, in the thread and with the reach that were approved."""
        if mention(part.to).lower() not in part.text.lower():
            raise Refused(f"the text must name {mention(part.to)}, or they are not told; let `fit` make the parts")
        form: dict[str, str | list[str]] = {"status": part.text}
        form["visibility"] = "public" if part.reach is Reach.PUBLIC else "direct"
        if part.in_reply_to:
            form["in_reply_to_id"] = await self._id_of(part.in_reply_to)
        form["media_ids[]"] = [await self.api.upload(file) for file in part.files]
        answer = await self.api.post("/api/v1/statuses", form, once)
        try:
            posted = msgspec.json.decode(answer, type=_Posted)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise OutcomeUnknown(f"the server took it and answered something else: {error}") from error
        self._remember(posted.uri, posted.id)
        return Receipt(key_of(posted.uri), posted.created_at or self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """The mentions after the cursor, which is the id of the last notification read."""
        self.api.spare()
        await self._ready()
        last = cursor.decode("ascii", "replace") if cursor else ""
        if last:
            notes, more = await self._newer(last)
        else:
            notes, last = await self._first()
            more = False
        events: list[Event] = []
        for raw in notes:
            last = max(last, id_in(raw), key=rank)
            events += self.parse(await self._with_thread(raw))
        if not more and self._edits.is_time(self.clock.now()):
            events += news_in(await self._notifications(), last, self._host, self.clock.now())
        return Page(tuple(events), last.encode() or None, more)

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """The post of ours that says the same, with the same reach, since about then."""
        wanted, since = letters(part.text), near - SLACK
        me = (await self._ready()).id
        for path in (f"/api/v1/accounts/{quote(me)}/statuses", "/api/v1/timelines/home"):
            for status in await self.api.get(path, list[Status], limit=40):
                ours = str(status.account.id) == me or path.endswith("/statuses")
                public = status.visibility in ("public", "unlisted")
                recent = status.created_at is None or status.created_at >= since
                same = public is (part.reach is Reach.PUBLIC) and letters(plain_from_html(status.content)) == wanted
                if ours and recent and same:
                    return key_of(status.uri)
        if self.clock.now() - near < TELLABLE:
            raise Unavailable("the server may still be posting it", TELLABLE)
        return None

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Take down or edit a post of ours; mark one of theirs as a favourite, whatever the sign."""
        await self._ready()
        if op not in self.capabilities.ops:
            raise Refused(f"this server cannot {op} a post")
        await moderate(self.api, await self._id_of(key), op, argument)

    async def _ready(self) -> Found:
        if self.found is None:
            self.found = await look(self.api)
            self.capabilities = _capabilities(self.found)
        return self.found

    async def _newer(self, last: str) -> tuple[list[bytes], bool]:
        notes = await self._notifications(min_id=last)
        return [n for n in notes if rank(id_in(n)) > rank(last)], len(notes) >= FULL

    async def _first(self) -> tuple[list[bytes], str]:
        """The notifications of the last days, paged backwards, and the id of the newest one that there is."""
        newest = ""
        found: list[bytes] = []
        oldest: dict[str, str | int] = {}
        since = self.clock.now() - self.back
        for _ in range(MOST_PAGES):
            page = await self._notifications(**oldest)
            newest = newest or (id_in(page[-1]) if page else "")
            fresh = [note for note in page if written_at(note) is None or (written_at(note) or since) >= since]
            found = fresh + found
            if not page or len(fresh) < len(page):
                break
            oldest = {"max_id": id_in(page[0])}
        return found, newest

    async def _notifications(self, **query: str | int) -> list[bytes]:
        """A page of notifications, oldest first."""
        wanted: dict[str, str | int] = {"limit": PAGE, "types[]": "mention", "include_filtered": "true", **query}
        notes = [bytes(n) for n in await self.api.get("/api/v1/notifications", list[msgspec.Raw], **wanted)]
        return sorted(notes, key=lambda note: rank(id_in(note)))

    async def _with_thread(self, raw: bytes) -> bytes:
        """The notification with the uri of the post that it answers and of the thread's first."""
        try:
            note = msgspec.json.decode(raw, type=Notification)
        except (msgspec.MsgspecError, RecursionError):
            return raw
        if note.status is None or note.type != "mention":
            return raw
        self._remember(note.status.uri, note.status.id)
        above = await self._ancestors(note.status)
        parent = [s.uri for s in above if str(s.id) == str(note.status.in_reply_to_id)] or [s.uri for s in above[-1:]]
        root = [s.uri for s in above if s.in_reply_to_id is None] or [s.uri for s in above[:1]]
        said = {"notification": msgspec.Raw(raw), "parent": "".join(parent[:1]), "root": "".join(root[:1])}
        return msgspec.json.encode(said)

    async def _ancestors(self, status: Status) -> Sequence[Status]:
        if status.in_reply_to_id is None:
            return ()
        try:
            context: _Context = await self.api.get(f"/api/v1/statuses/{quote(str(status.id), safe='')}/context", _Context)
        except Refused:  # the post is gone, or not for us: the mention still stands
            return ()
        except Unavailable:
            self._failed[status.uri] = self._failed.get(status.uri, 0) + 1
            if self._failed[status.uri] < PATIENCE:
                raise
            del self._failed[status.uri]  # one thread that cannot be had does not stop what comes behind it
            return ()
        for above in context.ancestors:
            self._remember(above.uri, above.id)
        return context.ancestors

    async def _id_of(self, key: str) -> str:
        """The server's own id of the post that we call `key`. Raises Refused where the server does not know it."""
        if key in self._ids:
            return self._ids[key]
        if (await self._ready()).is_snac:  # its search knows only https; its ids end with the MD5 of the uri
            return "0" * 10 + hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        query = {"q": key, "type": "statuses", "resolve": "true"}
        search: _Search = await self.api.get("/api/v2/search", _Search, **query)
        for status in search.statuses:
            if key_of(status.uri) == key:
                self._remember(status.uri, status.id)
                return str(status.id)
        raise Refused("the post that is meant is not there any more")

    def _remember(self, uri: str, local: str | int) -> None:
        self._ids[key_of(uri)] = str(local)
        while len(self._ids) > KNOWN_POSTS:
            self._ids.popitem(last=False)


def _capabilities(found: Found | None) -> Capabilities:
    native = found is not None and found.is_mastodon
    return Capabilities(
        kind=ChannelKind.SOCIAL,
        reaches=frozenset(Reach),
        text_limit=found.limit if found else LIMITS.text_limit,
        idempotency=Idempotency.NATIVE if native else Idempotency.NONE,
        can_locate=True,
        poll=LIMITS.poll,
        ops=ops_of(found),
        edits_seen=found is None or not found.is_snac,
        media=found.media if found else MediaRules(),
        one_sign=frozenset(Reach),
    )


def open_mastodon(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    server = urlsplit(given["server"].rstrip("/"))
    if server.scheme not in ("http", "https") or not server.hostname or server.path:
        raise BadInput(f"`server` of account {account.id!r} must look like https://example.social, got {given['server']!r}")
    api = Api(means.http, server.geturl(), given["token"], means.clock)
    return MastodonChannel(api, means.clock, timedelta(days=number(given, "days")))


TITLE = Wording("Mastodon y servidores afines", "Mastodon and its kin")
NETWORK = Network(NAME, TITLE, FIELDS, open_mastodon, hosts=("{server}",))
