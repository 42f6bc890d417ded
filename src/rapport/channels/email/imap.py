"""A small IMAP client (RFC 3501, RFC 2177): what reading one mailbox needs, with every literal bounded and every wait timed."""

import asyncio
import base64
import contextlib
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from rapport.channels.limits import limits_of
from rapport.channels.tunnel import tunnel
from rapport.errors import Refused, Unavailable

LARGEST_LITERAL = 32 * 1024 * 1024
TIMEOUT = limits_of(__package__).windows["silence"]
LONGEST_LINE = 8 * 1024 * 1024  # the numbers of a million mails
PIECE = 256 * 1024
SLOWEST = 10_000  # bytes a second of a mail; what is slower is not waited for
_LITERAL = re.compile(rb"\{(\d{1,12})\+?\}$")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_INTERNAL = re.compile(rb'INTERNALDATE "([ \d]\d)-([A-Z][a-z]{2})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)"')


@dataclass(slots=True)
class Response:
    """One untagged answer: its text, each literal replaced by `{}`, and the literals."""

    text: bytes
    literals: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class Imap:
    """One connection. A line that is cut or late is Unavailable; the connection is then of no further use."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    timeout: float = TIMEOUT
    abilities: frozenset[str] = frozenset()
    _number: int = 0

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        *,
        security: str,
        tls: ssl.SSLContext | None = None,
        proxy: str = "",
        timeout: float = TIMEOUT,
    ) -> "Imap":
        """Connect; `security` is tls, starttls or none; `tls` says whom to trust, None: whom this machine trusts."""
        secured = (tls or ssl.create_default_context()) if security != "none" else None
        try:
            async with asyncio.timeout(timeout):
                line, at_once = await tunnel(host, port, proxy), secured if security == "tls" else None
                way = {"host": host, "port": port} if line is None else {"sock": line, "server_hostname": at_once and host}
                reader, writer = await asyncio.open_connection(ssl=at_once, limit=LONGEST_LINE, **way)
                imap = cls(reader, writer, timeout)
                await imap._response()  # the greeting
                if security == "starttls" and secured is not None:
                    await imap.command("STARTTLS")
                    if getattr(reader, "_buffer", b""):  # said in clear, to be believed as if it were encrypted
                        raise Unavailable(f"somebody speaks between us and the mailbox server at {host}:{port}")
                    await writer.start_tls(secured, server_hostname=host)
        except ssl.SSLError as error:
            raise Unavailable(f"the mailbox server at {host}:{port} cannot be trusted: {error}") from error
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Unavailable(f"the mailbox server at {host}:{port} cannot be reached: {error}") from error
        await imap._learn_abilities()
        return imap

    async def login(self, user: str, password: str) -> None:
        """Log in. Raises Refused where the server does not know this user and password."""
        if "AUTH=PLAIN" in self.abilities:
            token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
            if "SASL-IR" in self.abilities:
                command = f"AUTHENTICATE PLAIN {token}"
                token = ""
            else:
                command = "AUTHENTICATE PLAIN"
        else:
            command, token = f"LOGIN {quoted(user)} {quoted(password)}", ""
        try:
            await self.command(command, token)
        except Refused:
            raise Refused(f"the mailbox server does not accept the user {user!r} with this password") from None
        await self._learn_abilities()

    async def examine(self, mailbox: str) -> tuple[int, int]:
        """Open a mailbox without changing anything in it; its UIDVALIDITY and the next UID, as far as it can be (2^32)."""
        answers = await self.command(f"EXAMINE {quoted(mailbox_name(mailbox))}")
        said = b"\n".join(answer.text for answer in answers)
        validity, following = (re.search(rb"\[%s (\d+)\]" % name, said) for name in (b"UIDVALIDITY", b"UIDNEXT"))
        return int(validity[1]) if validity else 0, int(following[1]) if following else 1 << 32

    async def search(self, criteria: str) -> list[int]:
        """The UIDs that meet the criteria, ascending."""
        found: set[int] = set()
        for answer in await self.command(f"UID SEARCH {criteria}"):
            if answer.text.upper().startswith(b"* SEARCH"):
                found |= {int(word) for word in answer.text.split()[2:] if word.isdigit()}
        return sorted(found)

    async def fetch(self, uid: int, items: str) -> Response | None:
        """What the server says of one mail; None where it is gone."""
        for answer in await self.command(f"UID FETCH {uid} ({items})"):
            if re.search(rb"\bUID %d\b" % uid, answer.text):
                return answer
        return None

    async def sent_mailbox(self) -> str | None:
        """The mailbox that holds what was sent, in the server's own words (RFC 6154); None where it names none."""
        for answer in await self.command('LIST "" "*"'):
            if found := re.search(rb'\\Sent\b[^)]*\) (?:"[^"]*"|NIL) (?:"((?:[^"\\]|\\.)*)"|(\S+))', answer.text):
                return (found[1] or found[2]).decode("ascii", "replace").replace('\\"', '"').replace("\\\\", "\\")
        return None

    async def idle(self, seconds: float) -> bool:
        """Wait until something comes, at most `seconds`; whether something came."""
        tag = await self._send("IDLE")
        came = False
        answer = await self._response()
        while not answer.text.startswith(b"+"):
            if answer.text.startswith(tag):
                raise Unavailable("the mailbox server does not wait with us")
            answer = await self._response()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not came:
                    line = await self._line()
                    came = line.upper().endswith((b" EXISTS", b" RECENT"))
        self.writer.write(b"DONE\r\n")
        await self._until(tag)
        return came

    async def command(self, text: str, more: str = "") -> list[Response]:
        """Say a command; the untagged answers. Raises Refused for NO and BAD. `more` is sent when the server asks for it."""
        tag = await self._send(text)
        return await self._until(tag, more)

    async def close(self) -> None:
        """Let go of the connection."""
        self.writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(2):
                await self.writer.wait_closed()

    async def _send(self, text: str) -> bytes:
        self._number += 1
        tag = b"r%d" % self._number
        self.writer.write(tag + b" " + text.encode("utf-8", "replace") + b"\r\n")
        return tag

    async def _until(self, tag: bytes, more: str = "") -> list[Response]:
        answers: list[Response] = []
        while True:
            answer = await self._response()
            if answer.text.startswith(b"+") and more:
                self.writer.write(more.encode() + b"\r\n")
            elif answer.text.startswith(tag + b" "):
                if answer.text[len(tag) + 1 :].upper().startswith(b"OK"):
                    return answers
                raise Refused(f"the mailbox server says: {answer.text[len(tag) + 1 :].decode('utf-8', 'replace')[:300]}")
            else:
                answers.append(answer)

    async def _response(self) -> Response:
        response = Response(b"")
        try:
            while True:
                async with asyncio.timeout(self.timeout):
                    await self.writer.drain()
                    line = await self._line()
                literal = _LITERAL.search(line)
                response.text += line[: literal.start()] + b"{}" if literal else line
                if not literal:
                    return response
                response.literals.append(await self._literal(int(literal[1])))
        except TimeoutError as error:
            raise Unavailable(f"the mailbox server says nothing for {self.timeout:g} s, or is too slow") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Unavailable(f"the line to the mailbox server is cut: {error}") from error

    async def _literal(self, size: int) -> bytes:
        """So many bytes, as long as they keep coming."""
        if size > LARGEST_LITERAL:
            raise Unavailable(f"the mailbox server wants to send {size} bytes at once")
        data = bytearray()
        async with asyncio.timeout(self.timeout + size / SLOWEST):
            while len(data) < size:
                async with asyncio.timeout(self.timeout):
                    piece = await self.reader.read(min(PIECE, size - len(data)))
                if not piece:
                    raise asyncio.IncompleteReadError(bytes(data), size)
                data += piece
        return bytes(data)

    async def _line(self) -> bytes:
        try:
            return (await self.reader.readuntil(b"\r\n"))[:-2]
        except asyncio.LimitOverrunError as error:
            raise Unavailable("the mailbox server sends a line without an end") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            raise Unavailable("the mailbox server has hung up") from error

    async def _learn_abilities(self) -> None:
        words: set[str] = set()
        for answer in await self.command("CAPABILITY"):
            if answer.text.upper().startswith(b"* CAPABILITY"):
                words |= set(answer.text.decode("ascii", "replace").upper().split()[2:])
        self.abilities = frozenset(words)


def quoted(text: str) -> str:
    """A quoted string of the protocol. A line break cannot be part of one, so it is left out."""
    return '"' + re.sub(r"[\r\n\0]", "", text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def mailbox_name(name: str) -> str:
    """A mailbox's name in the protocol's own UTF-7 (RFC 3501, section 5.1.3)."""

    def shifted(found: re.Match[str]) -> str:
        code = base64.b64encode(found[0].encode("utf-16-be")).decode().rstrip("=")
        return "&" + code.replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def arrived_at(text: bytes) -> datetime | None:
    """The INTERNALDATE in an answer, in UTC; None where there is none."""
    found = _INTERNAL.search(text)
    if not found or (month := found[2].decode()) not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[i]) for i in (1, 3, 4, 5, 6))
    offset = timedelta(hours=int(found[8]), minutes=int(found[9])) * (1 if found[7] == b"+" else -1)
    try:
        return datetime(year, _MONTHS.index(month) + 1, day, hour, minute, second, tzinfo=UTC) - offset
    except (ValueError, OverflowError):
        return None


def day_of(at: datetime) -> str:
    """A day as SEARCH wants it."""
    return f"{at.day}-{_MONTHS[at.month - 1]}-{at.year}"
