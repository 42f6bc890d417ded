"""How long the server takes for the desk with 100,000 conversations: inbox, conversation and search, over HTTP; and how soon
what is said is on an agent's screen while 200 of them look.

Conversations and messages are written as rows, over half a year, four channels, six states of waiting and 200 agents; the words
of a message are some that everybody uses and some of 20,000 that are rarer and rarer. One person asks, page after page.
Keys: inbox_p50_ms, inbox_p95_ms (every view, some narrowed by a filter), conversation_p95_ms, search_p50_ms, search_p95_ms
(common and rare words, several, phrases, beginnings), live_p50_ms, live_p95_ms (_desk_live.py), conversations, messages,
cpu_ms (web and database, per inbox page), page_kib, first_kib (compressed, with its styles and scripts).
"""

import asyncio
import gzip
import http.client
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from _desk_live import live_times
from _ground import a_centre, a_process, cpu_seconds, percentile

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
PREVIEWS = (
    "El wifi de mi habitación se cae cada cinco minutos, ya es la tercera noche",
    "Me cobraron dos veces el minibar y nadie contesta",
    "Where is my order? It has been two weeks and no answer",
    "Is the 5K on Sunday still on if it rains?",
)


SENTENCES = (
    *PREVIEWS,
    "Gracias, ya quedó resuelto, muy amables",
    "Thank you, that solved it",
    "¿A qué hora abre la alberca y el gimnasio?",
    "Necesito la factura de la habitación con los datos de mi empresa",
    "My booking shows two beds, we asked for one",
    "El cargo de la tarjeta no coincide con el recibo",
    "Can somebody call me back this afternoon?",
    "No puedo entrar a mi cuenta desde ayer",
    "The parcel arrived damaged, here is the photo",
    "Quiero hablar con una persona por favor",
    "Se canceló mi vuelo y llego un día después",
    "Where do I change the delivery address?",
)
SAID = """insert into message(tenant, id, at, direction, standing, reach, account, channel, conversation, language, text, kind)
select 1, gen_random_uuid(), c.last_at - g * interval '4 minutes', (array['in', 'in', 'out', 'note'])[1 + (g % 4)], 'received',
 c.reach, c.account, c.channel, c.id, c.language,
 ($3::text[])[1 + floor(random() * 16)::int] || ' ' || pg_temp.a_word(floor(random() ^ 4 * 20000)::int) || ' '
 || pg_temp.a_word(floor(random() ^ 2 * 20000)::int), c.kind
from conversation c cross join generate_series(1, $2) as g where c.tenant = 1 and c.id = any($1::uuid[])"""
# The n-th of 21,600 words, by its letters.
A_WORD = """create function pg_temp.a_word(n int) returns text language sql immutable as $$
 select substr('bdfgklmnprst', 1 + n % 12, 1) || substr('aeiou', 1 + n / 12 % 5, 1)
 || substr('bdfgklmnprst', 1 + n / 60 % 12, 1) || substr('aeiou', 1 + n / 720 % 5, 1)
 || substr('nlrsxz', 1 + n / 3600 % 6, 1) $$"""
TALKS = """insert into conversation(tenant, id, person, handle, state, kind, account, channel, reach, opened_at, last_at, name,
 preview, language, intent, urgency, messages, agent, team, waiting_since, due_at)
select 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), state, kind, 'main', kind,
 (array['public', 'private'])[1 + n % 2], at, at + interval '5 minutes', 'Person ' || n,
 ($4::text[])[1 + n % 4], (array['es', 'en'])[1 + (n / 3) % 2], 'technical', random(), 1 + n % 9,
 case when n % 5 = 0 then '' else 'agent-' || n % 200 end, 'team-' || n % 10,
 case when state = 'open' and n % 2 = 0 then at end, case when state = 'open' and n % 2 = 0 then at + interval '1 hour' end
from (select n, $1::timestamptz - random() * interval '180 days' as at,
 (array['open', 'open', 'open', 'open', 'open', 'snoozed', 'pending'] || array_fill('resolved'::text, array[13]))
  [1 + floor(random() * 20)::int] as state, (array['social', 'chat', 'email', 'sms'])[1 + floor(random() * 4)::int] as kind
 from generate_series($2::int, $3::int) n) as made"""
PEOPLE = """insert into person(tenant, id, name, first_at, last_at, conversation)
select tenant, person, name, opened_at, last_at, id from conversation where tenant = 1"""
HANDLES = """insert into handle(tenant, id, name, person)
select tenant, handle, 'sms:' || name, person from conversation where tenant = 1"""
LABELS = """insert into labelled(tenant, id, conversation, label, at) select 1, gen_random_uuid(), id,
 (array['wifi', 'vip', 'refund', 'press'])[1 + floor(random() * 4)::int], last_at from conversation where tenant = 1
 and random() < 0.05"""
ASKED = (
    *(
        "wifi",
        "factura",
        "facturas habitación",
        "parcel damaged",
        "badan",
        "tuten",
        "wifi badan",
        "baban kikin",
        '"call me back"',
    ),
    *("person 4711", "habitac", "minibar -wifi", "booking two beds", "vuelo cancel", "zzzz", "gracias"),
)


async def fill(url: str, count: int, seed: int, messages: int) -> str:
    """Write the rows; the cookie of somebody who is logged in."""
    now = datetime.now(UTC)
    store = await Store.open(url, size=1)
    try:
        for start in range(0, count, 20_000):
            async with store.within(1, at_most=timedelta(minutes=5)) as db:
                await db.execute("select setseed($1)", seed / 100)
                await db.execute(TALKS, now, start, min(start + 20_000, count) - 1, list(PREVIEWS))
        async with store.within(1, at_most=timedelta(minutes=5)) as db:
            await db.execute(PEOPLE)
            await db.execute(HANDLES)
            await db.execute(LABELS)
        await say(store, messages)
        await add_login(
            store, 1, "agent-7", email="seven@example.org", name="Siete", role="supervisor", password="not asked for 7"
        )
        return f"rapport={await open_session(store, await find_login(store, 1, 'agent-7'), now)}"
    finally:
        await store.close()


async def say(store: Store, messages: int) -> None:
    """Write messages of the conversations, each by its own round of statements so that none takes too long."""
    async with store.within(1) as db:
        ids = [row["id"] for row in await db.fetch("select id from conversation where tenant = 1 order by last_at")]
    each = max(1, messages // len(ids))
    step = max(1, 50_000 // each)
    for start in range(0, len(ids), step):
        async with store.within(1, at_most=timedelta(minutes=5)) as db:
            if not start:
                await db.execute(A_WORD)
            await db.execute(SAID, ids[start : start + step], each, list(SENTENCES))


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
    with a_centre() as (settings, url, server):
        cookie = asyncio.run(fill(url, COUNT[scale], seed, messages))
        time.sleep(6.0)  # autovacuum looks every five seconds: a centre in use has analysed tables
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
