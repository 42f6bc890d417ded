"""People: who is whom, events in, context out. On a database of its own, filled by statements, with processes of ours.

Identity: people with typos, shared telephones and mailboxes and namesakes (bench/_people.py); precision and recall are over
pairs of records that ended in one person by automatic merges alone, all that follows from chains of merges among them.
Context: over HTTP with a token from one client, each of another person, on record before it is told; first of people by chance
of all (cold: the database was just started), then of people by chance of those with whom the centre has to do, each of whom was
read once before. Handle: from a handle's name to its person, in a transaction of its own. Events: batches of 1,000 taken in
durably by one process, four at once, of people by chance of all; the first ten thousand are told apart (cold);
visible: from before one event is handed in until another connection reads it in the person's journey, while nothing else waits.
Erasure: one person with five handles and twenty events; then a word of theirs is looked for in every row of every table, and
in every file of the data folder after `rapport scrub`. Import: a sheet of people with three bad lines, taken in to its end.
Small: 100,000 people, 500,000 handles, 400,000 events; full: 1,000,000, 5,000,000 and 20,000,000, with as many entries in the
ledger, kept in .cache/bench for the next run.
Keys: context_p50_ms, context_p99_ms, context_cold_p50_ms, context_cold_p99_ms, context_cpu_us (web and database, each), active,
handle_p99_ms, events_per_s, events_cold_per_s, event_cpu_us (this process and the database, each), visible_p50_ms,
visible_p99_ms, precision, recall, records, people, handles, events, suggested_share (of true pairs that were not merged, how
many were put before somebody), erasure_s, canary_before, canary_hits (rows), canary_files_before, canary_files, scrub_s,
import_lines_per_s, import_taken, import_refused.
"""

import asyncio
import functools
import http.client
import os
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import structlog
import uvloop
from _ground import a_process, cpu_seconds, percentile
from _people import records
from _people_brought import bring
from _people_erased import erase, left_in_files
from _people_filled import a_filled_centre, mailbox

from rapport.access.tokens import make_token
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.clock import SystemClock
from rapport.ledger.journey import EventTold
from rapport.model.centre import Centre
from rapport.model.fact import INBOUND
from rapport.model.ids import named_id
from rapport.model.purpose import PURPOSES
from rapport.people.context import context, find_person
from rapport.people.identity.blocking import pairs
from rapport.people.identity.evidence import compare
from rapport.settings import Settings
from rapport.store.embedded import postmaster_pid
from rapport.store.pool import Store

log = structlog.get_logger()
SIZES = {"small": (100_000, 5, 4, 5_000), "full": (1_000_000, 5, 20, 50_000)}  # people, handles, events of each, judged
ASKED, WARM, LOOKED, COLD, BATCHES, SEEN = 600, 50, 2_000, 10, 40, 60
ACTIVE = (1_000, 10_000)  # people with whom the centre has to do: small, full
LINES = (3_000, 100_000)  # of a sheet that is brought in: small, full
WAITS = """select exists (select 1 from entry where tenant = 1 and kind = any($1::smallint[])
and seq > (select seq from cursor where tenant = 1 and name = 'pipeline'))"""
STANDS = "select 1 from journey_event where tenant = 1 and id = $1"


def judge(seed: int, number: int) -> dict[str, float]:
    """Precision and recall of automatic merges, and how much of the rest is suggested."""
    found, whose = records(random.Random(seed), number)
    parent = list(range(len(found)))

    def top(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    suggested: list[tuple[int, int]] = []
    for one, other in pairs(found):
        decision = compare(found[one], found[other]).decision
        if decision == "merge":
            parent[top(one)] = top(other)
        elif decision == "suggest":
            suggested.append((one, other))
    merged = Counter((top(place), whose[place]) for place in range(len(found)))
    right = sum(_pairs(n) for n in merged.values())
    all_merged = sum(_pairs(n) for n in Counter(top(place) for place in range(len(found))).values())
    true = sum(_pairs(n) for n in Counter(whose).values())
    left = {(a, b) for a, b in suggested if whose[a] == whose[b] and top(a) != top(b)}
    return {
        "precision": round(right / all_merged, 5),
        "recall": round(right / true, 5),
        "suggested_share": round(len(left) / max(1, true - right), 3),
        "records": len(found),
    }


def _pairs(number: int) -> int:
    return number * (number - 1) // 2


async def a_token(url: str) -> str:
    """A token that reads the context of people."""
    store = await Store.open(url, size=1)
    made = await make_token(store, 1, name="shop", role="service", now=datetime.now(UTC))
    await store.close()
    return made


def ask(port: int, token: str, whom: Sequence[int]) -> list[float]:
    """Seconds of each context, after a few that warm up."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took = []
    for n, number in enumerate(whom):
        path = f"/api/people/{mailbox(number)}/context?purpose=service"
        began = time.perf_counter()
        line.request("GET", path, headers={"authorization": f"Bearer {token}"})
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the context answered {answer.status}: {body[:200]!r}")
        if n >= WARM:
            took.append(time.perf_counter() - began)
    return took


async def read_once(url: str, whom: Sequence[int]) -> None:
    """Read the context of each, as happened before today."""
    store = await Store.open(url, size=1)
    for number in whom:
        assert await context(store.reading(1), 1, mailbox(number), PURPOSES["service"], Centre(), datetime.now(UTC))
    await store.close()


def contexts(settings: Settings, url: str, server: int, run: str, people: int) -> dict[str, float]:
    """How long a context takes: of anybody, and of those with whom the centre has to do."""
    rng, token = random.Random(run), uvloop.run(a_token(url))
    active = rng.sample(range(1, people + 1), min(people // 2, ACTIVE[people >= 1_000_000]))
    with a_process(settings, "web") as (web, port):
        cold = ask(port, token, rng.sample(range(1, people + 1), ASKED + WARM))
        uvloop.run(read_once(url, active))
        pids = [web.pid, server]
        ran = cpu_seconds(pids)
        took = ask(port, token, rng.sample(active, ASKED + WARM))
        spent = (cpu_seconds(pids) - ran) / (ASKED + WARM)
    return {
        "context_p50_ms": round(percentile(took, 0.5) * 1000, 2),
        "context_p99_ms": round(percentile(took, 0.99) * 1000, 2),
        "context_cold_p50_ms": round(percentile(cold, 0.5) * 1000, 2),
        "context_cold_p99_ms": round(percentile(cold, 0.99) * 1000, 2),
        "context_cpu_us": round(spent * 1e6),
        "active": len(active),
    }


async def look_up(store: Store, rng: random.Random, people: int) -> list[float]:
    """Seconds from a handle's name to its person."""
    took = []
    for n in range(LOOKED + 100):
        name = f"whatsapp:p{rng.randint(1, people)}"
        began = time.perf_counter()
        async with store.within(1, readonly=True) as db:
            assert await find_person(db, 1, name) is not None
        if n >= 100:
            took.append(time.perf_counter() - began)
    return took


def some_events(run: str, batch: int, people: int, rng: random.Random) -> list[EventTold]:
    """A thousand events of people who are known."""
    now = datetime.now(UTC)
    return [
        EventTold(
            mailbox(rng.randint(1, people)), "shop.visited", "shop", uuid4().hex, now - timedelta(seconds=n),
            {"item": "suit", "floor": 2, "note": f"looked at formal wear, {run} {batch}"},
        )
        for n in range(1000)
    ]  # fmt: skip


async def write(house: House, run: str, rng: random.Random, pids: list[int], people: int) -> dict[str, float]:
    """Events a second, taken in durably, the first of all apart; and CPU of each, of this process and the database."""
    told = [some_events(run, batch, people, rng) for batch in range(COLD + BATCHES)]

    async def rate(waiting: list[list[EventTold]]) -> float:
        began, events = time.perf_counter(), len(waiting) * 1000

        async def hand_in() -> None:
            while waiting:
                await house.intake.take_events(1, waiting.pop())

        await asyncio.gather(*(hand_in() for _ in range(4)))
        return events / (time.perf_counter() - began)

    cold = await rate(told[:COLD])
    ran = cpu_seconds(pids)
    warm = await rate(told[COLD:])
    cpu = (cpu_seconds(pids) - ran) / (BATCHES * 1000)
    return {"events_per_s": round(warm), "events_cold_per_s": round(cold), "event_cpu_us": round(cpu * 1e6)}


async def until_digested(db: asyncpg.Connection, seconds: float) -> None:
    """Wait until a worker has caught up; what is measured while more waits would say something else."""
    until = time.monotonic() + seconds
    while await db.fetchval(WAITS, list(INBOUND)):
        if time.monotonic() > until:
            raise SystemExit(f"the worker has not caught up within {seconds:.0f} s; nothing after that was measured")
        await asyncio.sleep(0.2)


async def watch(house: House, run: str) -> list[float]:
    """Seconds from before an event is handed in until it stands in a person's journey, for another connection."""
    db = await house.store.connect(1)
    await until_digested(db, 900)
    took = []
    for n in range(SEEN):
        at, key = datetime.now(UTC), f"{run}-seen-{n}"
        began = time.perf_counter()
        await house.intake.event(1, mailbox(n + 1), "till.paid", "till", key, at, {"n": n})
        while not await db.fetchval(STANDS, named_id(at, 1, "till", key)):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    await db.close()
    return took


async def inside(settings: Settings, url: str, server: int, run: str, people: int) -> dict[str, float]:
    """What is measured within one process."""
    house = await open_house(settings, url, master_key(settings), SystemClock(), pool=4)
    rng = random.Random(run)
    try:
        handles = await look_up(house.store, rng, people)
        written = await write(house, run, rng, [os.getpid(), server], people)
        log.info("people.measured", handle_p99_ms=percentile(handles, 0.99) * 1000, **written)
        with a_process(settings, "worker"):
            seen = await watch(house, run)
            log.info("people.measured", visible_p99_ms=percentile(seen, 0.99) * 1000)
            gone = await erase(house, run, functools.partial(until_digested, seconds=900))
            log.info("people.measured", **gone)
        brought = await bring(house, LINES[people >= 1_000_000], run)
    finally:
        await house.aclose()
    return (
        {
            "handle_p99_ms": round(percentile(handles, 0.99) * 1000, 2),
            "visible_p50_ms": round(percentile(seen, 0.5) * 1000, 1),
            "visible_p99_ms": round(percentile(seen, 0.99) * 1000, 1),
        }
        | written
        | brought
        | gone
    )


def run(*, scale: str, seed: int, people: int = 0) -> dict[str, Any]:
    """Every figure. `people`: as many as that, in place of the scale's."""
    number, handles, events, judged = SIZES[scale]
    number = people or number
    found: dict[str, Any] = dict(judge(seed, judged))
    kept = Path(f".cache/bench/people-{number}-{handles}-{events}") if scale == "full" else None
    this = f"{seed}-{uuid4().hex[:8]}"
    with a_filled_centre(kept, number, handles, events) as (settings, url, server):
        found |= contexts(settings, url, postmaster_pid(server.cluster) or 0, this, number)
        log.info("people.measured", **found)
        found |= uvloop.run(inside(settings, url, postmaster_pid(server.cluster) or 0, this, number))
        log.info("people.measured", **found)
        found |= asyncio.run(left_in_files(url, server.folder, this))
    return found | {"people": number, "handles": number * handles, "events": number * events}
