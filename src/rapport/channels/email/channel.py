"""One mailbox as a channel: IMAP is the truth, IDLE the hint, SMTP the way out."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from rapport.channels.cell import Answer
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
from rapport.channels.email.headers import is_unread
from rapport.channels.email.imap import Imap
from rapport.channels.email.mailbox import Mailbox, Place, Post
from rapport.channels.email.parse import BOUNCER, Letter, Opened
from rapport.channels.email.smtp import Sender, Server, connect, mail_name, send, written
from rapport.channels.fields import number, settings_of
from rapport.channels.limits import limits_of
from rapport.channels.sandbox import Sandbox
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Reach, Unreadable
from rapport.model.news import Delivery

NAME = "email"
LIMITS = limits_of(__package__)
BREATH = 64 * 1024  # bytes of mails that are read together: far from the two seconds and the memory of one
TELLABLE = LIMITS.window("tellable")
REPORTS = frozenset({Delivery.SENT, Delivery.DELIVERED, Delivery.READ, Delivery.FAILED})
NOBODY = Wording("Un servidor devolvió este correo; nadie lo leería.", "A server returned this mail; nobody would read it.")
UNREAD = Wording("Nadie lee esa dirección.", "Nobody reads that address.")
MACHINE = Wording(
    "Esto lo escribió una máquina (un aviso de ausencia, una lista): una respuesta podría dar vueltas sin fin.",
    "A machine wrote this (an absence note, a list): an answer could go round in circles.",
)
_SECURITY = ("tls", "starttls", "none")
FIELDS = (
    Field("address", Wording("Dirección", "Address")),
    Field("name", Wording("Nombre que ven las personas", "Name that people see"), ""),
    Field("imap_host", Wording("Servidor de entrada (IMAP)", "Incoming server (IMAP)")),
    Field("imap_port", Wording("Puerto de entrada", "Incoming port"), "993"),
    Field("imap_security", Wording("Cifrado de entrada", "Incoming encryption"), "tls", choices=_SECURITY),
    Field("smtp_host", Wording("Servidor de salida (SMTP)", "Outgoing server (SMTP)")),
    Field("smtp_port", Wording("Puerto de salida", "Outgoing port"), "465"),
    Field("smtp_security", Wording("Cifrado de salida", "Outgoing encryption"), "tls", choices=_SECURITY),
    Field("user", Wording("Usuario (vacío: la dirección)", "User (empty: the address)"), ""),
    Field("password", Wording("Contraseña", "Password"), secret=True),
    Field("mailbox", Wording("Buzón que se lee", "Mailbox that is read"), "INBOX"),
    Field("days", Wording("Días atrás en la primera lectura", "Days back at the first reading"), "7"),
    Field(
        "copy", Wording("Copia de lo enviado en el buzón", "Copy of what is sent in the mailbox"), "yes", choices=("yes", "no")
    ),
)


@dataclass(slots=True)
class EmailChannel:
    """One mailbox and the server that sends for it."""

    mailbox: Mailbox
    server: Server
    sender: Sender
    sandbox: Sandbox
    clock: Clock
    copy: bool = True
    capabilities: Capabilities = msgspec.UNSET  # type: ignore[assignment]  # set below

    def __post_init__(self) -> None:
        """What an e-mail can do does not differ between servers, but looking for what was sent needs a copy."""
        self.capabilities = Capabilities(
            kind=ChannelKind.EMAIL,
            reaches=frozenset({Reach.PRIVATE}),
            text_limit=LIMITS.text_limit,
            unit=LIMITS.unit,
            idempotency=Idempotency.NATURAL,
            can_locate=True,
            poll=LIMITS.poll,
            ops=frozenset({Op.REPLY, Op.SEND_DIRECT, Op.SEND_NEW}),
            reports=REPORTS,
            media=LIMITS.media,
        )

    async def probe(self) -> Probe:
        """Log in on both servers and open the mailbox."""
        try:
            await self.mailbox.check()
            (await connect(self.server)).close()
        except SendError as error:
            return Probe(False, ailing(error), self.capabilities, self.clock.now(), self.sender.address)
        health = Wording("Se puede leer el buzón y enviar.", "The mailbox can be read, and mails can be sent.")
        return Probe(True, health, self.capabilities, self.clock.now(), self.sender.address)

    def parse(self, raw: bytes) -> list[Event]:
        """The message that a mail is, or what it tells of a mail of ours; nothing where it is our own copy."""
        try:
            return _events(self.sandbox.run_now("mail", self._letter(raw, self.clock.now())))[0]
        except (BadInput, Unavailable) as error:
            return [Unreadable(_digest(raw), raw, str(error), self.clock.now())]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Whether somebody would read it: no answer to a machine, so that nothing goes round in circles (RFC 3834)."""
        address = address_of(exchange.handle, NAME)
        if address == BOUNCER:
            return Eligibility(False, NOBODY)
        if is_unread(address):
            return Eligibility(False, UNREAD)
        if exchange.automatic and op is Op.REPLY:
            return Eligibility(False, MACHINE)
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """One part, unless somebody wrote a book."""
        return Fitted(tuple(split(text, LIMITS.text_limit)), LIMITS.text_limit, LIMITS.unit)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Send it under the name that `once` gives it."""
        if part.reach is not Reach.PRIVATE:
            raise Refused("a mail is private; it cannot be public")
        mail = written(part, once, self.sender, self.clock.now())
        await send(self.server, mail, self.sender, copy=self.copy)
        return Receipt(mail_name(once, self.sender), self.clock.now())

    async def pull(self, cursor: bytes | None) -> Page:
        """The mails after the cursor; what cannot be read is Unreadable with its bytes."""
        letters, place, more = await self.mailbox.after(Place.read(cursor), self.clock.now())
        events: list[Event] = []
        files: dict[str, bytes] = {}
        for group in _together(letters):
            answers = await self.sandbox.run_each(
                "mail", [self._letter(post.raw, post.arrived) for post in group if not post.reason]
            )
            told = iter(answers)  # Unavailable went on: the mails are good, and will be read when there is a reader
            for post in group:
                said, found = _read(post, Answer(reason=post.reason) if post.reason else next(told))
                files |= found
                events += said
        return Page(tuple(events), place.text(), more, files)

    async def listen(self) -> AsyncIterator[None]:
        """A hint whenever the server says that something came (IDLE, renewed every 9 minutes)."""
        async for _ in self.mailbox.hints():
            yield

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """Whether our own mailbox, or the one of what was sent, has the mail of that name."""
        name = mail_name(once, self.sender)
        if await self.mailbox.has(name):
            return name
        if not self.copy:
            raise OutcomeUnknown("no copy of what is sent is kept, so nobody can say whether the mail went out")
        if self.clock.now() - near < TELLABLE:
            raise Unavailable("the mail may still be on its way", TELLABLE - max(self.clock.now() - near, timedelta()))
        return None

    async def aclose(self) -> None:
        """Hang up."""
        await self.mailbox.close()

    def _letter(self, raw: bytes, arrived: datetime) -> bytes:
        return msgspec.msgpack.encode(Letter(raw, arrived, self.sender.address.lower()))


def _together(posts: Sequence[Post]) -> Iterator[list[Post]]:
    """The mails in groups, in their order: small ones are read in one breath, a large one alone."""
    group: list[Post] = []
    size = 0
    for post in posts:
        if group and size + len(post.raw) > BREATH:
            yield group
            group, size = [], 0
        group.append(post)
        size += len(post.raw)
    if group:
        yield group


def _read(post: Post, answer: Answer) -> tuple[list[Event], dict[str, bytes]]:
    if answer.reason:
        return [Unreadable(post.key or _digest(post.raw), post.raw, answer.reason, post.arrived)], {}
    return _events(answer.result)


def _events(answer: bytes) -> tuple[list[Event], dict[str, bytes]]:
    opened = msgspec.msgpack.decode(answer, type=Opened)
    return [event for event in (opened.message, opened.report) if event is not None], opened.files


def _digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def open_email(account: Account, means: Means) -> Channel:
    """The mailbox of an account."""
    given = settings_of(account, FIELDS, means.secret)
    user = given["user"] or given["address"]

    async def dial() -> Imap:
        imap = await Imap.open(
            given["imap_host"],
            int(number(given, "imap_port")),
            security=given["imap_security"],
            tls=means.tls,
            proxy=means.proxy,
        )
        await imap.login(user, given["password"])
        return imap

    port = int(number(given, "smtp_port"))
    server = Server(given["smtp_host"], port, given["smtp_security"], user, given["password"], tls=means.tls, proxy=means.proxy)
    mailbox = Mailbox(dial, given["mailbox"], timedelta(days=number(given, "days")))
    sender = Sender(given["address"], given["name"])
    return EmailChannel(mailbox, server, sender, means.sandbox, means.clock, given["copy"] == "yes")


HOSTS = ("{imap_host}:{imap_port}", "{smtp_host}:{smtp_port}")
NETWORK = Network(NAME, Wording("Correo electrónico", "E-mail"), FIELDS, open_email, hosts=HOSTS)
