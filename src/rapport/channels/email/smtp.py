"""Sending one mail, and knowing afterwards whether it was taken."""

import asyncio
import hashlib
import re
import socket
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime

import aiosmtplib

from rapport.channels.channel import Part, address_of
from rapport.channels.email.bounce import OURS
from rapport.channels.email.headers import ids
from rapport.channels.limits import limits_of
from rapport.channels.tunnel import tunnel
from rapport.errors import OutcomeUnknown, Refused, Unavailable

TIMEOUT = limits_of(__package__).windows["step"]
SUPPRESSED = "OOF, AutoReply"  # what Exchange may not send back; that a mail did not arrive we want to hear
_POLICY = SMTP_POLICY.clone(max_line_length=900)  # Message-IDs of others must not be folded in their middle
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]@\x00-\x1f]{1,64}@[^\s<>,;:\"()\[\]@\x00-\x1f]{1,255}")


@dataclass(frozen=True, slots=True)
class Server:
    """The server that takes our mails. `security` is tls, starttls or none; an empty password: no login."""

    host: str
    port: int
    security: str
    user: str = ""
    password: str = ""
    timeout: float = TIMEOUT
    tls: ssl.SSLContext | None = None  # whom to trust; None: whom this machine trusts
    proxy: str = ""  # by which it is reached; "": by none


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name we write."""

    address: str
    name: str = ""


def mail_name(once: str, sender: Sender) -> str:
    """The Message-ID of the part that `once` names: always the same one."""
    token = (
        once if re.fullmatch(r"[A-Za-z0-9._-]{1,100}", once) else hashlib.sha256(once.encode("utf-8", "replace")).hexdigest()
    )
    return f"<{OURS}{token}@{sender.address.rpartition('@')[2]}>"


def written(part: Part, once: str, sender: Sender, at: datetime) -> EmailMessage:
    """The mail. Raises Refused where it cannot be addressed."""
    to = address_of(part.to, "email").strip()
    if not _ADDRESS.fullmatch(to):
        raise Refused(f"{to[:100]!r} is not an address that a mail can be sent to")
    mail = EmailMessage(policy=_POLICY)
    user, _, domain = sender.address.rpartition("@")
    mail["From"] = Address(_line(sender.name), user, domain)
    mail["To"] = to
    subject = _line(part.subject)
    mail["Subject"] = subject if re.match(r"(re|rv|aw|sv)\s*:", subject, re.IGNORECASE) else f"Re: {subject}".strip()
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = mail_name(once, sender)
    answered = ids(part.in_reply_to)[:1]
    if answered:
        mail["In-Reply-To"] = answered[0]
    references = list(dict.fromkeys(ids(part.thread)[:1] + answered))
    if references:
        mail["References"] = " ".join(references)
    mail["Auto-Submitted"] = "no"  # a person wrote or approved it (RFC 3834); nobody's machine is to answer it
    mail["X-Auto-Response-Suppress"] = SUPPRESSED
    mail.set_content(part.text, cte="quoted-printable")
    for file in part.files:
        main, _, sub = file.type.partition("/")
        mail.add_attachment(file.data, maintype=main, subtype=sub or "octet-stream", filename=file.name)
    return mail


def _line(text: str) -> str:
    return " ".join(text.split())[:500]


async def connect(server: Server) -> aiosmtplib.SMTP:
    """A connection, logged in where the server wants that. Raises Refused or Unavailable."""
    line = await _line_to(server)
    smtp = aiosmtplib.SMTP(
        hostname=server.host,
        port=None if line else server.port,
        sock=line,
        timeout=server.timeout,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        tls_context=server.tls if server.security != "none" else None,
    )
    try:
        await smtp.connect()
        if server.password and smtp.supports_extension("auth"):
            await smtp.login(server.user, server.password)
    except aiosmtplib.SMTPAuthenticationError as error:
        smtp.close()
        raise Refused(f"the mail server does not accept the user {server.user!r} with this password: {error}") from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        smtp.close()
        raise Unavailable(f"the mail server at {server.host}:{server.port} cannot be used: {error}") from error
    return smtp


async def _line_to(server: Server) -> socket.socket | None:
    try:
        async with asyncio.timeout(server.timeout):
            return await tunnel(server.host, server.port, server.proxy)
    except (OSError, TimeoutError) as error:
        raise Unavailable(f"the mail server at {server.host}:{server.port} cannot be reached: {error}") from error


async def send(server: Server, mail: EmailMessage, sender: Sender, *, copy: bool) -> None:
    """Send it, and with `copy` to the sender's own mailbox in the same breath, so that it can be looked for there.

    Raises:
        Refused: this server never will take it.
        Unavailable: it may later; it has not taken it.
        OutcomeUnknown: the line was cut after the text had been sent.
    """
    smtp = await connect(server)
    try:
        reports = smtp.supports_extension("dsn")
        await smtp.mail(sender.address, options=["RET=HDRS"] if reports else [])
        await smtp.rcpt(str(mail["To"]), options=["NOTIFY=FAILURE,DELAY"] if reports else [])
        if copy and str(mail["To"]) != sender.address:
            await smtp.rcpt(sender.address, options=["NOTIFY=NEVER"] if reports else [])
    except aiosmtplib.SMTPResponseException as error:
        smtp.close()
        raise _answered(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        smtp.close()
        raise Unavailable(f"the mail server stopped before the text was sent: {error}") from error
    try:
        await smtp.data(mail.as_bytes())
    except aiosmtplib.SMTPResponseException as error:
        raise _answered(error) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown(f"the mail server said nothing after the text was sent: {error}") from error
    finally:
        smtp.close()


def _answered(error: aiosmtplib.SMTPResponseException) -> Refused | Unavailable:
    said = f"the mail server says: {error.code} {' '.join(str(error.message).split())[:300]}"
    return Refused(said) if error.code >= 500 else Unavailable(said)
