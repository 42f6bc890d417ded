"""One account on a Matrix homeserver as a channel. Rooms of two are private; in larger ones everybody reads along."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    Idempotency,
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
from rapport.channels.json_api import JsonApi
from rapport.channels.limits import limits_of
from rapport.channels.matrix.api import HINT_SECONDS, Homeserver, Joined, Members, judge
from rapport.channels.matrix.parse import FEW, NAME, RoomEvent, reports_in, said_in, sent
from rapport.channels.splitting import split
from rapport.channels.tokens import bearer
from rapport.channels.units import measure
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Media, Reach
from rapport.model.news import Delivery

LIMITS = limits_of(__package__)
FIELDS = (
    Field("server", Wording("Servidor, con https://", "Homeserver, with https://")),
    Field("token", Wording("Clave de acceso", "Access token"), secret=True),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
    Field("join", Wording("Aceptar invitaciones", "Accept invitations"), "yes", choices=("yes", "no")),
    READ_MARKS,
)
FILTER = msgspec.json.encode(
    {
        "presence": {"types": []},
        "account_data": {"types": []},
        "room": {
            "timeline": {"limit": LIMITS.lengths["timeline"]},
            "state": {"types": []},
            "account_data": {"types": []},
            "ephemeral": {"types": ["m.receipt"]},
        },
    }
).decode()


@dataclass(slots=True)
class MatrixChannel:
    """One account. `back`: how far the first reading goes; `joins`: whether invitations are accepted."""

    home: Homeserver
    clock: Clock
    back: timedelta
    joins: bool
    capabilities: Capabilities
    me: str = ""
    _members: dict[str, Members] = field(default_factory=dict)  # of the rooms of one reading

    async def probe(self) -> Probe:
        """Ask the homeserver who we are."""
        try:
            self.me = await self.home.me()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now())
        health = Wording(f"Conectada como {self.me}.", f"Connected as {self.me}.")
        return Probe(True, health, self.capabilities, self.clock.now(), self.me)

    def parse(self, raw: bytes) -> list[Event]:
        """What an event of a room says."""
        return [*said_in(raw, self.me, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody may be answered; who never wrote is invited into a room of their own."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts whose events stay within what a homeserver takes."""
        parts = tuple(split(text, LIMITS.text_limit, lambda part: measure(part, LIMITS.unit)))
        many = Wording(f"Sale en {len(parts)} mensajes.", f"It goes out in {len(parts)} messages.")
        return Fitted(parts, LIMITS.text_limit, LIMITS.unit, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Say it in the room where the person wrote, or in one with them alone."""
        room, answered = _place(part.in_reply_to)
        room = room or _place(part.thread)[0]
        if part.reach is Reach.PUBLIC and not room:
            raise Refused("a public answer needs the room where the person wrote")
        if part.reach is Reach.PRIVATE and not (room and await self._alone_with(room, part.to)):
            room, answered = await self._room_with(address_of(part.to, NAME)), answered if room else ""
            answered = answered if part.in_reply_to.startswith(f"{room}/") else ""
        content: dict[str, object] = {"msgtype": "m.text", "body": part.text}
        if part.files:
            content = await self._file_event(part)
        root = part.thread.removeprefix(f"{room}/") if part.thread.startswith(f"{room}/") else ""
        if root:
            reply = {"event_id": answered or root}
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": root, "m.in_reply_to": reply}
        elif answered:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": answered}}
        event = await self.home.send(room, "m.room.message", once, content)
        return Receipt(f"{room}/{event}", self.clock.now())

    async def _file_event(self, part: Part) -> dict[str, object]:
        """What an event says of the file of a part, after the homeserver has it."""
        [file] = part.files
        kind = file.type.partition("/")[0]
        address = await self.home.upload(file)
        return {
            "msgtype": f"m.{kind}" if kind in ("image", "audio", "video") else "m.file",
            "body": file.alt or file.name,
            "filename": file.name,
            "url": address,
            "info": {"mimetype": file.type, "size": len(file.data)},
        }

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Edit or take back what we said, react, or say that we have read."""
        room, event = _place(key)
        if not event:
            raise Refused(f"{key!r} names no message of Matrix")
        if op is Op.DELETE:
            await self.home.redact(room, event, once)
        elif op is Op.EDIT:
            new = {"msgtype": "m.text", "body": argument}
            relation = {"rel_type": "m.replace", "event_id": event}
            content = {"msgtype": "m.text", "body": f"* {argument}", "m.new_content": new, "m.relates_to": relation}
            await self.home.send(room, "m.room.message", once, content)
        elif op is Op.REACT:
            relation = {"rel_type": "m.annotation", "event_id": event, "key": argument}
            await self.home.send(room, "m.reaction", once, {"m.relates_to": relation})
        elif op is Op.UNREACT:
            for raw in await self.home.reactions(room, event):
                mine = msgspec.json.decode(raw, type=RoomEvent)
                if mine.sender == await self._name() and mine.content.relates.key == argument:
                    await self.home.redact(room, mine.event_id, once)
        elif op is Op.MARK_READ:
            await self.home.seen(room, event)
        else:
            raise Refused(f"Matrix cannot {op} a message")

    async def pull(self, cursor: bytes | None) -> Page:
        """What is new after the cursor, which is the homeserver's own; gaps in a room's timeline are read too."""
        me, since = await self._name(), cursor.decode("utf-8", "replace") if cursor else ""
        self._members.clear()
        found = await self.home.sync(since, FILTER)
        for room in found.rooms.invite if self.joins else ():
            await self.home.join(room)
        events: list[Event] = []
        files: dict[str, bytes] = {}
        for room, joined in found.rooms.join.items():
            for raw in await self._timeline(room, joined, since):
                told = await self._told(room, bytes(raw), me)
                events += [await self._with_file(event, files) for event in self.parse(told)] if told else []
            events += [one for raw in joined.ephemeral.events for one in reports_in(bytes(raw), room, me, self.clock.now())]
        return Page(tuple(events), found.next_batch.encode(), bool(found.rooms.invite) and self.joins, files)

    async def listen(self) -> AsyncIterator[None]:
        """A hint whenever the homeserver has something new."""
        since = (await self.home.sync("", '{"room":{"timeline":{"limit":0}}}')).next_batch
        while True:
            found = await self.home.sync(since, FILTER, HINT_SECONDS)
            since = found.next_batch
            if found.rooms.join or found.rooms.invite:
                yield

    async def _name(self) -> str:
        if not self.me:
            self.me = await self.home.me()
        return self.me

    async def _timeline(self, room: str, joined: Joined, since: str) -> list[msgspec.Raw]:
        """The room's new events, oldest first. Where the homeserver left some out, they are asked for page by page."""
        events, start = list(joined.timeline.events), joined.timeline.prev_batch
        if not since:
            oldest = (self.clock.now() - self.back).timestamp() * 1000
            return [raw for raw in events if sent(bytes(raw)).origin_server_ts >= oldest]
        pages = LIMITS.lengths["pages"] if joined.timeline.limited and start else 0
        for _ in range(pages):
            page = await self.home.before(room, start, since, LIMITS.lengths["timeline"])
            events = [*reversed(page.chunk), *events]
            if not page.end or not page.chunk:
                break
            start = page.end
        return events

    async def _told(self, room: str, raw: bytes, me: str) -> bytes | None:
        """An event with what only the room knows; None: it is our own, as far as that can be seen."""
        sender = sent(raw).sender
        if sender == me:
            return None
        if room not in self._members:
            self._members[room] = await self._who_is_in(room)
        members = self._members[room].joined
        known = members.get(sender)
        count, name = len(members) or FEW, (known.display_name or "") if known else ""
        return msgspec.json.encode({"room": room, "event": msgspec.Raw(raw), "members": count, "name": name})

    async def _who_is_in(self, room: str) -> Members:
        try:
            return await self.home.members(room)
        except Refused:  # we were shown the door meanwhile: what was said before still stands
            return Members()

    async def _with_file(self, event: Event, files: dict[str, bytes]) -> Event:
        if not isinstance(event, Incoming) or not event.media:
            return event
        return msgspec.structs.replace(event, media=tuple([await self._kept(media, files) for media in event.media]))

    async def _kept(self, media: Media, files: dict[str, bytes]) -> Media:
        try:
            data = await self.home.file(media.url, LIMITS.lengths["file"])
        except SendError as error:
            return msgspec.structs.replace(media, reason=str(error)[:300])
        name = hashlib.sha256(data).hexdigest()
        files[name] = data
        return msgspec.structs.replace(media, blob=name, size=len(data))

    async def _alone_with(self, room: str, to: str) -> bool:
        members = (await self._who_is_in(room)).joined
        return not members or (len(members) <= FEW and address_of(to, NAME) in members)

    async def _room_with(self, person: str) -> str:
        """The room with one person alone: one that is there, else a new one, of which the alias makes that there is one."""
        if not person.startswith("@") or ":" not in person:
            raise Refused(f"a person on Matrix is @name:server, got {person!r}")
        me = await self._name()
        alias = "rapport-" + hashlib.sha256(f"{me}\n{person}".encode()).hexdigest()[:24]
        for room in await self.home.rooms():
            if (await self._who_is_in(room)).joined.keys() == {me, person}:
                return room
        try:
            return await self.home.open_room(alias, person)
        except Refused as refused:
            if str(refused) != "M_ROOM_IN_USE":
                raise
            return await self.home.room_called(f"#{alias}:{me.partition(':')[2]}")


def _place(key: str) -> tuple[str, str]:
    """(room, event) of a key or a thread; "" where it has none."""
    room, _, event = key.partition("/")
    return (room, event) if room.startswith("!") else ("", "")


def _capabilities() -> Capabilities:
    return Capabilities(
        kind=ChannelKind.CHAT,
        reaches=frozenset(Reach),
        text_limit=LIMITS.text_limit,
        unit=LIMITS.unit,
        idempotency=Idempotency.NATIVE,
        poll=LIMITS.poll,
        ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.EDIT, Op.DELETE, Op.REACT, Op.UNREACT, Op.MARK_READ}),
        reports=frozenset({Delivery.READ}),
        edits_seen=True,
        deletes_seen=True,
        media=LIMITS.media,
    )


def open_matrix(account: Account, means: Means) -> Channel:
    """The account that its settings name."""
    given = settings_of(account, FIELDS, means.secret)
    server = urlsplit(given["server"].rstrip("/"))
    if server.scheme not in ("http", "https") or not server.hostname or server.path:
        raise BadInput(f"`server` of account {account.id!r} must look like https://matrix.example, got {given['server']!r}")
    api = JsonApi(means.http, server.geturl(), means.clock, bearer(given["token"]), means.budget, judge=judge)
    back = timedelta(days=number(given, "days"))
    return MatrixChannel(Homeserver(api), means.clock, back, given["join"] == "yes", _capabilities())


NETWORK = Network(NAME, Wording("Matrix", "Matrix"), FIELDS, open_matrix, hosts=("{server}",))
