"""How soon what a customer says is on an agent's screen, while 200 agents are logged in and hear the live stream.

Each of 200 people has a stream open. A message comes in by the API, and is durable when that answers. From then on it counts: a
worker digests it, the stream names the conversation, and the agent who has it open fetches the thread, as their browser does
(static/live.js: 20 ms after the name). A quarter of the others have their desk in front of them, and fetch the inbox again each
time that they are told; the stream tells them one after the other (web/looking.py).
"""

import asyncio
import json
import time
from typing import Any

from _ground import a_process

from rapport.access.logins import find_login
from rapport.access.sessions import open_session
from rapport.access.tokens import make_token
from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.store.pool import Store

AGENTS = 200
EVERY = 0.5  # seconds between two messages
HANDS = 50  # browsers that show a desk at this moment: what is hidden fetches nothing
LOGINS = """insert into login(tenant, id, email, name, role)
 select 1, 'looks-' || n, 'looks-' || n || '@example.org', 'Looks ' || n, 'agent' from generate_series(1, $1) n
 on conflict do nothing"""


async def prepared(url: str) -> tuple[str, list[str]]:
    """A program's token, and a cookie for each agent."""
    store = await Store.open(url, size=4)
    now = SystemClock().now()
    try:
        async with store.within(1) as db:
            await db.execute(LOGINS, AGENTS)
        cookies = [
            f"rapport={await open_session(store, await find_login(store, 1, f'looks-{n}'), now)}" for n in range(1, AGENTS + 1)
        ]
        return await make_token(store, 1, name=f"bench-{now:%d%H%M%S}", role="service", now=now), cookies
    finally:
        await store.close()


class Screens:
    """The streams of all agents, and what one of them waits for. `seen`: when a name was heard, by the name."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.tasks: list[asyncio.Task[None]] = []
        self.waiting: dict[str, asyncio.Future[float]] = {}

    async def listen(self, cookie: str, watches: bool, shows: bool) -> None:
        """One stream; `watches`: the conversation that is spoken of is open there; `shows`: the desk is in front of them."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /live HTTP/1.1\r\nhost: bench\r\ncookie: {cookie}\r\naccept: text/event-stream\r\n\r\n".encode())
        while line := await reader.readline():
            if not line.startswith(b"data: "):
                continue
            name = json.loads(line[6:])["name"]
            if watches and name in self.waiting:
                self.tasks.append(asyncio.create_task(self.fetch_thread(cookie, name)))
            elif name == "inbox" and shows:
                self.tasks.append(asyncio.create_task(self.fetch_inbox(cookie)))

    async def fetch_thread(self, cookie: str, name: str) -> None:
        """The thread again, as the page does."""
        await asyncio.sleep(0.02)
        await ask(self.port, cookie, f"/desk/{name.partition(':')[2]}/part/thread")
        future = self.waiting.pop(name, None)
        if future is not None and not future.done():
            future.set_result(time.perf_counter())

    async def fetch_inbox(self, cookie: str) -> None:
        """The inbox again, as the page does."""
        await asyncio.sleep(0.02)
        await ask(self.port, cookie, "/desk/part/inbox?view=mine")


async def ask(port: int, cookie: str, path: str, body: bytes | None = None, more: str = "") -> bytes:
    """One request on a line of its own; the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"{'POST' if body else 'GET'} {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n{more}"
    head += f"cookie: {cookie}\r\n" if cookie else ""
    head += f"content-length: {len(body)}\r\ncontent-type: application/json\r\n" if body else ""
    writer.write(head.encode() + b"\r\n" + (body or b""))
    answer = await reader.read()
    writer.close()
    return answer


async def live_times(settings: Settings, url: str, port: int, *, seconds: float) -> list[float]:
    """Seconds from each message's durable answer to its thread on the screen."""
    token, cookies = await prepared(url)
    screens, times = Screens(port), []
    with a_process(settings, "worker"):
        streams = [asyncio.create_task(screens.listen(cookie, n == 0, n <= HANDS)) for n, cookie in enumerate(cookies)]
        await asyncio.sleep(4.0)
        bearer = f"authorization: Bearer {token}\r\n"
        run = f"{time.time_ns() // 1_000_000_000 % 1_000_000:06}"  # a kept centre knows those of the runs before
        talks = await conversations_of(port, bearer, run)
        for conversation, _ in talks:
            await ask(port, cookies[0], f"/desk/{conversation}")
        until, n = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            conversation, sender = talks[n % len(talks)]
            name = f"conversation:{conversation}"
            heard = screens.waiting[name] = asyncio.get_running_loop().create_future()
            body = json.dumps(
                {"channel": "sms", "from": sender, "text": f"y otra cosa, número {n}", "key": f"live-{run}-{n}"}
            ).encode()
            answer = await ask(port, "", "/api/messages", body, bearer)
            durable = time.perf_counter()
            assert b" 202 " in answer[:20], answer[:300]
            times.append(await asyncio.wait_for(heard, 20) - durable)
            n += 1
            await asyncio.sleep(EVERY)
        for task in (*streams, *screens.tasks):
            task.cancel()
        await asyncio.gather(*streams, *screens.tasks, return_exceptions=True)
    return times


async def conversations_of(port: int, bearer: str, run: str) -> list[tuple[str, str]]:
    """Ten new conversations with who writes in each: each begins with a message of their own."""
    found: list[tuple[str, str]] = []
    for n in range(10):
        sender = f"+52{run}{n:04}"
        body = json.dumps({"channel": "sms", "from": sender, "text": "hola, una pregunta", "key": f"first-{run}-{n}"}).encode()
        await ask(port, "", "/api/messages", body, bearer)
    for _ in range(100):
        listed: Any = json.loads(
            (await ask(port, "", "/api/conversations?view=open&limit=20", None, bearer)).partition(b"\r\n\r\n")[2]
        )
        found = [(c["id"], c.get("name", "")) for c in listed["conversations"] if c.get("name", "").startswith(f"+52{run}")]
        if len(found) == 10:
            return found
        await asyncio.sleep(0.1)
    raise SystemExit(f"only {len(found)} of ten conversations were opened")
