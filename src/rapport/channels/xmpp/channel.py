"""One XMPP account as a channel: its archive is read, its stream says when, messages go out by the same line."""

import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element

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
    address_of,
    ailing,
)
from rapport.channels.fields import READ_MARKS, number, settings_of
from rapport.channels.limits import limits_of
from rapport.channels.splitting import split
from rapport.channels.units import measure
from rapport.channels.xmpp.api import Line, Login, check_installed
from rapport.channels.xmpp.parse import (
    MARKERS,
    NAME,
    OURS,
    REACTIONS,
    RECEIPTS,
    REPLACE,
    REPLY,
    RETRACT,
    bare,
    element_in,
    key_of_ours,
    said_in,
    stanza_in,
    wanted_receipt,
    writable,
)
from rapport.channels.xmpp.upload import Uploads, out_of_band
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.news import Delivery

LIMITS = limits_of(__package__)
PAGE = LIMITS.lengths["page"]
TELLABLE, SLACK = LIMITS.window("tellable"), LIMITS.window("slack")
FIELDS = (
    Field("address", Wording("Dirección, como ayuda@example.org", "Address, such as care@example.org")),
    Field("password", Wording("Contraseña", "Password"), secret=True),
    Field("host", Wording("Servidor (vacío: lo dice el DNS)", "Server (empty: the DNS says)"), ""),
    Field("port", Wording("Puerto", "Port"), "5222"),
    Field("security", Wording("Cifrado", "Encryption"), "starttls", choices=("starttls", "tls", "none")),
    Field("upload", Wording("Servicio de archivos (vacío: van como enlace)", "File service (empty: they go as a link)"), ""),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
    READ_MARKS,
)
CAPABILITIES = Capabilities(
    kind=ChannelKind.CHAT,
    reaches=frozenset({Reach.PRIVATE}),
    text_limit=LIMITS.text_limit,
    unit=Unit.BYTES,
    can_locate=True,
    poll=LIMITS.poll,
    ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW, Op.EDIT, Op.DELETE, Op.REACT, Op.UNREACT, Op.MARK_READ}),
    reports=frozenset({Delivery.DELIVERED, Delivery.READ, Delivery.FAILED}),
    edits_seen=True,
    deletes_seen=True,
    one_sign=frozenset({Reach.PRIVATE}),
)
_ADDRESS = re.compile(r"[^\s@/<>\"'&:]{1,250}@[^\s@/<>\"'&:]{1,250}")


class Place(msgspec.Struct, frozen=True):
    """How far the archive was read: the name of the last result, and a time before which everything was."""

    id: str
    at: datetime


@dataclass(slots=True)
class XmppChannel:
    """One account. `_owed`: who wants to hear that their messages came, told once those are in the record."""

    line: Line
    own: str
    clock: Clock
    back: timedelta
    capabilities: Capabilities = CAPABILITIES
    uploads: Uploads | None = None
    _owed: tuple[bytes, list[tuple[str, str]]] = field(default=(b"", []))

    async def probe(self) -> Probe:
        """Log in, and look whether the server keeps an archive for us."""
        now = self.clock.now()
        try:
            features = await self.line.features()
        except (SendError, BadInput) as error:
            problem = error if isinstance(error, SendError) else Unavailable(str(error))
            return Probe(False, ailing(problem), self.capabilities, now, self.own)
        if "urn:xmpp:mam:2" not in features:
            none = "El servidor no guarda los mensajes (XEP-0313).", "The server keeps no archive of messages (XEP-0313)."
            return Probe(False, Wording(*none), self.capabilities, now, self.own)
        return Probe(
            True, Wording("Conectada; hay archivo.", "Connected; there is an archive."), self.capabilities, now, self.own
        )

    def parse(self, raw: bytes) -> list[Event]:
        """What a result of the archive, or a message of the stream, says."""
        return [*said_in(raw, self.own, self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Anybody may be written to."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts that every server takes."""
        parts = tuple(split(writable(text), LIMITS.text_limit, lambda part: measure(part, Unit.BYTES)))
        many = Wording(f"Sale en {len(parts)} partes.", f"It goes out in {len(parts)} parts.")
        return Fitted(parts, LIMITS.text_limit, Unit.BYTES, (many,) if len(parts) > 1 else ())

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Send it under an id made from `once`, in the thread and as the answer that it is."""
        if part.reach is not Reach.PRIVATE:
            raise Refused("a message on XMPP is private; it cannot be public")
        to, name = _addressee(part.to), _id_of(once)
        beside = [Element(f"{RECEIPTS}request"), Element(f"{MARKERS}markable")]
        answered = part.in_reply_to
        if answered.startswith((f"{to}/", f"{OURS}{to}/")):
            author = self.own if answered.startswith(OURS) else to
            beside.append(Element(REPLY, {"to": author, "id": answered.partition("/")[2]}))
        if part.thread.startswith(f"{to}/"):
            thread = Element("{jabber:client}thread")
            thread.text = writable(part.thread.partition("/")[2])
            beside.append(thread)
        text = writable(part.text)
        if part.files:
            if self.uploads is None:
                raise Refused("this account has no file service; set `upload`, or send the file as a link")
            text = await self.uploads.put(part.files[0])
            beside.append(out_of_band(text))
        await self.line.send(to, name, text, *beside)
        return Receipt(key_of_ours(to, name), self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """What the archive has behind the cursor; and what came back undelivered since the last reading."""
        place = _place(cursor) or Place("", self.clock.now() - self.back)
        await self._acknowledge(cursor or b"")
        try:
            results, whole = await self.line.archive(after=place.id, start=None if place.id else place.at, most=PAGE)
        except BadInput:  # the archive is shorter than it was; what we had already is known by its key
            results, whole = await self.line.archive(start=place.at - SLACK, most=PAGE)
        events: list[Event] = []
        owed: list[tuple[str, str]] = []
        for raw in results:
            said = self.parse(raw)
            events += said
            place = _behind(raw, place)
            if any(isinstance(event, Incoming) for event in said) and (asked := wanted_receipt(raw)):
                owed.append(asked)
        while self.line.late:
            events += self.parse(self.line.late.pop(0))
        behind = msgspec.json.encode(place)
        self._owed = behind, owed
        if owed:
            self.line.wake()  # so that the next reading, which says that this one was recorded, comes at once
        return Page(tuple(events), behind, not whole)

    async def listen(self) -> AsyncIterator[None]:
        """A hint whenever the stream brings something."""
        async for _ in self.line.hints():
            yield

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """Whether our own archive has a message of that id to that person."""
        to, name, after = _addressee(part.to), _id_of(once), ""
        while True:
            try:
                results, whole = await self.line.archive(
                    after=after, start=None if after else near - SLACK, with_whom=to, most=PAGE
                )
            except (Refused, BadInput) as error:
                raise Unavailable(f"the archive cannot be asked: {error}") from error
            for raw in results:
                stanza = stanza_in(element_in(raw))
                after = stanza.archived if stanza else after
                if stanza and (stanza.sender, stanza.id) == (self.own, name):
                    return key_of_ours(to, name)
            if whole:
                break
        if self.clock.now() - near < TELLABLE:
            raise Unavailable("the server may still be writing it down", TELLABLE)
        return None

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Correct or retract a message of ours, react to one of theirs, or say that it was read."""
        ours = key.startswith(OURS)
        to, _, of = key.removeprefix(OURS).partition("/")
        if not of or "@" not in to:
            raise Refused("the program that sent this message gave it no name that one could refer to")
        body, element = "", Element("{urn:xmpp:hints}store")
        if op is Op.EDIT and ours and argument.strip():
            body, element = writable(argument), Element(REPLACE, {"id": of})
        elif op is Op.DELETE and ours:
            element = Element(RETRACT, {"id": of})
        elif op in (Op.REACT, Op.UNREACT):
            element = _reactions(of, argument if op is Op.REACT else "")
        elif op is Op.MARK_READ and not ours:
            element = Element(f"{MARKERS}displayed", {"id": of})
        else:
            raise Refused(f"{op} cannot be done to this message on XMPP, or says nothing")
        await self.line.send(to, _id_of(once), body, element, Element("{urn:xmpp:hints}store"))

    async def aclose(self) -> None:
        """Hang up."""
        await self.line.close()

    async def _acknowledge(self, recorded: bytes) -> None:
        """Tell those who asked that their messages came, now that the reading which brought them is in the record."""
        behind, owed = self._owed
        self._owed = b"", []
        if behind != recorded:
            return
        for to, of in owed:
            try:
                await self.line.send(to, _id_of(f"receipt {to} {of}"), "", Element(f"{RECEIPTS}received", {"id": of}))
            except (Refused, OutcomeUnknown):
                continue


def _behind(raw: bytes, place: Place) -> Place:
    """The place behind a result of the archive."""
    try:
        stanza = stanza_in(element_in(raw))
    except (SyntaxError, ValueError, LookupError):
        return place
    return Place(stanza.archived, stanza.at or place.at) if stanza is not None and stanza.archived else place


def _place(cursor: bytes | None) -> Place | None:
    try:
        return msgspec.json.decode(cursor, type=Place) if cursor else None
    except msgspec.MsgspecError as error:
        raise BadInput(f"the cursor of this account cannot be read: {error}") from error


def _reactions(of: str, sign: str) -> Element:
    element = Element(f"{REACTIONS}reactions", {"id": of})
    if sign:
        reaction = Element(f"{REACTIONS}reaction")
        reaction.text = writable(sign)
        element.append(reaction)
    return element


def _addressee(handle: str) -> str:
    to = bare(address_of(handle, NAME))
    if not _ADDRESS.fullmatch(to):
        raise Refused(f"{to[:100]!r} is not an address of XMPP, such as ana@example.org")
    return to


def _id_of(once: str) -> str:
    """The id of the message that `once` names: always the same one, and one of ours by its beginning."""
    return "rapport-" + hashlib.sha256(once.encode("utf-8", "replace")).hexdigest()[:32]


def open_xmpp(account: Account, means: Means) -> Channel:
    """The account that its settings name. Raises BadInput with the cure where the extra `xmpp` is not installed."""
    given = settings_of(account, FIELDS, means.secret)
    check_installed()
    own = bare(given["address"])
    if not _ADDRESS.fullmatch(own):
        raise BadInput(f"`address` of account {account.id!r} must look like care@example.org, got {given['address']!r}")
    login = Login(own, given["password"], given["host"], int(number(given, "port")), given["security"], means.tls)
    line, back, place = Line(login), timedelta(days=number(given, "days")), given["upload"].strip()
    if not place:
        return XmppChannel(line, own, means.clock, back)
    uploads = Uploads(line, means.http, place, plain=given["security"] == "none")
    return XmppChannel(line, own, means.clock, back, msgspec.structs.replace(CAPABILITIES, media=LIMITS.media), uploads)


HOSTS = ("{host}:{port}|{address}:{port}", "{upload}")
NETWORK = Network(NAME, Wording("XMPP (Jabber)", "XMPP (Jabber)"), FIELDS, open_xmpp, hosts=HOSTS, by_proxy=False)
