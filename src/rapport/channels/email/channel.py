"""One mailbox as a channel: IMAP is the truth, IDLE the hint, SMTP the way out."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
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
    ailing,
)
from rapport.channels.email.imap import Imap
from rapport.channels.email.mailbox import Mailbox, Place
from rapport.channels.email.parse import BOUNCER, LARGEST, Letter, Opened
from rapport.channels.email.smtp import Sender, Server, connect, mail_name, send, written
from rapport.channels.fields import number, settings_of
from rapport.channels.sandbox import Sandbox
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.errors import BadInput, Refused, SendError, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

NAME = "email"
LIMIT = 100_000
TELLABLE = timedelta(seconds=30)  # a mail may be on its way to our own mailbox for that long
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
            text_limit=LIMIT,
            idempotency=Idempotency.NATURAL,
            can_locate=True,
            poll=60.0,
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

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """The message that a mail is; none where it is our own copy."""
        return self._opened(raw, self.clock.now())[0]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A mail may go to anybody but a server that returned one."""
        if exchange.handle == f"{NAME}:{BOUNCER}":
            reason = Wording(
                "Un servidor devolvió este correo; nadie lo leería.", "A server returned this mail; nobody would read it."
            )
            return Eligibility(False, reason)
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """One part, unless somebody wrote a book."""
        return Fitted(tuple(split(text, LIMIT)), LIMIT, Unit.CHARS)

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
        events: list[Incoming | Unreadable] = []
        files: dict[str, bytes] = {}
        for letter in letters:
            if letter.whole:
                said, found = await asyncio.to_thread(self._opened, letter.raw, letter.arrived)
                files |= found
            else:
                size = f"a mail may have {LARGEST >> 20} MiB, this one has {letter.size >> 20}; it stays whole in the mailbox"
                said = [Unreadable(_digest(letter.raw), letter.raw, size, letter.arrived)]
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
        if self.clock.now() - near < TELLABLE:
            raise Unavailable("the mail may still be on its way", TELLABLE - max(self.clock.now() - near, timedelta()))
        return None

    async def aclose(self) -> None:
        """Hang up."""
        await self.mailbox.close()

    def _opened(self, raw: bytes, arrived: datetime) -> tuple[list[Incoming | Unreadable], dict[str, bytes]]:
        try:
            answer = self.sandbox.run_now("mail", msgspec.msgpack.encode(Letter(raw, arrived, self.sender.address.lower())))
        except (BadInput, Unavailable) as error:
            return [Unreadable(_digest(raw), raw, str(error), arrived)], {}
        opened = msgspec.msgpack.decode(answer, type=Opened)
        return ([opened.message] if opened.message is not None else []), opened.files


def _digest(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()


def open_email(account: Account, means: Means) -> Channel:
    """The mailbox of an account."""
    given = settings_of(account, FIELDS, means.secret)
    user = given["user"] or given["address"]

    async def dial() -> Imap:
        imap = await Imap.open(given["imap_host"], int(number(given, "imap_port")), security=given["imap_security"])
        await imap.login(user, given["password"])
        return imap

    server = Server(given["smtp_host"], int(number(given, "smtp_port")), given["smtp_security"], user, given["password"])
    mailbox = Mailbox(dial, given["mailbox"], timedelta(days=number(given, "days")))
    sender = Sender(given["address"], given["name"])
    return EmailChannel(mailbox, server, sender, means.sandbox, means.clock, given["copy"] == "yes")


NETWORK = Network(NAME, Wording("Correo electrónico", "E-mail"), FIELDS, open_email)
