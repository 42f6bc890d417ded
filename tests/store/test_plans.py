"""Plans: no look-up of the hot path walks a tenant, not even on tables that were never analysed (docs/ledger.md)."""

import json
from uuid import UUID

import pytest

from rapport.audit import about
from rapport.centre import history
from rapport.conversations import chat, reading
from rapport.ledger.views import TABLES
from rapport.store.connecting import open_connection

pytestmark = pytest.mark.anyio

ROWS = 20_000
ASKED = 100
FOUND_BY_ID = [name for name in TABLES if name not in ("agent_now", "thing", "edition")]  # read whole
MOST_VISITED_PER_ROW = 2  # a walk would visit 200

# Values for columns that must have one: the type's own, or a number that tells rows apart.
FILL = {
    "uuid": "lpad(to_hex(n), 32, '0')::uuid",
    "text": "'open'",
    "bigint": "n",
    "double precision": "0",
    "boolean": "false",
    "timestamp with time zone": "now()",
    "bytea": "n::text::bytea",
    "jsonb": "'[]'",
    "smallint": "1",
}
ITS_OWN = {
    ("entry", "source_id"): "n::text",
    ("entry", "source"): "'in:open'",
    ("entry", "kind"): "case when n % 500 = 0 then 10 else 1 end",
}
LOOKUPS = {
    "conversation of a person": ("conversation", "person", "uuid"),
    "messages of a conversation": ("message", "conversation", "uuid"),
    "handles of a person": ("handle", "person", "uuid"),
    "journey of a person": ("journey_event", "person", "uuid"),
    "offers of a conversation": ("offer", "conversation", "uuid"),
    "interactions of a conversation": ("interaction", "conversation", "uuid"),
    "parts of a message": ("outgoing", "message", "uuid"),
    "keys of handles": ("key", "owner", "uuid"),
    "handles by name": ("key", "name", "bytea"),
    "contents of entries": ("content", "seq", "bigint"),
}
COLUMNS = """select column_name, data_type from information_schema.columns
             where table_name = $1 and column_name <> 'tenant' and is_generated = 'NEVER'"""


PLANNED = ("force_custom_plan", "force_generic_plan")  # each time, or once


@pytest.fixture
async def cold(database_url):
    """A connection of the owner in a transaction that is undone; autovacuum sees nothing of it."""
    db = await open_connection(database_url, as_owner=True)
    transaction = db.transaction()
    await transaction.start()
    yield db
    await transaction.rollback()
    await db.close()


def filled_with(table: str, name: str, kind: str) -> str:
    """What a column of row n holds."""
    return ITS_OWN.get((table, name)) or (FILL[kind] if name != "id" or kind == "uuid" else "n::text")


async def fill(db, table: str) -> None:
    """Copy the table empty and unanalysed under its own name, with its indexes and wall, and give it rows."""
    await db.execute("reset role")
    columns = [(f'"{name}"', filled_with(table, name, kind)) for name, kind in await db.fetch(COLUMNS, table)]
    await db.execute(f"create temp table {table} (like public.{table} including all) on commit drop")
    await db.execute(f"select raise_wall('pg_temp.{table}'::regclass)")
    await db.execute("set local app.tenants = '{1}'")
    names, values = ", ".join(name for name, _ in columns), ", ".join(value for _, value in columns)
    await db.execute(f"insert into {table}(tenant, {names}) select 1, {values} from generate_series(1, {ROWS}) n")
    await db.execute("set local role rapport_app")


def visited(plan) -> float:
    """How many rows the scans of a plan looked at."""
    below = sum(visited(part) for part in plan.get("Plans", []))
    if "Scan" not in plan["Node Type"]:
        return below
    kept = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    return below + kept * plan["Actual Loops"]


def literal(value) -> str:
    """A number, an id or a list of them, as SQL says it; what SQL said is as it is."""
    if isinstance(value, list):
        return "'{" + ",".join(literal(one).strip("'") for one in value) + "}'"
    return f"'{value.hex()}'" if isinstance(value, bytes) else str(value)


async def visited_by(db, query: str, *asked) -> float:
    """How many rows are looked at, by the worse of the two ways to plan; what was done is undone."""
    worst = 0.0
    for way in PLANNED:
        within = db.transaction()
        await within.start()
        await db.execute(f"set local plan_cache_mode = {way}; prepare looked as {query}")
        said = await db.fetchval(f"explain (analyze, format json) execute looked({', '.join(map(literal, asked))})")
        worst = max(worst, visited(json.loads(said)[0]["Plan"]))
        await db.execute("deallocate looked")
        await within.rollback()
    return worst


async def visited_per_row(db, query: str, kind: str) -> float:
    """How many rows are looked at for each that is asked for."""
    value = FILL[kind].replace("n", "(n * 37)", 1) if kind != "uuid" else "lpad(to_hex(n * 37), 32, '0')::uuid"
    asked = await db.fetchval(f"select quote_literal(array_agg({value})) from generate_series(1, {ASKED}) n")
    return await visited_by(db, query, 1, asked) / ASKED


def queries_of(table: str) -> dict[str, tuple[str, str]]:
    """By what they are called: the hot path's queries of a table, and the type of what each asks for."""
    found = {name: (column, kind) for name, (of, column, kind) in LOOKUPS.items() if of == table}
    queries = {
        name: (f"select * from {table} where tenant = $1 and {column} = any($2::{kind}[])", kind)
        for name, (column, kind) in found.items()
    }
    if table in FOUND_BY_ID:
        queries["by id"] = (f"select * from {table} where tenant = $1 and id = any($2::uuid[])", "uuid")
        queries["dropped by id"] = (f"delete from {table} where tenant = $1 and id = any($2::uuid[])", "uuid")
    return queries


@pytest.mark.parametrize("table", sorted({*FOUND_BY_ID, *(table for table, _, _ in LOOKUPS.values())}))
async def test_rows_are_found_and_dropped_without_walking_the_tenant(cold, table):
    await fill(cold, table)

    found = {name: await visited_per_row(cold, query, kind) for name, (query, kind) in queries_of(table).items()}

    assert {name: rows for name, rows in found.items() if rows > MOST_VISITED_PER_ROW} == {}
    assert found


async def test_a_page_of_a_record_looks_at_its_own_entries_alone(cold):
    await fill(cold, "entry")
    subjects = [n.to_bytes(16) for n in range(900, 960)]

    assert await visited_by(cold, about.ABOUT, 1, 901, 1001, subjects, 200) <= 100
    assert await visited_by(cold, about.LAST, 1) <= 1


async def test_what_belongs_to_a_conversation_is_found_without_walking_the_tenant(cold):
    for table in ("message", "outgoing", "offer", "draft"):
        await fill(cold, table)

    assert await visited_by(cold, about.BELONGING, 1, (37).to_bytes(16)) <= 10


async def test_what_a_visitor_of_the_chat_was_told_is_found_without_walking_the_tenant(cold):
    for table in ("handle", "message", "outgoing"):
        await fill(cold, table)
    await cold.execute("update handle set name = id::text")
    name = f"'{UUID(int=37)}'"

    assert await visited_by(cold, chat._SAID, 1, name, "'open'") <= 10
    assert await visited_by(cold, chat._SAID_BACK, 1, name, "'open'", "'2020-01-01'", (0).to_bytes(16), "now()") <= 10


async def test_where_a_message_came_in_is_found_without_walking_the_ledger(cold):
    for table in ("message", "entry"):
        await fill(cold, table)
    await cold.execute(
        "update message set account = 'a', key = id::text, direction = 'in' where conversation = $1", (37).to_bytes(16)
    )

    assert await visited_by(cold, about.HEARD, 1, (37).to_bytes(16), 100) <= 10


async def test_what_the_centre_was_set_to_is_found_without_walking_the_ledger(cold):
    await fill(cold, "entry")

    assert await visited_by(cold, history._NEWEST, 1, 2**62, 20) <= 20


async def test_a_conversation_is_found_by_its_case_number_without_walking_the_tenant(cold):
    await fill(cold, "conversation")

    assert await visited_by(cold, reading._CASE, 1, "'00000025'", 5) == 1
