"""A centre filled with conversations and all that was said in them, for the benchmark of the desk: half a year, by statements.

Conversations of four channels in six states of waiting and 200 agents; the words of a message are some that everybody uses and
some of 20,000 that are rarer and rarer. Rows go in by two lines, each message with what its trigger would write for the search
(`finding`): the same functions, asked once for each different text and day. Indexes are taken down meanwhile and built again
over all, and the database waits for no disk until it is filled. What was cut off goes on where it stood (schema `filling`).
"""

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import structlog

from rapport.app.first import add_tenant
from rapport.app.master_key import master_key
from rapport.settings import Settings
from rapport.store.connecting import open_connection
from rapport.store.embedded import Embedded
from rapport.store.migrate import migrate

log = structlog.get_logger()
LINES = 2  # that write at once
STEP = 2_000  # conversations of one statement
TOLD = 60_000  # different texts: each is said some eighty times
TABLES = ("conversation", "message", "finding", "person", "handle", "labelled")
INDEXES = """create table filling.index as select i.indexrelid::regclass::text as name,
pg_get_indexdef(i.indexrelid) as made, c.conname, t.relname as "of",
pg_get_constraintdef(c.oid) as bound, t.relname <> 'finding' as last from pg_index i join pg_class t on t.oid = i.indrelid
left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
where t.relname = any($1) and t.relnamespace = 'public'::regnamespace """
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
# The n-th of 21,600 words, by its letters; written out, as a function of a number that is drawn would be called for each.
A_WORD = """substr('bdfgklmnprst', 1 + {n} % 12, 1) || substr('aeiou', 1 + {n} / 12 % 5, 1)
 || substr('bdfgklmnprst', 1 + {n} / 60 % 12, 1) || substr('aeiou', 1 + {n} / 720 % 5, 1)
 || substr('nlrsxz', 1 + {n} / 3600 % 6, 1)"""
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
TEXTS = f"""create table filling.text as select nth, text, to_tsvector('pg_catalog.spanish', folded(' ' || text)) as es,
 to_tsvector('pg_catalog.english', folded(' ' || text)) as en
from (select nth, ($1::text[])[1 + sentence] || ' ' || {A_WORD.format(n="rare")} || ' ' || {A_WORD.format(n="common")} as text
 from (select nth, floor(random() * 16)::int as sentence, floor(random() ^ 2 * 20000)::int as rare,
  floor(random() ^ 4 * 20000)::int as common from generate_series(0, {TOLD - 1}) nth offset 0) drawn) said"""
DAYS = """create table filling.day as select day, tags_of(1, to_timestamp(day * 86400.0)) as tags
from (select floor(extract(epoch from now()) / 86400)::int - ago as day from generate_series(-1, 200) ago) days"""
SAID = f"""with drawn as materialized (select gen_random_uuid() as id, c.id as conversation, c.reach, c.account, c.channel,
 c.language, c.kind, c.last_at - g * interval '4 minutes' as at, g, floor(random() * {TOLD})::int as nth
from conversation c cross join generate_series(1, $2) as g where c.tenant = 1 and c.id = any($1::uuid[])),
said as (insert into message(tenant, id, at, direction, standing, reach, account, channel, conversation, language, text, kind)
select 1, id, at, (array['in', 'in', 'out', 'note'])[1 + (g % 4)], 'received', reach, account, channel, conversation, language,
 text, kind from drawn join filling.text using (nth))
insert into finding(tenant, id, conversation, at, terms)
select 1, id, conversation, at, case language when 'es' then es else en end || tags
from drawn join filling.text using (nth) join filling.day on day = floor(extract(epoch from at) / 86400)::int"""
FILLING = "create index filling on conversation(id)"
NAMED = """insert into finding(tenant, id, conversation, at, terms) select tenant, id, id, opened_at,
 to_tsvector('pg_catalog.simple', folded(name || ' ' || subject)) || tags_of(tenant, opened_at)
from conversation where tenant = 1"""


@contextlib.contextmanager
def a_filled_centre(kept: Path | None, talks: int, messages: int, seed: int) -> Iterator[tuple[Settings, str, Embedded]]:
    """A centre with so many. `kept`: a folder in which it stays for the next run; what that one finds was filled then."""
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rapport-bench-")))
        done = folder / "filled"
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(data=folder.absolute(), max_waiting=20_000)
        master = master_key(settings)
        if not done.exists():
            _filled_at_once(settings, master, talks, messages, seed)
            done.touch()
        server = Embedded.start(settings.data)
        stack.callback(server.stop, 120.0)
        asyncio.run(migrate(server.url))
        yield settings, server.url, server


def _filled_at_once(settings: Settings, master: bytes, talks: int, messages: int, seed: int) -> None:
    """Make the centre with a database that waits for no disk, and end that one."""
    server = Embedded.start(settings.data, quick=True)
    try:
        asyncio.run(migrate(server.url))
        asyncio.run(fill(settings, server.url, master, talks, messages, seed))
    finally:
        server.stop(300.0)
    os.sync()


async def fill(settings: Settings, url: str, master: bytes, talks: int, messages: int, seed: int) -> None:
    """Put them all into the tables of tenant 1, of which no process runs."""
    began = time.monotonic()
    db = await _line(url)
    if await db.fetchval("select to_regclass('filling.index') is null"):
        await add_tenant(settings, url, master, "default")
        async with db.transaction():
            await _begin(db, talks, seed)
        await db.execute("analyze conversation")
    log.info("desk.begun", seconds=round(time.monotonic() - began))
    ids = [row["id"] for row in await db.fetch("select id from conversation where tenant = 1 order by last_at, id")]
    said = {row["part"] for row in await db.fetch("select part from filling.said")}
    each = max(1, messages // len(ids))
    parts = [(nth, ids[start : start + STEP]) for nth, start in enumerate(range(0, len(ids), STEP)) if nth not in said]
    await asyncio.gather(*(_say(url, parts[line::LINES], each, (seed + line + 1) / 100) for line in range(LINES)))
    log.info("desk.said", messages=each * len(ids), seconds=round(time.monotonic() - began))
    held = await db.fetch('select * from filling.index order by "last", name')
    await asyncio.gather(*(_index(url, held[line::LINES]) for line in range(LINES)))
    log.info("desk.indexed", seconds=round(time.monotonic() - began))
    await db.execute("vacuum (analyze)", timeout=3600)
    await db.execute("drop schema filling cascade; drop index filling")
    await db.execute("checkpoint", timeout=600)
    await db.close()
    log.info("desk.filled", seconds=round(time.monotonic() - began))


async def _begin(db: asyncpg.Connection, talks: int, seed: int) -> None:
    """Conversations, people, labels and the texts that are drawn from; indexes and constraints are noted and taken down."""
    await db.execute("create schema filling; create table filling.said(part int primary key)")
    await db.execute(INDEXES, list(TABLES))
    for one in await db.fetch("select * from filling.index"):
        gone = (
            f'alter table "{one["of"]}" drop constraint "{one["conname"]}"' if one["conname"] else f"drop index {one['name']}"
        )
        await db.execute(gone)
    await db.execute("select setseed($1)", seed / 100)
    await db.execute(TALKS, datetime.now(UTC), 0, talks - 1, list(PREVIEWS), timeout=600)
    for rows in (PEOPLE, HANDLES, LABELS, NAMED, DAYS, FILLING):
        await db.execute(rows, timeout=600)
    await db.execute(TEXTS, list(SENTENCES), timeout=600)
    await db.execute("analyze filling.text")
    await db.execute("analyze filling.day")


async def _line(url: str) -> asyncpg.Connection:
    settings = {"synchronous_commit": "off", "work_mem": "64MB", "maintenance_work_mem": "1GB"}
    settings["session_replication_role"] = "replica"  # no trigger: what it would write is written with the rows
    settings["enable_nestloop"] = "off"  # what is drawn is many, whatever the planner thinks of it
    return await open_connection(url, as_owner=True, settings=settings)


async def _say(url: str, parts: Sequence[tuple[int, Sequence[bytes]]], each: int, seed: float) -> None:
    """Write so many messages of each conversation."""
    db = await _line(url)
    await db.execute("select setseed($1)", seed)
    for nth, part in parts:
        async with db.transaction():
            await db.execute(SAID, part, each, timeout=3600)
            await db.execute("insert into filling.said values ($1)", nth)
    await db.close()


async def _index(url: str, held: Sequence[asyncpg.Record]) -> None:
    db = await _line(url)
    for one in held:
        bound = f'alter table "{one["of"]}" add constraint "{one["conname"]}" {one["bound"]}'
        async with db.transaction():
            await db.execute(bound if one["conname"] else one["made"], timeout=3600)
            await db.execute("delete from filling.index where name = $1", one["name"])
    await db.close()
