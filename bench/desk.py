"""How long the server takes for the desk's inbox page with 100,000 conversations, from request to last byte, over HTTP.

The conversations are written as rows, spread over four channels, six states of waiting and 200 agents; one person asks for the
page, its views in turn. Keys: inbox_p50_ms, inbox_p95_ms, conversations, cpu_ms (web and database, per page), page_kib.
"""

import asyncio
import http.client
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from _ground import a_centre, a_process, cpu_seconds, percentile
from msgspec.structs import replace

from rapport.access.logins import add_login, find_login
from rapport.access.sessions import open_session
from rapport.ledger.tables import write_rows
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import Handle, Person
from rapport.store.pool import Store

COUNT = {"small": 100_000, "full": 100_000}
PAGES = {"small": 120, "full": 600}
VIEWS = ("mine", "team", "waiting", "snoozed", "approval", "open", "resolved")
PREVIEWS = (
    "El wifi de mi habitación se cae cada cinco minutos, ya es la tercera noche",
    "Me cobraron dos veces el minibar y nadie contesta",
    "Where is my order? It has been two weeks and no answer",
    "Is the 5K on Sunday still on if it rains?",
)


def conversation(n: int, now: datetime, rng: random.Random) -> list[Any]:
    """A conversation, its person and handle."""
    at = now - timedelta(seconds=rng.randint(1, 30 * 86_400))
    kind = rng.choice([ChannelKind.SOCIAL, ChannelKind.CHAT, ChannelKind.EMAIL, ChannelKind.SMS])
    state = rng.choices([State.OPEN, State.SNOOZED, State.RESOLVED, State.PENDING], [25, 5, 65, 5])[0]
    agent = f"agent-{rng.randint(0, 199)}" if rng.random() < 0.8 else ""
    waits = state is State.OPEN and rng.random() < 0.5
    id, person, handle = (named_id(at, what, n) for what in ("conversation", "person", "handle"))
    main = Conversation(
        id, person, handle, state, kind, "main", kind.value, rng.choice(list(Reach)), at, at + timedelta(minutes=5),
    )  # fmt: skip
    row = replace(
        main,
        name=f"Person {n}",
        preview=rng.choice(PREVIEWS),
        language=rng.choice(["es", "en"]),
        intent="technical",
        urgency=rng.random(),
        messages=rng.randint(1, 9),
        agent=agent,
        team=f"team-{rng.randint(0, 9)}",
        waiting_since=at if waits else None,
        due_at=at + timedelta(hours=1) if waits else None,
    )
    return [row, Person(person, f"Person {n}", first_at=at, last_at=at, conversation=id), Handle(handle, f"sms:{n}", person)]


async def fill(url: str, count: int, seed: int) -> str:
    """Write the rows; the cookie of somebody who is logged in."""
    rng = random.Random(seed)
    now = datetime.now(UTC)
    store = await Store.open(url, size=1)
    try:
        for start in range(0, count, 5_000):
            rows = [row for n in range(start, min(start + 5_000, count)) for row in conversation(n, now, rng)]
            changed: dict[Any, dict[Any, Any]] = {}
            for row in rows:
                changed.setdefault(type(row), {})[row.id] = row
            async with store.within(1) as db:
                await write_rows(db, 1, changed)
        await add_login(
            store, 1, "agent-7", email="seven@example.org", name="Siete", role="supervisor", password="not asked for 7"
        )
        return f"rapport={await open_session(store, await find_login(store, 1, 'agent-7'), now)}"
    finally:
        await store.close()


def page(port: int, cookie: str, view: str) -> tuple[float, int]:
    """Seconds from the request to the last byte of the page, and its bytes."""
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", f"/desk?view={view}", headers={"cookie": cookie, "accept-language": "es", "accept": "text/html"})
    answer = line.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    line.close()
    assert answer.status == 200, (answer.status, body[:300])
    return took, len(body)


def run(scale: str = "small", seed: int = 1) -> dict[str, Any]:
    """Measure; see the module's first lines."""
    with a_centre() as (settings, url, server):
        cookie = asyncio.run(fill(url, COUNT[scale], seed))
        time.sleep(6.0)  # autovacuum looks every five seconds: a centre in use has analysed tables
        with a_process(settings, "web") as (web, port):
            for view in VIEWS * 2:
                page(port, cookie, view)
            pids = [web.pid, server.process.pid]
            before = cpu_seconds(pids)
            found = [page(port, cookie, VIEWS[n % len(VIEWS)]) for n in range(PAGES[scale])]
            used = cpu_seconds(pids) - before
    times = [took for took, _ in found]
    return {
        "inbox_p50_ms": round(percentile(times, 0.5) * 1000, 2),
        "inbox_p95_ms": round(percentile(times, 0.95) * 1000, 2),
        "cpu_ms": round(used / len(times) * 1000, 2),
        "page_kib": round(sum(size for _, size in found) / len(found) / 1024, 1),
        "conversations": COUNT[scale],
    }
