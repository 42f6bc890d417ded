"""How many messages one web process takes in over HTTP, each durable when it is answered: 64 connections, one a request.

The load comes from this process over bare sockets, on the same cores. Keys: rps, p50_ms and p99_ms (of the answer), cpu_us (web
process and database, per message) and its two parts, load_cpu_us (this process, not in it), answered, stored, refused.
"""

import asyncio
import json
import random
import select
import socket
import sys
import time
from typing import Any

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


class Load:
    """Connections that each wait for the answer before they ask again. `times`: seconds of each 202; `bad`: every other answer.

    Bare sockets and one epoll, as it runs on the cores that the server is measured on.
    """

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self.times: list[float] = []
        self.bad: list[bytes] = []
        self._requests = requests
        self._sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        self._lengths: dict[bytes, int] = {}  # of an answer's body, by its head

    def run(self, seconds: float) -> float:
        """Ask for so long, or until there is nothing more to ask; how many seconds it took."""
        poll, began = select.epoll(), time.perf_counter()
        open_, asked, heard = {s.fileno(): s for s in self._sockets}, {}, {}
        for number, one in open_.items():
            poll.register(number, select.EPOLLIN)
            asked[number], heard[number] = time.perf_counter(), b""
            one.sendall(self._requests.pop())
        while open_:
            for number, _ in poll.poll():
                heard[number] += open_[number].recv(65_536)
                if not self._whole(heard[number]):
                    continue
                now = time.perf_counter()
                self._keep(heard[number], now - asked[number])
                heard[number], asked[number] = b"", now
                if self._requests and now - began < seconds:
                    open_[number].sendall(self._requests.pop())
                else:
                    poll.unregister(number)
                    open_.pop(number).close()
        return time.perf_counter() - began

    def _whole(self, heard: bytes) -> bool:
        head, end, body = heard.partition(b"\r\n\r\n")
        if not end:
            return False
        if head not in self._lengths:
            self._lengths[head] = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        return len(body) >= self._lengths[head]

    def _keep(self, answer: bytes, seconds: float) -> None:
        if answer.startswith(b"HTTP/1.1 202 "):
            self.times.append(seconds)
        else:
            self.bad.append(answer)


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
    rng, seconds = random.Random(seed), SECONDS[scale]
    with a_centre() as (settings, url, server), a_process(settings, "web") as (web, port):
        token = asyncio.run(a_token(url))
        requests = [request(token, seed, n, rng) for n in range(int(seconds * 12_000))]
        warm = Load(port, [request(token, seed, -n, rng) for n in range(1, 3_001)])
        warm.run(5.0)
        load = Load(port, requests)
        parts = [web.pid], [server.process.pid] if server.process else []
        before = [*map(cpu_seconds, parts), time.process_time()]
        took = load.run(seconds)
        used = [*map(cpu_seconds, parts), time.process_time()]
        kept = asyncio.run(stored(url))
    for answer in (warm.bad + load.bad)[:1]:
        print("refused:", answer[:300], file=sys.stderr)
    times = load.times
    each = [(after - at_first) / max(1, len(times)) * 1e6 for at_first, after in zip(before, used, strict=True)]
    return {
        "rps": round(len(times) / took, 1),
        "p50_ms": round(percentile(times, 0.5) * 1000, 2),
        "p99_ms": round(percentile(times, 0.99) * 1000, 2),
        "cpu_us": round(each[0] + each[1], 1),
        "web_cpu_us": round(each[0], 1),
        "database_cpu_us": round(each[1], 1),
        "load_cpu_us": round(each[2], 1),
        "answered": len(warm.times) + len(times),
        "stored": kept,
        "refused": len(warm.bad) + len(load.bad),
    }
