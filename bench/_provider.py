"""A provider that behaves badly, as a process of its own: it loses acknowledgements, answers 500 after accepting, and reorders.

It takes no key: what it is given twice, it sends twice. `python _provider.py PORT_FILE LOG SEED` serves HTTP on a loopback port
of its choice until it is ended; each message that it accepts is one line of JSON in LOG.
POST /send {once, to, text} -> {id}; GET /find?once=... -> {id}, "" where it has none yet: it may hold one for HELD seconds.
"""

import asyncio
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

HELD = 1.5  # seconds at most between hanging up on a message and accepting it all the same
SLOW = 3.0  # seconds that some answers take, longer than anybody waits
MOODS = (  # share of requests, what becomes of them
    (0.88, "taken"),
    (0.03, "taken, line cut"),
    (0.02, "taken, 500"),
    (0.01, "taken late, line cut"),
    (0.01, "taken, answer too late"),
    (0.03, "not taken, 503"),
    (0.02, "not taken, line cut"),
)


class Provider:
    """What it has accepted, and how it treats the next."""

    def __init__(self, log: Path, seed: int) -> None:
        self.log = open(log, "a", buffering=1)  # noqa: SIM115 - open as long as the process
        self.rng = random.Random(seed)
        self.taken: dict[str, str] = {}
        self.count = 0

    def take(self, mood: str, message: dict[str, str]) -> str:
        self.count += 1
        id = f"p{self.count}"
        self.taken.setdefault(message["once"], id)
        self.log.write(json.dumps({"id": id, "mood": mood, **message}) + "\n")
        return id

    async def send(self, message: dict[str, str]) -> tuple[int, dict[str, str]] | None:
        """Status and answer; None: the line is cut."""
        [mood] = self.rng.choices([name for _, name in MOODS], [share for share, _ in MOODS])
        await asyncio.sleep(self.rng.uniform(0.0, 0.05) * (10 if self.rng.random() < 0.05 else 1))
        if mood == "taken late, line cut":
            asyncio.get_running_loop().call_later(self.rng.uniform(0.1, HELD), self.take, mood, message)
            return None
        if mood.startswith("not taken"):
            return (503, {}) if mood.endswith("503") else None
        id = self.take(mood, message)
        if mood == "taken, answer too late":
            await asyncio.sleep(SLOW)
        if mood.endswith("500"):
            return 500, {}
        return None if mood.endswith("line cut") else (200, {"id": id})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request after another."""
        try:
            while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
                length = next(
                    (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
                )
                body = await reader.readexactly(length)
                url = urlsplit(head.split(b" ")[1].decode())
                if url.path == "/find":
                    found = 200, {"id": self.taken.get(parse_qs(url.query)["once"][0], "")}
                else:
                    found = await self.send(json.loads(body))
                if found is None:
                    break
                said = json.dumps(found[1]).encode()
                writer.write(
                    b"HTTP/1.1 %d x\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (found[0], len(said))
                )
                writer.write(said)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


async def main(port_file: Path, log: Path, seed: int, ready: Callable[[int], None]) -> None:
    provider = Provider(log, seed)
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0)
    ready(server.sockets[0].getsockname()[1])
    await server.serve_forever()


if __name__ == "__main__":
    place = Path(sys.argv[1])

    def told(port: int) -> None:
        place.with_suffix(".new").write_text(str(port))
        place.with_suffix(".new").rename(place)

    asyncio.run(main(place, Path(sys.argv[2]), int(sys.argv[3]), told))
