"""A centre filled with people, handles, events and their entries for the benchmark: what a year leaves behind, by statements.

Ids of persons and handles are scattered, events come day by day, so one person's lie far apart; mailboxes have keys that open.
Indexes are taken down while rows go in and built again over all. Entries and contents are bytes of the right length by chance.
"""

import asyncio
import contextlib
import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
import structlog

from rapport.app.first import add_tenant
from rapport.app.master_key import master_key
from rapport.ledger.merkle import pack_peaks
from rapport.ledger.seal import Keys
from rapport.model.fact import JourneyEventSeen
from rapport.pipeline.likeness import CURSOR as LIKENESS
from rapport.settings import Settings
from rapport.store.connecting import open_connection
from rapport.store.embedded import Embedded
from rapport.store.migrate import migrate

log = structlog.get_logger()
TABLES = ("person", "handle", "journey_event", "person_events", "conversation", "entry", "content", "key")
INDEXES = """select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as made, c.conname, t.relname as "of",
pg_get_constraintdef(c.oid) as bound from pg_index i join pg_class t on t.oid = i.indrelid
left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
where t.relname = any($1) and t.relnamespace = 'public'::regnamespace order by 1"""
ID = "md5('{0}' || n)::uuid"
PERSON, MAILBOX = ID.format("person "), ID.format("handle 1 ")
# An event's id begins with its time, as all ids of ours do; the rest of it is by chance.
EVENT = "(lpad(to_hex(1760000000000 + k * 86400000::bigint + n), 12, '0') || left(md5(k || ' ' || n), 20))::uuid"
AT = "to_timestamp((1760000000000 + k * 86400000::bigint + n) / 1000.0)"
DATA = '{"item": "suit", "floor": 2, "note": "looked at formal wear"}'
# $1: people; $2: handles or events of each; $3: the number of the kind of fact; $4: entries that there were before.
KIND = JourneyEventSeen.number
ROWS: dict[str, Sequence[str]] = {
    "person": (
        f"""insert into person(tenant, id, name, language, messages, first_at, last_at, attributes) select 1, {PERSON},
        'Person ' || n, 'es', 3, now(), now(),
        '[{{"name":"loyalty","value":"gold","source":"crm","at":"2026-01-01T00:00:00Z"}}]' 
        from generate_series(1, $1::int) n""",
    ),
    "handle": (
        f"""insert into handle(tenant, id, name, person) select 1, md5('handle ' || k || ' ' || n)::uuid,
        (array['email','sms','whatsapp','mastodon','x'])[k] || ':p' || n || case k when 1 then '@example.org' else '' end,
        {PERSON}
        from generate_series(1, $1::int) n, generate_series(1, $2::int) k""",
    ),
    "journey_event": (
        f"""insert into journey_event(tenant, id, at, kind, source, person, handle, data)
        select 1, {EVENT}, {AT}, 'shop.visited', 'shop', {PERSON}, {MAILBOX}, '{DATA}'
        from generate_series(1, $2::int) k, generate_series(1, $1::int) n""",
    ),
    "person_events": (
        f"""insert into person_events(tenant, id, events) select 1, {PERSON}, (select ('[' || string_agg('{{"id":"' ||
        encode(uuid_send({EVENT}), 'base64') || '","at":"' || to_char({AT}, 'YYYY-MM-DD"T"HH24:MI:SSZ') ||
        '","kind":"shop.visited","source":"shop","data":{DATA}}}', ',' order by k desc) || ']')::jsonb
        from generate_series(1, $2::int) k) from generate_series(1, $1::int) n""",
    ),
    "conversation": (
        f"""insert into conversation(tenant, id, person, handle, state, kind, account, channel, reach, opened_at, last_at,
        preview) select 1, {ID.format("conversation ")}, {PERSON}, {MAILBOX}, 'resolved', 'email', 'mail', 'email', 'private',
        now(), now(), 'My invoice' from generate_series(1, $1::int) n""",
    ),
    "entry": (
        f"""insert into entry(tenant, seq, at, id, subject, kind, source, source_id, body, leaf)
        select 1, $4 + (k - 1) * $1::bigint + n, {AT}, {EVENT}, {EVENT}, $3, 'event:shop', md5('shop ' || k || ' ' || n),
        decode(md5('1' || n) || md5('2' || n) || left(md5('3' || n), 20), 'hex'), decode(md5('4' || n) || md5('5' || n), 'hex')
        from generate_series(1, $2::int) k, generate_series(1, $1::int) n""",
        f"""insert into content(tenant, seq, owner, sealed, commitment) select 1, $4 + (k - 1) * $1::bigint + n, {MAILBOX},
        decode(md5('6' || n) || md5('7' || n) || md5('8' || n) || md5('9' || n) || md5('a' || n) || md5('b' || n)
        || md5('c' || n) || md5('d' || n), 'hex'), decode(md5('e' || n) || md5('f' || n), 'hex')
        from generate_series(1, $2::int) k, generate_series(1, $1::int) n""",
    ),
    "key": (
        """insert into key(tenant, owner, name, wrapped) select 1, md5('handle ' || k || ' ' || n)::uuid,
        decode(md5('name ' || k || n), 'hex'), decode(md5('1' || n) || md5('2' || k || n) || left(md5('3' || n), 56), 'hex')
        from generate_series(2, $2::int) k, generate_series(1, $1::int) n""",
    ),
}
AT_ONCE = (("journey_event", "handle", "conversation"), ("entry", "person_events", "person", "key"))  # two cores, two ways


def mailbox(number: int) -> str:
    """The first handle of that person."""
    return f"email:p{number}@example.org"


def mailbox_id(number: int) -> bytes:
    """The id of that handle."""
    return hashlib.md5(f"handle 1 {number}".encode()).digest()


@contextlib.contextmanager
def a_filled_centre(kept: Path | None, people: int, handles: int, events: int) -> Iterator[tuple[Settings, str, Embedded]]:
    """A centre with so many. `kept`: a folder in which it stays for the next run; what that one finds was filled then."""
    with contextlib.ExitStack() as stack:
        folder = kept or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rapport-bench-")))
        done = folder / "filled"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        settings = Settings(data=folder.absolute(), max_waiting=20_000)
        master = master_key(settings)
        server = Embedded.start(settings.data)
        stack.callback(server.stop, 120.0)
        asyncio.run(migrate(server.url))
        if not done.exists():
            asyncio.run(add_tenant(settings, server.url, master, "default"))
            asyncio.run(fill(server.url, Keys(master), people, handles, events))
            done.touch()
        asyncio.run(_pass_over(server.url))
        yield settings, server.url, server


async def _pass_over(url: str) -> None:
    """Let nothing wait to be digested: what an earlier run left is none of this one's."""
    db = await open_connection(url, as_owner=True)
    await db.execute("update cursor c set seq = h.seq from head h where h.tenant = c.tenant and c.tenant = 1")
    await db.close()


async def fill(url: str, keys: Keys, people: int, handles: int, events: int) -> None:
    """Put them all into the tables of tenant 1, of which no process runs."""
    began = time.monotonic()
    db = await open_connection(url, as_owner=True)
    held = await db.fetch(INDEXES, list(TABLES))
    for one in held:
        kind = (
            f'alter table "{one["of"]}" drop constraint "{one["conname"]}"' if one["conname"] else f"drop index {one['name']}"
        )
        await db.execute(kind)
    first = await db.fetchval("select seq from head where tenant = 1")
    sizes = {"handle": handles, "key": handles}

    async def rows(tables: Sequence[str]) -> None:
        line = await _quick(url)
        for table in tables:
            for statement in ROWS[table]:
                for mark, value in (("$1", people), ("$2", sizes.get(table, events)), ("$3", KIND), ("$4", first)):
                    statement = statement.replace(mark, str(value))
                await line.execute(statement, timeout=3600)
            log.info("people.filled", table=table, seconds=round(time.monotonic() - began))
        await line.close()

    await asyncio.gather(*map(rows, AT_ONCE), _mailboxes(url, keys, people))
    await _index(url, held)
    whole = first + people * events
    await db.execute("update head set seq = $1 where tenant = 1", whole)
    await db.execute("update cursor set seq = $1, done = $1 where tenant = 1", whole)
    await db.execute("delete from tree where tenant = 1")
    await db.execute("insert into cursor(tenant, name, seq) values (1, $1, $2) on conflict do nothing", LIKENESS, whole)
    await db.execute("insert into tree(tenant, size, range) values (1, $1, $2)", whole, _edge(whole))
    await db.execute("vacuum (analyze)", timeout=3600)
    await db.execute("checkpoint", timeout=600)
    await db.close()
    log.info("people.filled", table="all", seconds=round(time.monotonic() - began))


async def _quick(url: str) -> asyncpg.Connection:
    settings = {"synchronous_commit": "off", "work_mem": "64MB", "maintenance_work_mem": "512MB"}
    return await open_connection(url, as_owner=True, settings=settings)


async def _mailboxes(url: str, keys: Keys, people: int) -> None:
    """Keys of mailboxes as ours are made, so that events of those who are known find them."""
    line = await _quick(url)

    def rows() -> Iterator[tuple[int, bytes, bytes, bytes]]:
        for n in range(1, people + 1):
            owner = mailbox_id(n)
            yield 1, owner, keys.digest(1, mailbox(n)), keys.new(1, owner)[1]

    rest = rows()
    while batch := [row for _, row in zip(range(50_000), rest, strict=False)]:
        await line.copy_records_to_table("key", records=batch, columns=["tenant", "owner", "name", "wrapped"], timeout=600)
    await line.close()


async def _index(url: str, held: Sequence[asyncpg.Record]) -> None:
    waiting = sorted(held, key=lambda one: (one["of"] not in ("entry", "journey_event", "content"), one["name"]))

    async def some() -> None:
        line = await _quick(url)
        while waiting:
            one = waiting.pop(0)
            made = one["made"]
            if one["conname"]:
                made = f'alter table "{one["of"]}" add constraint "{one["conname"]}" {one["bound"]}'
            await line.execute(made, timeout=3600)
        await line.close()

    await asyncio.gather(some(), some())
    log.info("people.indexed", indexes=len(held))


def _edge(size: int) -> bytes:
    """The right edge of a tree of that size, as the ledger packs it, its hashes by chance."""
    levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
    return pack_peaks([(level, hashlib.sha256(bytes([level])).digest()) for level in levels])
