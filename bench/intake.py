"""How many messages one web process takes in over HTTP, each durable when it is answered: 64 connections, one a request.

The load comes from this process over raw sockets, on the same cores. Keys: rps, p50_ms and p99_ms (of the answer), cpu_us (web
process and database, per message), answered, stored, refused.
"""

import asyncio
import json
import random
import time
from typing import Any

import uvloop
from _ground import a_centre, a_process, cpu_seconds, percentile

from rapport.access.tokens import make_token
from rapport.clock import SystemClock
from rapport.store.pool import Store

CONNECTIONS = 64
SECONDS = {"small": 6.0, "full": 30.0}
WORDS = ["la", "red", "se", "cae", "cada", "noche", "y", "nadie", "contesta", "the", "bill", "is", "wrong", "again", "please"]


def request(token: str, seed: int, n: int, rng: random.Random) -> bytes:
    """One POST of a message of about 130 characters from one of 20,000 people."""
    body = json.dumps(
        {
            "channel": "mastodon",
            "from": f"@person{int(rng.random() ** 2 * 20_000)}@example.social",
            "text": " ".join(rng.choices(WORDS, k=rng.randint(14, 40))),
            "key": f"{seed}-{n}",
            "public": True,
        }
    ).encode()
    head = f"POST /api/messages HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


async def connection(port: int, requests: list[bytes], until: float, times: list[float], bad: list[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while requests and (began := time.perf_counter()) < until:
        writer.write(requests.pop())
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        if b" 202 " in head[:20]:
            times.append(time.perf_counter() - began)
        else:
            bad.append(head[:80] + body[:200])
    writer.close()


async def load(port: int, requests: list[bytes], seconds: float) -> tuple[list[float], list[bytes]]:
    times: list[float] = []
    bad: list[bytes] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(connection(port, requests, until, times, bad) for _ in range(CONNECTIONS)))
    return times, bad


async def a_token(url: str) -> str:
    store = await Store.open(url, size=1)
    try:
        return await make_token(store, 1, name="bench", role="administrator", now=SystemClock().now())
    finally:
        await store.close()


async def stored(url: str) -> int:
    store = await Store.open(url, size=1)
    try:
        async with store.within(1) as db:
            return int(await db.fetchval("select count(*) from entry where tenant = 1 and kind = 1"))
    finally:
        await store.close()


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure; see the module's first lines."""
    rng = random.Random(seed)
    seconds = SECONDS[scale]
    with a_centre() as (settings, url, server), a_process(settings, "web") as (web, port):
        token = asyncio.run(a_token(url))
        requests = [request(token, seed, n, rng) for n in range(int(seconds * 12_000))]
        warm, bad = uvloop.run(load(port, [request(token, seed, -n, rng) for n in range(1, 3_001)], 5.0))
        pids = [web.pid, server.process.pid] if server.process else [web.pid]
        before, began = cpu_seconds(pids), time.perf_counter()
        times, refused = uvloop.run(load(port, requests, seconds))
        took, used = time.perf_counter() - began, cpu_seconds(pids) - before
        kept = asyncio.run(stored(url))
    if bad or refused:
        print("refused:", (bad + refused)[0])
    return {
        "rps": round(len(times) / took, 1),
        "p50_ms": round(percentile(times, 0.5) * 1000, 2),
        "p99_ms": round(percentile(times, 0.99) * 1000, 2),
        "cpu_us": round(used / max(1, len(times)) * 1e6, 1),
        "answered": len(warm) + len(times),
        "stored": kept,
        "refused": len(bad) + len(refused),
    }
