"""A folder of JSON lines as a channel: for demonstrations, rehearsals, measurements, and systems that can only write files.

People's messages are lines in `FOLDER/in/*.jsonl`; answers are appended to `FOLDER/out/sent.jsonl`, each with its `once`.
"""

import asyncio
import hashlib
from datetime import UTC, datetime
from pathlib import Path

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
    address_of,
)
from rapport.channels.fields import number, settings_of
from rapport.channels.plain import readable
from rapport.channels.splitting import split
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Unavailable
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable

NAME = "file"
FIELDS = (
    Field("folder", Wording("Carpeta", "Folder")),
    Field("kind", Wording("Clase de canal", "Channel kind"), "chat", choices=tuple(sorted(kind.value for kind in ChannelKind))),
    Field("network", Wording("Red en los nombres", "Network in the names"), NAME),
    Field("limit", Wording("Caracteres por mensaje", "Characters per message"), "4000"),
)
LONGEST_LINE = 2 * 1024 * 1024
PAGE_BYTES = 128 * 1024


class Line(msgspec.Struct, frozen=True):
    """One message as a line says it: `from` and `text` are needed, `from` is a name or a whole `network:name`."""

    sender: str = msgspec.field(name="from")
    text: str
    key: str = ""
    name: str = ""
    at: datetime | None = None
    public: bool = False
    thread: str = ""
    in_reply_to: str = ""
    subject: str = ""


class Sent(msgspec.Struct, frozen=True):
    """One answer as `out/sent.jsonl` holds it."""

    once: str
    at: datetime
    to: str
    text: str
    public: bool
    in_reply_to: str = ""
    thread: str = ""
    subject: str = ""


class FileChannel:
    """One folder. Bad lines are Unreadable; a line without its end is not yet written and waits."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        kind: ChannelKind = ChannelKind.CHAT,
        network: str = NAME,
        limit: int = 4000,
    ) -> None:
        self._folder, self._clock, self._network = folder, clock, network
        self._line = msgspec.json.Decoder(Line)
        self._receipts: dict[str, Receipt] | None = None
        self.capabilities = Capabilities(
            kind=kind,
            reaches=frozenset(Reach),
            text_limit=limit,
            idempotency=Idempotency.NATIVE,
            can_locate=True,
            poll=0.2,
        )

    async def probe(self) -> Probe:
        """Whether the folder can be read and written."""
        try:
            await asyncio.to_thread(self._make_folders)
        except OSError as error:
            health = Wording(f"La carpeta no se puede usar: {error}", f"The folder cannot be used: {error}")
            return Probe(False, health, self.capabilities, self._clock.now(), str(self._folder))
        health = Wording("La carpeta se puede leer y escribir.", "The folder can be read and written.")
        return Probe(True, health, self.capabilities, self._clock.now(), str(self._folder))

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """The messages in lines of JSON; an empty line says nothing."""
        return [self._parsed(line) for line in raw.split(b"\n") if line.strip()]

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """A folder takes everything."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """Parts of at most `limit` characters."""
        limit = self.capabilities.text_limit
        return Fitted(tuple(split(text, limit)), limit, Unit.CHARS)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Append it to `out/sent.jsonl`; what is there already under this `once` is not written again."""
        receipts = await self._sent()
        if once in receipts:
            return receipts[once]
        receipt = Receipt(once, self._clock.now())
        line = Sent(
            once, receipt.at, address_of(part.to, self._network), part.text, part.reach is Reach.PUBLIC,
            part.in_reply_to, part.thread, part.subject,
        )  # fmt: skip
        await asyncio.to_thread(self._append, msgspec.json.encode(line) + b"\n")
        receipts[once] = receipt
        return receipt

    async def pull(self, cursor: bytes | None) -> Page:
        """The lines after the cursor, which holds how far each file has been read."""
        return await asyncio.to_thread(self._read, cursor)

    async def locate(self, part: Part, once: str, near: datetime) -> str | None:
        """Whether `out/sent.jsonl` has it, read anew."""
        self._receipts = None
        return once if once in await self._sent() else None

    def _parsed(self, line: bytes) -> Incoming | Unreadable:
        if len(line) > LONGEST_LINE:
            return self._unreadable(line, f"a line may have {LONGEST_LINE} bytes, this one has {len(line)}")
        try:
            said = self._line.decode(line)
        except RecursionError:
            return self._unreadable(line, "it is nested too deeply")
        except (msgspec.MsgspecError, ValueError) as error:
            return self._unreadable(line, f"it is not a message: {error}")
        if not said.sender.strip() or len(said.sender) > 300:
            return self._unreadable(line, "`from` must be a name of 1 to 300 characters")
        at = said.at or self._clock.now()
        sender = readable(said.sender)
        return Incoming(
            key=readable(said.key)[:500] or _digest(line),
            handle=sender if ":" in sender else f"{self._network}:{sender}",
            text=readable(said.text),
            reach=Reach.PUBLIC if said.public else Reach.PRIVATE,
            at=at if at.tzinfo else at.replace(tzinfo=UTC),
            name=readable(said.name),
            subject=readable(said.subject),
            thread=readable(said.thread)[:500],
            in_reply_to=readable(said.in_reply_to)[:500],
        )

    def _unreadable(self, line: bytes, reason: str) -> Unreadable:
        return Unreadable(_digest(line), line, reason, self._clock.now())

    def _read(self, cursor: bytes | None) -> Page:
        try:
            done: dict[str, int] = msgspec.json.decode(cursor, type=dict[str, int]) if cursor else {}
        except msgspec.DecodeError as error:
            raise BadInput(f"the cursor of this folder cannot be read: {error}") from error
        events: list[Incoming | Unreadable] = []
        more = False
        try:
            for path in sorted((self._folder / "in").glob("*.jsonl")):
                lines, done[path.name], rest = _lines_after(path, done.get(path.name, 0))
                events += self.parse(lines)
                if rest or len(events) >= 1000:
                    more = True
                    break
        except OSError as error:
            raise Unavailable(f"the folder cannot be read: {error}") from error
        return Page(tuple(events), msgspec.json.encode(done, order="sorted"), more)

    async def _sent(self) -> dict[str, Receipt]:
        if self._receipts is None:
            self._receipts = await asyncio.to_thread(self._read_sent)
        return self._receipts

    def _read_sent(self) -> dict[str, Receipt]:
        try:
            lines = (self._folder / "out" / "sent.jsonl").read_bytes().split(b"\n")[:-1]  # what has no end was cut off
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise Unavailable(f"the folder cannot be read: {error}") from error
        found = {}
        for line in lines:
            try:
                sent = msgspec.json.decode(line, type=Sent)
            except (msgspec.MsgspecError, ValueError):
                continue
            found[sent.once] = Receipt(sent.once, sent.at)
        return found

    def _append(self, line: bytes) -> None:
        try:
            self._make_folders()
            stream = (self._folder / "out" / "sent.jsonl").open("ab", buffering=0)
        except OSError as error:
            raise Unavailable(f"the folder cannot be written: {error}") from error
        with stream:
            try:
                stream.write(line)
            except OSError as error:
                raise OutcomeUnknown(f"the line may be written in part: {error}") from error

    def _make_folders(self) -> None:
        for name in ("in", "out"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)


def _lines_after(path: Path, offset: int) -> tuple[bytes, int, bool]:
    """Whole lines from a place on, the place after them, and whether the file has more. A file made shorter starts anew."""
    size = path.stat().st_size
    offset = offset if offset <= size else 0
    with path.open("rb") as stream:
        stream.seek(offset)
        data = stream.read(PAGE_BYTES)
        while b"\n" not in data and (further := stream.read(PAGE_BYTES)) and len(data) <= LONGEST_LINE:
            data += further
    if b"\n" not in data and len(data) > LONGEST_LINE:
        return data, offset + len(data), True  # a line that never ends: its pieces are Unreadable
    lines = data[: data.rfind(b"\n") + 1]
    return lines, offset + len(lines), bool(lines) and offset + len(lines) < size


def _digest(line: bytes) -> str:
    return "sha256:" + hashlib.sha256(line).hexdigest()


def open_file(account: Account, means: Means) -> Channel:
    """The folder that an account names."""
    given = settings_of(account, FIELDS, means.secret)
    folder = Path(given["folder"]).expanduser()
    kind, limit = ChannelKind(given["kind"]), int(number(given, "limit"))
    return FileChannel(folder, means.clock, kind=kind, network=given["network"], limit=limit)


NETWORK = Network(NAME, Wording("Carpeta de archivos", "Folder of files"), FIELDS, open_file)
