"""What it costs to parse and store a mail: ours, and django-helpdesk 2.6.1 beside it in the same run, on the same PostgreSQL.

Ours: bytes of mails, read in the sandbox's process, their media kept, sealed and appended to the ledger, a page of 20 in one
transaction, durable. Theirs: `extract_email_metadata` in process, one mail after another, as its `get_email` command does.
Both without a mailbox server. CPU is that of every process involved, the database's included; theirs, ours, theirs, ours.
The peer is no dependency: an environment of its own is made for it in .cache/bench, from the package index. Where that cannot
be, or takes too long for the scale, `peer` says so and only our figures are given.
Keys: per_s, cpu_ms, peer_per_s, peer_cpu_ms, ratio (of CPU for each mail).
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
from _ground import a_centre, cpu_seconds

from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.channels.channel import Page
from rapport.channels.email.channel import EmailChannel
from rapport.channels.email.mailbox import Mailbox, Place, Post
from rapport.channels.email.smtp import Sender, Server
from rapport.clock import SystemClock
from rapport.model.centre import Account

PEER = ("django-helpdesk==2.6.1", "django>=5.2,<5.3", "psycopg[binary]>=3.2")
COUNT = {"small": (400, 60), "full": (5_000, 400)}  # mails of ours and of theirs in each of the two turns
PATIENCE = {"small": 18.0, "full": 600.0}  # seconds that making the peer's environment may take
OWN = "care@example.test"
PAGE = 20
MAIL = """From: Customer {n} <customer{customer}@example.test>
To: care@example.test
Subject: No connection since this morning {n}
Message-ID: <{run}-{n}@example.test>
Date: Sat, 21 Nov 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello, the lamp of my router blinks red since this morning, and nobody answers when I call.
My order is 12345-{n}. I have switched it off and on twice, please help me soon, I work from home.
Gracias, un saludo.
"""


def mails(count: int, run: int) -> list[str]:
    """So many mails, from one of 500 customers each, with names of this turn's own."""
    return [MAIL.format(n=n, customer=n % 500, run=f"{time.time_ns()}-{run}") for n in range(count)]


@dataclass(slots=True)
class Waiting(Mailbox):
    """A mailbox that is a list."""

    posts: list[Post] = field(default_factory=list)

    async def after(self, place: Place, now: datetime) -> tuple[list[Post], Place, bool]:
        """The next page."""
        page = self.posts[place.uid : place.uid + PAGE]
        uid = place.uid + len(page)
        return page, Place(1, uid, now), uid < len(self.posts)


async def no_dial() -> Any:
    """Nobody is called."""
    raise NotImplementedError


async def take(house: House, texts: Sequence[str]) -> None:
    """Read and store mails as the loop that hears does, page by page."""
    clock = SystemClock()
    posts = [Post(text.encode(), clock.now()) for text in texts]
    mailbox = Waiting(no_dial, "INBOX", timedelta(days=7), posts=posts)
    server = Server("localhost", 25, "none")
    channel = EmailChannel(mailbox, server, Sender(OWN), house.accounts.sandbox, clock)  # type: ignore[attr-defined]
    account = Account("care", "email")

    async def store(name: str, data: bytes) -> None:
        raise NotImplementedError(f"these mails have no files, got {name} of {len(data)} bytes")

    page = Page((), None, True)
    while page.more:
        page = await channel.pull(page.cursor)
        events = await house.media.settle(page, store)
        await house.intake.hear(1, account, channel.capabilities.kind, events, page.cursor)


async def ours(settings: Any, url: str, server: int, counts: Sequence[int], between: Any) -> list[tuple[float, float]]:
    """(wall seconds, CPU seconds) of each turn; `between` is called before each."""
    house = await open_house(settings, url, master_key(settings), SystemClock(), pool=2)
    found = []
    try:
        await take(house, mails(40, 0))
        for turn, count in enumerate(counts, 1):
            await asyncio.to_thread(between)
            texts = mails(count, turn)
            pids = [server, *house.accounts.sandbox.children]  # type: ignore[attr-defined]
            before, cpu, began = cpu_seconds(pids), time.process_time(), time.perf_counter()
            await take(house, texts)
            took = time.perf_counter() - began
            found.append((took, cpu_seconds(pids) - before + time.process_time() - cpu))
        async with house.within(1) as db:
            stored = await db.fetchval("select count(*) from entry where tenant = 1 and source = 'in:care' and kind = 1")
        assert stored == 40 + sum(counts), f"{stored} of {40 + sum(counts)} mails are on record"
    finally:
        await house.aclose()
    return found


class Peer:
    """django-helpdesk in a process of its own; `why`: the reason where there is none."""

    def __init__(self, url: str, server: int, seconds: float) -> None:
        self.why, self.server, self.turns = "", server, []  # type: ignore[var-annotated]
        self.process: subprocess.Popen[str] | None = None
        until = time.monotonic() + seconds
        try:
            python = made(Path(".cache/bench/django-helpdesk-2.6.1"), until)
            asyncio.run(_database(url))
            given = urlsplit(url)
            place = parse_qs(given.query)["host"][0]
            argv = [str(python), "-P", str(Path(__file__).with_name("_helpdesk.py")), place, given.username or ""]
            self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            self._heard()
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            self.why = f"not measured: {error}"[:300]
            self.close()

    def turn(self, texts: Sequence[str]) -> None:
        """Let it take these mails."""
        if self.process is None or self.process.stdin is None:
            return
        before = cpu_seconds([self.server])
        try:
            self.process.stdin.write(json.dumps(list(texts)) + "\n")
            self.process.stdin.flush()
            said = self._heard()
        except (OSError, ValueError) as error:
            self.why = f"not measured: {error}"[:300]
            self.close()
            return
        self.turns.append((said["wall"], said["cpu"] + cpu_seconds([self.server]) - before, said["made"]))

    def _heard(self) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise OSError("django-helpdesk ended; what it said stands above")
        return dict(json.loads(line))

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def made(folder: Path, until: float) -> Path:
    """The Python of the peer's environment, made where there is none. Raises OSError, SubprocessError where it cannot be."""
    python, done = folder / "bin" / "python", folder / "done"
    if done.exists():
        return python.absolute()
    for argv in ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "--quiet", *PEER]):
        left = until - time.monotonic()
        if left <= 0:
            raise OSError("there was no time to make its environment; --scale full takes it")
        try:
            subprocess.run(argv, check=True, timeout=left, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            raise OSError(f"its environment could not be made: {error.stderr.strip().splitlines()[-1:]}") from error
    done.touch()
    return python.absolute()


async def _database(url: str) -> None:
    db = await asyncpg.connect(url)
    try:
        await db.execute("create database helpdesk")
    finally:
        await db.close()


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure; see the module's first lines."""
    of_ours, of_theirs = COUNT[scale]
    with a_centre() as (settings, url, server):
        assert server.process is not None
        peer = Peer(url, server.process.pid, PATIENCE[scale])
        try:
            peer.turn(mails(20, 0))
            peer.turns.clear()
            turns = asyncio.run(
                ours(settings, url, server.process.pid, [of_ours] * 2, lambda: peer.turn(mails(of_theirs, len(peer.turns) + 1)))
            )
        finally:
            peer.close()
    count = 2 * of_ours
    cpu = sum(used for _, used in turns) / count * 1000
    found: dict[str, Any] = {
        "per_s": round(count / sum(took for took, _ in turns), 1),
        "cpu_ms": round(cpu, 3),
        "mails": count,
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%d"),
    }
    if not peer.turns:
        return found | {"peer": peer.why}
    their = sum(made for _, _, made in peer.turns)
    their_cpu = sum(used for _, used, _ in peer.turns) / their * 1000
    return found | {
        "peer": PEER[0],
        "peer_mails": their,
        "peer_per_s": round(their / sum(took for took, _, _ in peer.turns), 1),
        "peer_cpu_ms": round(their_cpu, 3),
        "ratio": round(their_cpu / cpu, 1),
    }
