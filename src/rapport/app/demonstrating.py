"""`rapport demo`: the example centre on a database of its own, with simulated customers and agents."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from rapport.app.digesting import digest_once
from rapport.app.directing import TENANT
from rapport.app.first import prepare
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.audit.verify import verify
from rapport.centre.example import example_things
from rapport.clock import SystemClock
from rapport.demo.director import Director
from rapport.demo.figures import Figures
from rapport.ledger.checkpoint import grow
from rapport.settings import Settings
from rapport.store.child import before_exec
from rapport.store.embedded import Embedded


def headless(settings: Settings, *, minutes: float, rate: float, seed: int) -> Figures:
    """Run it without pages in a temporary folder, with one worker process; the figures, counted from what is on record."""
    with tempfile.TemporaryDirectory(prefix="rapport-demo-") as folder:
        own = msgspec.structs.replace(settings, data=Path(folder))
        key = master_key(own)
        server = Embedded.start(Path(folder))
        try:
            asyncio.run(prepare(own, server.url, key))
            asyncio.run(furnish(own, server.url, key))
            with a_worker(own):
                return asyncio.run(_direct(own, server.url, key, minutes=minutes, rate=rate, seed=seed))
        finally:
            server.stop()


async def furnish(settings: Settings, url: str, key: bytes) -> None:
    """Set the example centre where the first tenant has no agents yet."""
    house = await open_house(settings, url, key, SystemClock(), pool=2)
    try:
        async with house.within(TENANT) as db:
            if await db.fetchval("select exists (select from thing where tenant = $1 and id like 'agent/%')", TENANT):
                return
        things = example_things(settings.data.expanduser().absolute() / "networks")
        await house.intake.set_things(TENANT, [(kind, name, body) for (kind, name), body in things.items()], by="demo")
        await digest_once(house, TENANT)
    finally:
        await house.aclose()


@contextlib.contextmanager
def a_worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process on this data folder for as long as the block lasts."""
    argv = [sys.executable, "-m", "rapport", "run", "worker", "0", "--data", str(settings.data)]
    worker = subprocess.Popen(argv, preexec_fn=before_exec(die_by=signal.SIGTERM))
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(20)


async def _direct(settings: Settings, url: str, key: bytes, *, minutes: float, rate: float, seed: int) -> Figures:
    house = await open_house(settings, url, key, SystemClock(), pool=6)
    try:
        director = Director(TENANT, house.intake, house.within, house.clock, seed)
        await director.open()
        await director.run(minutes, rate)
        return await director.figures(lambda: is_whole(house))
    finally:
        await house.aclose()


async def is_whole(house: House) -> bool:
    """Whether the ledger verifies, its last entries under a fresh checkpoint."""
    async with house.within(TENANT) as db:
        await grow(db, house.keys, TENANT, house.clock.now())
        return (await verify(db, house.keys, TENANT)).whole
