"""People: who is whom, events in, context out. On a database of its own, filled by statements, with processes of ours.

Identity: people with typos, shared telephones and mailboxes and namesakes (bench/_people.py); precision and recall are over
pairs of records that ended in one person by automatic merges alone, all that follows from chains of merges among them.
Context: over HTTP with a token from one client, each of another person, on record before it is told. Handle: from a handle's
name to its person, in a transaction of its own. Events: batches of 1,000 taken in durably by one process, four at once;
visible: from before one event is handed in until another connection reads it in the person's journey, while nothing else waits.
Small: 100,000 people, 500,000 handles, 400,000 events; full: 1,000,000, 5,000,000 and 20,000,000.
Keys: context_p50_ms, context_p99_ms, context_cpu_us (web and database, each), handle_p99_ms, events_per_s, event_cpu_us (this
process and the database, each), visible_p50_ms, visible_p99_ms, precision, recall, records, people, handles, events,
suggested_share (of the true pairs that were not merged, how many were put before somebody).
"""

import asyncio
import http.client
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import uvloop
from _ground import a_centre, a_process, cpu_seconds, percentile
from _people import records

from rapport.access.tokens import make_token
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.clock import SystemClock
from rapport.ledger.journey import EventTold
from rapport.model.ids import named_id
from rapport.people.context import find_person
from rapport.people.identity.blocking import pairs
from rapport.people.identity.evidence import compare
from rapport.store.connecting import open_connection
from rapport.store.embedded import postmaster_pid
from rapport.store.pool import Store

SIZES = {"small": (100_000, 5, 4, 5_000), "full": (1_000_000, 5, 20, 50_000)}  # people, handles, events of each, judged
ASKED, WARM, LOOKED, BATCHES, SEEN = 600, 50, 2_000, 40, 60
FILL = (
    """create function pg_temp.an_id(kind text, n bigint) returns uuid language sql immutable as
    $$ select (kind || lpad(to_hex(n), 31, '0'))::uuid $$""",
    """insert into person(tenant, id, name, language, messages, attributes) select 1, pg_temp.an_id('0', n), 'Person ' || n,
    'es', 3, '[{"name":"loyalty","value":"gold","source":"crm","at":"2026-01-01T00:00:00Z"}]' 
    from generate_series(1, $1::int) n""",
    """insert into handle(tenant, id, name, person) select 1, pg_temp.an_id('a', n * 10 + k),
    (array['email','sms','whatsapp','mastodon','x'])[k] || ':p' || n, pg_temp.an_id('0', n)
    from generate_series(1, $1::int) n, generate_series(1, $2::int) k""",
    """insert into journey_event(tenant, id, at, kind, source, person, handle, data) select 1, pg_temp.an_id('b', n * 100 + k),
    now() - k * interval '1 day', 'shop.visited', 'shop', pg_temp.an_id('0', n), pg_temp.an_id('a', n * 10 + 1),
    '{"item":"suit","floor":2}' from generate_series(1, $1::int) n, generate_series(1, $2::int) k""",
    """insert into person_events(tenant, id, events) select 1, person, jsonb_agg(jsonb_build_object('id',
    encode(uuid_send(id), 'base64'), 'at', to_char(at, 'YYYY-MM-DD"T"HH24:MI:SSZ'), 'kind', kind, 'source', source,
    'data', data))
    from journey_event where tenant = 1 group by person""",
    """insert into conversation(tenant, id, person, handle, state, kind, account, channel, reach, opened_at, last_at, preview)
    select 1, pg_temp.an_id('c', n), pg_temp.an_id('0', n), pg_temp.an_id('a', n * 10 + 1), 'resolved', 'email', 'mail',
    'email', 'private', now(), now(), 'My invoice' from generate_series(1, $1::int) n""",
)
WAITS = """select exists (select 1 from entry where tenant = 1 and kind = 3
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


async def fill(url: str, people: int, handles: int, events: int) -> str:
    """Put people into the tables; a token that reads their context."""
    db = await open_connection(url, settings={"app.tenants": "{1}", "synchronous_commit": "off"})
    for statement in FILL:
        numbers = (people, handles if "into handle" in statement else events)
        await db.execute(statement, *numbers[: statement.count("::int")], timeout=3600)
    await db.close()
    owner = await open_connection(url, as_owner=True)
    await owner.execute("analyze", timeout=600)
    await owner.close()
    store = await Store.open(url, size=1)
    made = await make_token(store, 1, name="shop", role="service", now=datetime.now(UTC))
    await store.close()
    return made


def ask(port: int, token: str, rng: random.Random, people: int) -> list[float]:
    """Seconds of each context, after a few that warm up."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    took = []
    for n in range(ASKED + WARM):
        path = f"/api/people/email:p{rng.randint(1, people)}/context?purpose=service"
        began = time.perf_counter()
        line.request("GET", path, headers={"authorization": f"Bearer {token}"})
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"the context answered {answer.status}: {body[:200]!r}")
        if n >= WARM:
            took.append(time.perf_counter() - began)
    return took


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


def some_events(seed: int, batch: int, people: int, rng: random.Random) -> list[EventTold]:
    """A thousand events of people who are known or not."""
    now = datetime.now(UTC)
    return [
        EventTold(
            f"email:e{rng.randint(1, people)}", "shop.visited", "shop", f"{seed}-{batch}-{n}", now - timedelta(seconds=n),
            {"item": "suit", "floor": 2, "note": "looked at formal wear"},
        )
        for n in range(1000)
    ]  # fmt: skip


async def write(house: House, seed: int, rng: random.Random, pids: list[int]) -> tuple[float, float]:
    """Events a second, taken in durably; and seconds of CPU of each, of this process and the database."""
    told = [some_events(seed, batch, 20_000, rng) for batch in range(BATCHES + 4)]
    for warm in told[:4]:
        await house.intake.take_events(1, warm)
    waiting = told[4:]

    async def hand_in() -> None:
        while waiting:
            await house.intake.take_events(1, waiting.pop())

    began, ran = time.perf_counter(), cpu_seconds(pids)
    await asyncio.gather(*(hand_in() for _ in range(4)))
    events = BATCHES * 1000
    return events / (time.perf_counter() - began), (cpu_seconds(pids) - ran) / events


async def until_digested(db: asyncpg.Connection, seconds: float) -> None:
    """Wait until a worker has caught up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and await db.fetchval(WAITS):  # noqa: ASYNC110
        await asyncio.sleep(0.2)


async def watch(house: House, seed: int) -> list[float]:
    """Seconds from before an event is handed in until it stands in a person's journey, for another connection."""
    db = await house.store.connect(1)
    await until_digested(db, 240)
    took = []
    for n in range(SEEN):
        at, key = datetime.now(UTC), f"{seed}-seen-{n}"
        began = time.perf_counter()
        await house.intake.event(1, f"email:e{n + 1}", "till.paid", "till", key, at, {"n": n})
        while not await db.fetchval(STANDS, named_id(at, 1, "till", key)):  # noqa: ASYNC110
            await asyncio.sleep(0.002)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.05)
    await db.close()
    return took


async def inside(settings: Any, url: str, server: int, seed: int, people: int) -> dict[str, float]:
    """What is measured within one process."""
    house = await open_house(settings, url, master_key(settings), SystemClock(), pool=4)
    rng = random.Random(seed + 1)
    try:
        handles = await look_up(house.store, rng, people)
        rate, cpu = await write(house, seed, rng, [os.getpid(), server])
        with a_process(settings, "worker"):
            seen = await watch(house, seed)
    finally:
        await house.aclose()
    return {
        "handle_p99_ms": round(percentile(handles, 0.99) * 1000, 2),
        "events_per_s": round(rate),
        "event_cpu_us": round(cpu * 1e6),
        "visible_p50_ms": round(percentile(seen, 0.5) * 1000, 1),
        "visible_p99_ms": round(percentile(seen, 0.99) * 1000, 1),
    }


def run(*, scale: str, seed: int, people: int = 0) -> dict[str, Any]:
    """Every figure. `people`: as many as that, in place of the scale's."""
    number, handles, events, judged = SIZES[scale]
    number = people or number
    found: dict[str, Any] = dict(judge(seed, judged))
    with a_centre() as (settings, url, server):
        token = uvloop.run(fill(url, number, handles, events))
        with a_process(settings, "web") as (web, port):
            pids = [web.pid, postmaster_pid(server.cluster) or 0]
            ran = cpu_seconds(pids)
            took = ask(port, token, random.Random(seed), number)
            spent = (cpu_seconds(pids) - ran) / (ASKED + WARM)
        found |= {
            "context_p50_ms": round(percentile(took, 0.5) * 1000, 2),
            "context_p99_ms": round(percentile(took, 0.99) * 1000, 2),
            "context_cpu_us": round(spent * 1e6),
        }
        found |= uvloop.run(inside(settings, url, postmaster_pid(server.cluster) or 0, seed, number))
    return found | {"people": number, "handles": number * handles, "events": number * events}
