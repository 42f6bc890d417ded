"""How long the server takes for the desk with 100,000 conversations: inbox, conversation and search, over HTTP; and how soon
what is said is on an agent's screen while 200 of them look.

Small: 100,000 conversations and as many messages; full: 5,000,000 messages, kept in .cache/bench for the next run
(_desk_filled.py). One person asks, page after page.
Keys: inbox_p50_ms, inbox_p95_ms (every view, some narrowed by a filter), conversation_p95_ms, search_p50_ms, search_p95_ms
(common and rare words, several, phrases, beginnings), live_p50_ms, live_p95_ms (_desk_live.py), conversations, messages,
cpu_ms (web and database, per inbox page), page_kib, first_kib (compressed, with its styles and scripts).
"""

import asyncio
import gzip
import http.client
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from _desk_filled import a_filled_centre
from _desk_live import live_times
from _ground import a_process, cpu_seconds, percentile

from rapport.access.logins import add_login, find_login
from rapport.access.sessions import open_session
from rapport.store.pool import Store

COUNT = {"small": 100_000, "full": 100_000}
PAGES = {"small": 120, "full": 600}
MESSAGES = {"small": 100_000, "full": 5_000_000}
VIEWS = (
    *("mine", "team", "waiting", "mentions", "snoozed", "approval", "open", "resolved", "all"),
    *("open&channel=sms", "all&agent=agent-7", "resolved&label=wifi", "all&language=en&priority=urgent"),
)
ASKED = (
    *("wifi", "factura", "facturas habitación", "parcel damaged", "badan", "tuten", "wifi badan", "baban kikin"),
    *('"call me back"', "person 4711", "habitac", "minibar -wifi", "booking two beds", "vuelo cancel", "zzzz", "gracias"),
)


async def signed_in(url: str) -> str:
    """The cookie of somebody who is logged in."""
    store = await Store.open(url, size=1)
    now = datetime.now(UTC)
    try:
        async with store.within(1) as db:
            known = await db.fetchval("select 1 from login where tenant = 1 and id = 'agent-7'")
        if not known:
            await add_login(
                store, 1, "agent-7", email="seven@example.org", name="Siete", role="supervisor", password="not asked for 7"
            )
        return f"rapport={await open_session(store, await find_login(store, 1, 'agent-7'), now)}"
    finally:
        await store.close()


def page(port: int, cookie: str, view: str) -> tuple[float, int]:
    """Seconds from the request to the last byte of a view of the inbox, and its bytes."""
    return get(port, cookie, f"/desk?view={view}")


def get(port: int, cookie: str, path: str) -> tuple[float, int]:
    """Seconds from the request to the last byte of a page, and its bytes."""
    took, body = fetched(port, cookie, path)
    return took, len(body)


def fetched(port: int, cookie: str, path: str) -> tuple[float, bytes]:
    """Seconds from the request to the last byte of an answer, and what it is."""
    began = time.perf_counter()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path, headers={"cookie": cookie, "accept-language": "es", "accept": "text/html"})
    answer = line.getresponse()
    body = answer.read()
    took = time.perf_counter() - began
    line.close()
    assert answer.status == 200, (answer.status, body[:300])
    return took, body


def times_of(port: int, cookie: str, paths: list[str]) -> list[float]:
    """Seconds that each page took."""
    return [get(port, cookie, path)[0] for path in paths]


async def some_conversations(url: str, count: int) -> list[str]:
    """Addresses of conversations, of every age."""
    store = await Store.open(url, size=1)
    try:
        async with store.within(1, readonly=True) as db:
            rows = await db.fetch(
                "select id from conversation where tenant = 1 and id is not null order by md5(id::text) limit $1", count
            )
        return [f"/desk/{row['id'].hex()}" for row in rows]
    finally:
        await store.close()


def first_page_kib(port: int, cookie: str) -> float:
    """The first desk page with the styles and scripts that it names, compressed."""
    _, body = fetched(port, cookie, "/desk")
    names = set(re.findall(rb'(?:href|src)="(/static/[^"]+)"', body))
    return (
        sum(len(gzip.compress(fetched(port, cookie, name.decode())[1])) for name in names) / 1024
        + len(gzip.compress(body)) / 1024
    )


def run(scale: str = "small", seed: int = 1, messages: int = 0) -> dict[str, Any]:
    """Measure; see the module's first lines. `messages`: another number of them."""
    messages = messages or MESSAGES[scale]
    kept = Path(f".cache/bench/desk-{COUNT[scale]}-{messages}-{seed}") if scale == "full" else None
    with a_filled_centre(kept, COUNT[scale], messages, seed) as (settings, url, server):
        cookie = asyncio.run(signed_in(url))
        pages = PAGES[scale]
        opened = asyncio.run(some_conversations(url, pages // 2))
        with a_process(settings, "web") as (web, port):
            for view in VIEWS * 2:
                page(port, cookie, view)
            pids = [web.pid, server.process.pid]
            before = cpu_seconds(pids)
            found = [page(port, cookie, VIEWS[n % len(VIEWS)]) for n in range(pages)]
            used = cpu_seconds(pids) - before
            talks = times_of(port, cookie, opened)
            asked = [f"/search?{urlencode({'q': ASKED[n % len(ASKED)]})}" for n in range(pages // 2)]
            times_of(port, cookie, asked[: len(ASKED)])
            searches = times_of(port, cookie, asked)
            first = first_page_kib(port, cookie)
            live = asyncio.run(live_times(settings, url, port, seconds=8.0 if scale == "small" else 30.0))
    times = [took for took, _ in found]
    return {
        "inbox_p50_ms": _ms(times, 0.5),
        "inbox_p95_ms": _ms(times, 0.95),
        "conversation_p95_ms": _ms(talks, 0.95),
        "search_p50_ms": _ms(searches, 0.5),
        "search_p95_ms": _ms(searches, 0.95),
        "live_p50_ms": _ms(live, 0.5),
        "live_p95_ms": _ms(live, 0.95),
        "cpu_ms": round(used / len(times) * 1000, 2),
        "page_kib": round(sum(size for _, size in found) / len(found) / 1024, 1),
        "first_kib": round(first, 1),
        "conversations": COUNT[scale],
        "messages": messages,
    }


def _ms(times: list[float], share: float) -> float:
    return round(percentile(times, share) * 1000, 2)
