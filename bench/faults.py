"""kill -9 over web, worker and PostgreSQL at random moments, while messages come in and replies go out through a bad provider.

The centre is `rapport up`. Messages come by HTTP and by file, one in ten of them twice (by the same way, or by the other).
Each is answered once by way of a provider in a process of its own (`_provider.py`) that loses acknowledgements, answers 500
after accepting, and reorders. What counts is what is on record at the end, and what the provider has.
Keys: lost, doubled, unknown, unflagged (see `_judging.py`). `--kills 200 --messages 10000` is the bench in earnest: thirty
minutes at most for the killing, eight more for what is still to come and to settle. Small has as many kills and messages as
fit into 45 seconds; what has not come to its end then is counted as unsettled, and the leases of workers that it killed are
made to end at once.
"""

import asyncio
import contextlib
import json
import logging
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import structlog
from _ground import answers, wait_until
from _judging import COUNTS, judged, on_record
from kills import Centre, children

from rapport.access.tokens import make_token
from rapport.app.database import address, runs
from rapport.app.demonstrating import is_whole
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.clock import SystemClock
from rapport.errors import RapportError
from rapport.settings import Settings

SIZES = {"small": (6, 200), "full": (200, 10_000)}
TENANT = 1
BOSS = "boss"  # a supervisor may answer every conversation: who answers is not what is measured
DUPLICATED = 0.1
SMALL = (26.0, 36.0, 43.0)  # seconds from the start, at most: the killing, what is still to come, and its settling
AT_LEAST = (8.0, 16.0, 26.0)  # the same from when the centre answers: on a machine that is busy it takes longer to
RECOVERY = 20.0  # seconds that are waited for the web and the database to be back
EACH_KILL = 9.0  # seconds, at most; in earnest, what comes next has these seconds
COMING, SETTLING = 180.0, 300.0  # a lease that a killed worker held lasts 70
AWAY = (RapportError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
HERE = Path(__file__).parent
WORDS = (
    "ayer anoche hotel centro viaje lunes martes tercera nadie contesta gerente piso banco semana mes dinero urgente espero "
    "app error azul puerta vuelo maleta playa sur vecino perro comida lluvia ruido tarde hora minuto factura reserva pedido"
)


@dataclass(slots=True)
class Run:
    """What was done, as the bench itself knows it. `told`: keys that are surely in; `asked`: action and text of each reply."""

    folder: Path
    port: int
    kills: int
    messages: int
    rng: random.Random
    is_small: bool
    token: str = ""
    told: set[str] = field(default_factory=set)
    asked: dict[str, tuple[bytes, str]] = field(default_factory=dict)
    killed: Counter[str] = field(default_factory=Counter)
    again: int = 0
    refused: Counter[int] = field(default_factory=Counter)

    @property
    def done(self) -> float:
        """The share of the kills that are done."""
        return sum(self.killed.values()) / max(1, self.kills)

    def text(self, n: int) -> str:
        """A text of its own: posts that say nearly the same would be held as one incident, as they should be."""
        return " ".join(random.Random(f"{n}").choices(WORDS.split(), k=14))


def plug_in(folder: Path) -> dict[str, str]:
    """The environment in which the provider's channel is installed, as a package of somebody else's would be."""
    told = folder / "plugin" / "rapport_bench-0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: rapport-bench\nVersion: 0\n")
    (told / "entry_points.txt").write_text("[rapport.channels]\nprovider = _provider_channel:NETWORK\n")
    shutil.copy(HERE / "_provider_channel.py", told.parent)
    before = filter(None, [os.environ.get("PYTHONPATH")])
    return {"PYTHONPATH": os.pathsep.join([str(told.parent), *before])}


@contextlib.contextmanager
def a_provider(folder: Path, seed: int) -> Any:  # Any: a generator of its address
    """The provider's process and where it listens."""
    place = folder / "provider.port"
    argv = [sys.executable, "-P", str(HERE / "_provider.py"), str(place), str(folder / "provider.jsonl"), str(seed)]
    process = subprocess.Popen(argv)
    try:
        wait_until(place.exists, 20)
        yield f"http://127.0.0.1:{place.read_text()}"
    finally:
        process.kill()
        process.wait()


async def furnish(run: Run, house: House, url: str) -> None:
    """The account of the provider, and who answers."""
    account = {"id": "provider", "channel": "provider", "settings": {"folder": str(run.folder / "network"), "url": url}}
    boss = {"id": BOSS, "role": "supervisor"}
    things = [(kind, thing["id"], json.dumps(thing).encode()) for kind, thing in (("account", account), ("agent", boss))]
    await house.intake.set_things(TENANT, things)
    run.token = await make_token(house.store, TENANT, name="bench", role="administrator", now=SystemClock().now())


async def come_in(run: Run) -> None:
    """Let the messages come, as fast as the kills go on: half by HTTP, half by file, one in ten a second time."""
    plan = [(n, run.rng.random() < 0.5) for n in range(run.messages)]
    late = sorted((n + run.rng.randint(0, 200), n, run.rng.random() < 0.5) for n, _ in plan if run.rng.random() < DUPLICATED)
    run.again = len(late)
    waiting: asyncio.Queue[int | None] = asyncio.Queue()
    async with httpx.AsyncClient(trust_env=False, timeout=10.0) as http, asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(_post(run, http, waiting))
        for n, by_http in plan:
            while n > run.messages * run.done + run.messages / max(1, run.kills):  # noqa: ASYNC110 - it waits for the killing
                await asyncio.sleep(0.02)
            await _hand_in(run, n, by_http, waiting)
            while late and late[0][0] <= n:
                _, again, by_http = late.pop(0)
                await _hand_in(run, again, by_http, waiting)
        for _, again, by_http in late:
            await _hand_in(run, again, by_http, waiting)
        for _ in range(8):
            await waiting.put(None)


async def _hand_in(run: Run, n: int, by_http: bool, waiting: "asyncio.Queue[int | None]") -> None:
    if by_http:
        await waiting.put(n)
        return
    line = {"key": f"m{n}", "from": f"person{n}", "text": run.text(n)}
    with (run.folder / "network" / "in" / "messages.jsonl").open("a") as file:
        file.write(json.dumps(line) + "\n")
    run.told.add(f"m{n}")


async def _post(run: Run, http: httpx.AsyncClient, waiting: "asyncio.Queue[int | None]") -> None:
    while (n := await waiting.get()) is not None:
        body = {"channel": "provider", "from": f"person{n}", "text": run.text(n), "key": f"m{n}"}
        while True:
            with contextlib.suppress(httpx.HTTPError):
                said = await http.post(
                    f"http://127.0.0.1:{run.port}/api/messages", json=body, headers={"authorization": f"Bearer {run.token}"}
                )
                if said.status_code == 202:
                    run.told.add(f"m{n}")
                    break
                run.refused[said.status_code] += 1
            await asyncio.sleep(0.2)


OPEN = """select e.source_id, m.conversation from entry e join message m on m.tenant = e.tenant and m.id = e.id
where e.tenant = $1 and e.source = 'in:provider' and e.source_id = any($2::text[]) and m.conversation is not null"""


async def answer(run: Run, house: House, ended: asyncio.Event) -> None:
    """Answer each message once, as soon as it has a conversation; whatever fails is asked again under the same name."""
    while not ended.is_set():
        open_ = [key for key in run.told if key not in run.asked][:500]
        with contextlib.suppress(*AWAY):
            async with house.within(TENANT) as db:
                found = await db.fetch(OPEN, TENANT, open_)
            async with asyncio.timeout(15.0):
                said = (_reply(run, house, key, conversation) for key, conversation in found)
                await asyncio.gather(*said, return_exceptions=True)
        await asyncio.sleep(0.3)


async def _reply(run: Run, house: House, key: str, conversation: bytes) -> None:
    text = f"{key} {run.text(int(key[1:]))}"
    action = await house.intake.act(TENANT, BOSS, "reply", conversation=conversation, text=text, once=f"reply {key}")
    run.asked[key] = action, text


async def kill(run: Run, centre: Centre, settings: Settings) -> None:
    """Kill the web, the worker, PostgreSQL or one of its backends, a few in a burst; then let them come back for a while.

    What is only starting, or recovering, is killed as well. Without the calm between bursts nothing would ever be up.
    """
    while sum(run.killed.values()) < run.kills and centre.supervisor.poll() is None:
        for _ in range(min(run.rng.randint(1, 4), run.kills - sum(run.killed.values()))):
            await asyncio.sleep(run.rng.uniform(0.0, 1.5))
            found = {name: pid for name, pid in centre.processes().items() if name in ("web", "worker", "postgres")}
            if not found:
                continue
            name = run.rng.choice(sorted(found))
            pid = found[name]
            if name == "postgres" and run.rng.random() < 0.5 and (backends := children(pid)):
                name, pid = "backend", run.rng.choice(backends)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                run.killed[name] += 1
        await asyncio.to_thread(wait_until, lambda: runs(settings) and answers(run.port), RECOVERY)
        await asyncio.sleep(run.rng.uniform(0.3, 3.0))


async def settle(house: House, run: Run, until: float) -> None:
    """Wait until everything has come to its end, at most until then (of the steady clock)."""
    hurried = not run.is_small
    while time.monotonic() < until:
        with contextlib.suppress(*AWAY):
            async with house.within(TENANT) as db:
                now = dict(await db.fetchrow(COUNTS, TENANT))
            quiet = now["keys"] == len(run.told) and len(run.asked) == now["open"] == now["replies"]
            if quiet and not now["queued"] and not now["behind"]:
                return
            if quiet and not hurried:  # what earnest waits for: the leases of workers that are dead by now
                await asyncio.sleep(2.5)
                async with house.within(TENANT) as db:
                    await db.execute("update sending set lease_until = lease_until - interval '65 s' where tenant = $1", TENANT)
                hurried = True
        await asyncio.sleep(0.3)


async def within_time(work: Awaitable[None], until: float) -> None:
    """Do it, at most until then (of the steady clock)."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, until - time.monotonic())):
            await work


async def drive(run: Run, settings: Settings, centre: Centre, url: str, until: Sequence[float]) -> dict[str, Any]:
    """Let it happen, and judge it. `until`: when the killing, the coming and the settling end at the latest."""
    house = await open_house(settings, address(settings), master_key(settings), SystemClock(), pool=4)
    try:
        await furnish(run, house, url)
        ended = asyncio.Event()
        answering = asyncio.create_task(answer(run, house, ended))
        coming = asyncio.create_task(come_in(run))
        await within_time(kill(run, centre, settings), until[0])
        run.kills = sum(run.killed.values())  # so that what is still to come comes now
        await within_time(coming, until[1])
        await settle(house, run, until[2])
        ended.set()
        await answering
        async with house.within(TENANT) as db:
            found = judged(await on_record(db, run), run)
        return found | {"verified": await verified(house)}
    finally:
        await house.aclose()


async def verified(house: House) -> bool:
    """Whether the ledger verifies. While somebody still writes the head may run ahead of what was read: so not once only."""
    for _ in range(3):
        if await is_whole(house):
            return True
    return False


def run(scale: str = "small", seed: int = 1, kills: int = 0, messages: int = 0) -> dict[str, Any]:
    """Run it; see the module's first lines. 0: as many as the scale says."""
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # it says each time that the database is away: that is the test
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()
    is_small = scale == "small" and not kills
    kills, messages = kills or SIZES[scale][0], messages or SIZES[scale][1]
    with tempfile.TemporaryDirectory(prefix="rapport-faults-") as name, a_provider(Path(name), seed) as url:
        folder = Path(name)
        (folder / "network" / "in").mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        settings = Settings(data=folder / "centre", port=port)
        settings.data.mkdir()
        this = Run(folder, port, kills, messages, random.Random(seed), is_small)
        centre = Centre(settings.data, port, plug_in(folder))
        try:
            if not wait_until(lambda: answers(port), 90):
                return {"error": (settings.data / "up.log").read_text()[-500:]}
            start = time.monotonic()
            end = start + EACH_KILL * kills
            small = [max(began + at, start + least) for at, least in zip(SMALL, AT_LEAST, strict=True)]
            until = small if is_small else [end, end + COMING, end + COMING + SETTLING]
            try:
                found = asyncio.run(drive(this, settings, centre, url, until))
            except AWAY as error:
                last = (settings.data / "up.log").read_text()[-500:]
                return {"error": f"{error!r} after {dict(this.killed)}: {last}"}
            return found | {"took_s": round(time.monotonic() - began, 1)}
        finally:
            centre.stop()
