"""From the file channel to a committed offer: the real stages, one worker process, everything durable.

Three parts. Closed: the messages lie in the channel's folder, and the worker takes them as fast as it can once the channel is
set; each is from another person, raises a need and is offered to one of 1,000 agents. Open: 100 messages a second through the
same way in; latency is from the moment before a message is handed in until its committed offer is seen by another connection.
Dense: the same at 500. A process of its own hears the open loop's messages, so two doorbells and two waits for the disk, one
after the other, are in each latency; what a single wait takes on this disk alone is measured beside it. The database is
one that has run for a while: files of its log lie there to be written again (`spare_segments`). Nobody accepts here:
at full scale the built-in plan is set with offers that stay open for an hour, or each would be made anew after half a minute
and the work for a message would grow with the time. All parts say what this machine can do beside
whatever else it runs: compare them with those of another tree in the same minutes, and `cpu_us` before seconds.
Keys: messages_per_s, cpu_us (worker and database, per message), offer_p50_ms, offer_p99_ms, dense_p50_ms, dense_p99_ms,
flush_p50_ms, flush_p99_ms (a single wait for the disk), messages, offered, open_loop_offers, dense_offers.
"""

import asyncio
import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from _ground import a_centre, a_process, cpu_seconds, flushes, percentile, spare_segments
from msgspec.structs import replace

from rapport.app.centre_files import set_now
from rapport.app.house import House, open_house
from rapport.app.master_key import master_key
from rapport.clock import SystemClock
from rapport.ledger.entry import read_fact
from rapport.matching.plan import built_in
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.store.pool import Store

SIZES = {"small": (4_000, 6.0), "full": (40_000, 30.0)}
SPARE = {"small": 12, "full": 56}  # files of the log, of which a thousand messages fill one
AGENTS = 1_000
DENSE = 500  # messages a second
ISSUES = {
    "es": [
        "El wifi de mi habitación se cae",
        "Me cobraron dos veces en la factura",
        "Quiero cambiar la fecha de mi reserva",
        "No puedo entrar a mi cuenta",
        "Mi pedido no ha llegado",
    ],
    "en": [
        "The wifi in my room drops",
        "I was charged twice on my bill",
        "I want to change the date of my booking",
        "I cannot log in to my account",
        "My order has not arrived",
    ],
}
# Everybody tells it in their own words: posts that say nearly the same would be held as one incident, as they should be.
WORDS = {
    "es": "ayer anoche hotel centro esposa hijos viaje trabajo lunes martes tercera vez llamé nadie contesta gerente piso "
    "tarjeta banco semana mes dinero favor urgente espero respuesta app página error azul puerta vuelo maleta playa norte sur "
    "madre tío vecino perro comida cena lluvia calor frío ruido mañana tarde noche hora minuto",
    "en": "yesterday night hotel downtown wife kids trip work monday tuesday third time called nobody answers manager floor "
    "card bank week month money please urgent waiting reply app page error blue door flight suitcase beach north south mother "
    "uncle neighbour dog food dinner rain heat cold noise morning afternoon evening hour minute",
}
SKILLS = ("wifi", "billing", "reservations", "accounts", "delivery", "sales", "refunds", "complaints")


def agents(rng: random.Random) -> list[tuple[str, str, bytes]]:
    """1,000 agents with one or two languages, two skills, and room for sixty conversations each."""
    found = []
    for n in range(AGENTS):
        languages = rng.choice([["es"], ["en"], ["es", "en"]])
        skills = {skill: round(rng.uniform(0.4, 1.0), 2) for skill in rng.sample(SKILLS, 2)}
        body = {
            "id": f"agent-{n:04}",
            "presence": "available",
            "slots": {"social": 60},
            "attributes": {"languages": languages, "skills": skills},
        }
        found.append(("agent", body["id"], json.dumps(body).encode()))
    return found


def patient_plan() -> tuple[str, str, bytes]:
    """The built-in plan of social networks, but an offer stays open for an hour."""
    plan = replace(built_in("social"), id="patient", offer_seconds=3600.0)
    return "plan", plan.id, msgspec.json.encode(plan)


def a_message(seed: int, n: int, rng: random.Random) -> dict[str, Any]:
    language = rng.choice(["es", "en"])
    told = rng.sample(WORDS[language].split(), rng.randint(6, 16))
    text = f"{rng.choice(ISSUES[language])}, {' '.join(told)}"
    return {"key": f"{seed}-{n}", "from": f"person{n}", "name": f"Person {n}", "text": text, "public": True}


async def counts(url: str) -> tuple[int, int]:
    """(messages taken in, offers made)."""
    store = await Store.open(url, size=1)
    try:
        async with store.within(1, readonly=True) as db:
            heard = await db.fetchval("select count(*) from entry where tenant = 1 and kind = 1")
            return heard, await db.fetchval("select count(*) from entry where tenant = 1 and kind = 53")
    finally:
        await store.close()


async def set_channel(settings: Any, url: str, folder: Path) -> float:
    """Set the channel whose folder this is; when that was told (perf_counter): opening a house for it is not the pipeline's."""
    account = {"id": "file", "channel": "file", "settings": {"folder": str(folder), "kind": "social", "network": "mastodon"}}
    house = await open_house(settings, url, master_key(settings), SystemClock(), pool=2)
    try:
        start = time.perf_counter()
        await house.intake.set_things(1, [("account", "file", json.dumps(account).encode())], by="bench")
        return start
    finally:
        await house.aclose()


async def until_offered(url: str, wanted: int, seconds: float) -> float:
    """Wait for so many offers; when the last was seen (perf_counter). Looking costs next to nothing."""
    end = time.perf_counter() + seconds
    seen, at = 0, time.perf_counter()
    store = await Store.open(url, size=1)
    try:
        while seen < wanted and time.perf_counter() < end:
            async with store.within(1, readonly=True) as db:
                offered = await db.fetchval("select count(*) from offer where tenant = 1")
            if offered > seen:
                seen, at = offered, time.perf_counter()
            await asyncio.sleep(0.1)
    finally:
        await store.close()
    return at


async def open_loop(settings: Any, url: str, seed: int, seconds: float, rate: int = 100) -> list[float]:
    """Seconds from just before a message is handed in until its committed offer is seen by another connection."""
    house = await open_house(settings, url, master_key(settings), SystemClock(), pool=2)
    rng = random.Random(seed + rate)
    account = Account("live", "mastodon")
    began: dict[str, float] = {}
    seen: dict[str, float] = {}
    watching = asyncio.create_task(watch(house, seen))
    tasks = []
    try:
        start = time.perf_counter()
        for n in range(int(seconds * rate)):
            await asyncio.sleep(max(0.0, start + n / rate - time.perf_counter()))
            incoming = Incoming(
                f"live-{rate}-{seed}-{n}",
                f"mastodon:@live{rate}-{seed}-{n}@example.social",
                a_message(seed, n, rng)["text"],
                Reach.PUBLIC,
                datetime.now(UTC),
            )
            began[f"live-{rate}-{seed}-{n}"] = time.perf_counter()
            tasks.append(asyncio.create_task(house.intake.hear(1, account, ChannelKind.SOCIAL, [incoming])))
        await asyncio.gather(*tasks)
        await asyncio.sleep(1.5)
    finally:
        watching.cancel()
        await house.aclose()
    return [at - began[key] for key, at in seen.items() if key in began]


OFFERS = "select seq, body from entry where tenant = 1 and seq > $1 and kind = 53 order by seq"
KEYS = "select key from message where tenant = 1 and conversation = any($1::uuid[])"


async def watch(house: House, seen: dict[str, float]) -> None:
    """Note when each offer can be seen: at every ring of the doorbell, every 5 ms at the latest."""
    db = await house.store.connect(1)
    last = int(await db.fetchval("select seq from head where tenant = 1"))
    with house.store.bell.subscribe(1) as listening:
        while True:
            await listening.wait(0.005)
            found = await db.fetch(OFFERS, last)
            if not found:
                continue
            at, last = time.perf_counter(), found[-1][0]
            offers = [read_fact(53, body) for _, body in found]
            for (key,) in await db.fetch(KEYS, [offer.conversation for offer in offers]):
                seen.setdefault(key, at)


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure; see the module's first lines."""
    count, seconds = SIZES[scale]
    rng = random.Random(seed)
    with a_centre() as (settings, url, server):
        folder = Path(settings.data) / "network"
        (folder / "in").mkdir(parents=True)
        lines = [json.dumps(a_message(seed, n, rng), ensure_ascii=False) for n in range(count)]
        (folder / "in" / "messages.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        key = master_key(settings)
        asyncio.run(set_now(settings, url, key, "default", agents(rng) + ([patient_plan()] if scale == "full" else [])))
        asyncio.run(spare_segments(url, SPARE[scale]))
        with a_process(settings, "worker") as (worker, _):
            time.sleep(2.0)
            pids = [worker.pid, server.process.pid]
            before, start = cpu_seconds(pids), asyncio.run(set_channel(settings, url, folder))
            last = asyncio.run(until_offered(url, count, 25 if scale == "small" else 300))
            used = cpu_seconds(pids) - before
            heard, offered = asyncio.run(counts(url))
            waits = uvloop.run(open_loop(settings, url, seed, seconds))
            dense = uvloop.run(open_loop(settings, url, seed, seconds / 2, DENSE))
        waited = flushes(Path(settings.data))
    return {
        "messages_per_s": round(offered / (last - start), 1),
        "cpu_us": round(used / max(1, offered) * 1e6, 1),
        "offer_p50_ms": round(percentile(waits, 0.5) * 1000, 2),
        "offer_p99_ms": round(percentile(waits, 0.99) * 1000, 2),
        "dense_p50_ms": round(percentile(dense, 0.5) * 1000, 2),
        "dense_p99_ms": round(percentile(dense, 0.99) * 1000, 2),
        "flush_p50_ms": round(percentile(waited, 0.5) * 1000, 2),
        "flush_p99_ms": round(percentile(waited, 0.99) * 1000, 2),
        "messages": heard,
        "offered": offered,
        "open_loop_offers": len(waits),
        "dense_offers": len(dense),
    }
