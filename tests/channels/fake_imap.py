"""A mailbox server in memory: as much of IMAP as our client says, and the faults that a test asks for."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass
class FakeImap:
    """`mails` by UID. `refuses`, `drops`, `empties`: UIDs whose bytes it denies, breaks the line at, or leaves out."""

    mails: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    refuses: set[int] = field(default_factory=set)
    drops: set[int] = field(default_factory=set)
    empties: set[int] = field(default_factory=set)
    piece: int = 100
    pause: float = 0.0  # seconds between two pieces of a mail
    port: int = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["FakeImap"]:
        """Serve as long as the block runs."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK hello\r\n")
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while line := await reader.readline():
                tag, _, said = line.decode().strip().partition(" ")
                if not await self._answered(said, writer):
                    break
                writer.write(f"{tag} {'NO denied' if self._denied(said) else 'OK done'}\r\n".encode())
        writer.close()

    def _denied(self, said: str) -> bool:
        return "BODY.PEEK" in said and _uid(said) in self.refuses

    async def _answered(self, said: str, writer: asyncio.StreamWriter) -> bool:
        if said.startswith("EXAMINE"):
            following = max(self.mails, default=0) + 1
            writer.write(f"* OK [UIDVALIDITY {self.validity}] x\r\n* OK [UIDNEXT {following}] x\r\n".encode())
        elif said.startswith("UID SEARCH UID"):
            first = int(re.findall(r"(\d+):\*", said)[0])
            found = [uid for uid in self.mails if uid >= first] or [max(self.mails, default=0)]
            writer.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
        elif said.startswith("UID SEARCH SINCE"):
            writer.write(f"* SEARCH {' '.join(map(str, self.mails))}\r\n".encode())
        elif "BODY.PEEK" in said and not self._denied(said):
            return await self._body(_uid(said), writer)
        elif said.startswith("UID FETCH"):
            uid = _uid(said)
            writer.write(f"* 1 FETCH (UID {uid} RFC822.SIZE {len(self.mails[uid])})\r\n".encode())
        return True

    async def _body(self, uid: int, writer: asyncio.StreamWriter) -> bool:
        raw = self.mails[uid]
        if uid in self.empties:
            writer.write(f"* 1 FETCH (UID {uid} BODY[] NIL)\r\n".encode())
            return True
        writer.write(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}\r\n".encode())
        if uid in self.drops:
            return False
        for start in range(0, len(raw), self.piece):
            writer.write(raw[start : start + self.piece])
            if self.pause:
                await writer.drain()
                await asyncio.sleep(self.pause)
        writer.write(b")\r\n")
        return True


def _uid(said: str) -> int:
    return int(said.split()[2])
