"""Twenty times kill -9 of any process of a running centre, while simulated customers write and agents answer.

The centre is `rapport up` with its supervisor; killed are PostgreSQL, one of its backends, the worker, the web process, and the
supervisor itself (which is then started again). What counts is what is on record at the end. Keys: kills, messages, answered,
lost (acknowledged and not in the ledger), doubled (sent twice), unknown (flagged for a person), verified.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg
from _ground import answers, wait_until

from rapport.app.database import address
from rapport.app.demonstrating import furnish, is_whole
from rapport.app.directing import TENANT
from rapport.app.house import open_house
from rapport.app.master_key import master_key
from rapport.clock import SystemClock
from rapport.demo.director import Director
from rapport.errors import RapportError
from rapport.settings import Settings

KILLS = {"small": 8, "full": 20}
KINDS = ("postgres", "backend", "worker", "web", "supervisor")
LOST = (RapportError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)


class Centre:
    """A running `rapport up` whose processes can be killed."""

    def __init__(self, folder: Path, port: int, env: dict[str, str] | None = None) -> None:
        self.folder, self.port, self.env = folder, port, env or {}
        self.supervisor = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "rapport", "up", "--data", str(self.folder), "--port", str(self.port)]
        log = open(self.folder / "up.log", "ab")  # noqa: SIM115 - the child holds it
        return subprocess.Popen(argv, stdout=log, stderr=log, env=os.environ | self.env)

    def processes(self) -> dict[str, int]:
        """What can be killed now, by name."""
        found = {"supervisor": self.supervisor.pid}
        for task in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                argv = (task / "cmdline").read_bytes().split(b"\0")
                pid = int(task.name)
                if str(self.folder).encode() not in b" ".join(argv):
                    continue
                if b"worker" in argv:
                    found["worker"] = pid
                elif b"web" in argv:
                    found["web"] = pid
                elif argv[0].endswith(b"postgres"):
                    found["postgres"] = pid
        return found

    def kill(self, name: str, rng: random.Random) -> bool:
        """Kill a process of this kind, False where none runs; a supervisor is started again."""
        found = self.processes()
        backends = children(found.get("postgres", 0))
        pid = rng.choice(backends or [0]) if name == "backend" else found.get(name, 0)
        if not pid:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if name == "supervisor":
            self.supervisor.wait()
            self.supervisor = self.start()
        return True

    def stop(self) -> None:
        self.supervisor.send_signal(signal.SIGINT)
        self.supervisor.wait(30)


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    with contextlib.suppress(OSError):
        return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


async def disturb(centre: Centre, kills: int, rng: random.Random) -> list[str]:
    """Kill one process after another, a second or two apart; where one of the kind is not back yet, as soon as it is."""
    killed: list[str] = []
    for _ in range(kills):
        await asyncio.sleep(rng.uniform(0.8, 2.2))
        name = rng.choice(KINDS)
        end = time.perf_counter() + 60
        while not centre.kill(name, rng):
            await asyncio.sleep(0.05)
            if time.perf_counter() > end:
                said = (centre.folder / "up.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{name} is not back a minute after {killed}; there are {centre.processes()}: {said}")
        killed.append(name)
    return killed


async def direct(settings: Settings, centre: Centre, kills: int, seed: int) -> dict[str, Any]:
    house = await open_house(settings, address(settings), master_key(settings), SystemClock(), pool=6)
    try:
        director = Director(TENANT, house.intake, house.within, house.clock, seed, pace=0.4)
        killing = asyncio.create_task(disturb(centre, kills, random.Random(seed)))
        while not killing.done():
            with contextlib.suppress(*LOST):
                await asyncio.wait_for(asyncio.shield(_run(director, 0.2)), 30)
            await asyncio.sleep(0.2)
        killed = killing.result()
        wait_until(lambda: answers(centre.port), 30)
        for _ in range(20):
            with contextlib.suppress(*LOST):
                await director.run(0.1, 120)
                break
            await asyncio.sleep(0.5)
        found = await director.figures(lambda: is_whole(house))
        async with house.within(TENANT) as db:
            unknown = await db.fetchval("select count(*) from outgoing where tenant = $1 and state = 'unknown'", TENANT)
        keys = ("messages", "answered", "lost", "doubled", "entries", "verified")
        return {"kills": len(killed), **{key: found[key] for key in keys}, "unknown": unknown, "killed": " ".join(killed)}
    finally:
        await house.aclose()


async def _run(director: Director, minutes: float) -> None:
    with contextlib.suppress(*LOST):
        await director.run(minutes, 240)


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Run it; see the module's first lines."""
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # it says each time that the database is away: that is the test
    with tempfile.TemporaryDirectory(prefix="rapport-kills-") as folder:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = Settings(data=Path(folder), port=port)
        centre = Centre(Path(folder), port)
        try:
            if not wait_until(lambda: answers(port), 300):
                return {"error": (Path(folder) / "up.log").read_text()[-500:]}
            asyncio.run(furnish(settings, address(settings), master_key(settings)))
            began = time.perf_counter()
            found = asyncio.run(direct(settings, centre, KILLS[scale], seed))
            return found | {"took_s": round(time.perf_counter() - began, 1)}
        finally:
            centre.stop()
