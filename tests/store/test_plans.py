"""Plans: no look-up of the hot path walks a tenant, not even on tables that were never analysed (docs/ledger.md)."""

import json

import pytest

from rapport.audit import about
from rapport.centre import history
from rapport.ledger.views import TABLES
from rapport.store.connecting import open_connection

pytestmark = pytest.mark.anyio

ROWS = 20_000
ASKED = 100
FOUND_BY_ID = [name for name in TABLES if name not in ("agent_now", "thing")]  # those are read whole
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
COLUMNS = "select column_name, data_type from information_schema.columns where table_name = $1 and column_name <> 'tenant'"


@pytest.fixture(params=["force_custom_plan", "force_generic_plan"])
async def cold(database_url, request):
    """A connection of the owner in a transaction that is undone; autovacuum sees nothing of it. Planned each time, or once."""
    db = await open_connection(database_url, as_owner=True, settings={"plan_cache_mode": request.param})
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


async def visited_per_row(db, query: str, kind: str) -> float:
    value = FILL[kind].replace("n", "(n * 37)", 1) if kind != "uuid" else "lpad(to_hex(n * 37), 32, '0')::uuid"
    asked = await db.fetchval(f"select array_agg({value}) from generate_series(1, {ASKED}) n")
    plan = json.loads(await db.fetchval(f"explain (analyze, format json) {query}", 1, asked))[0]["Plan"]
    return visited(plan) / ASKED


@pytest.mark.parametrize("table", FOUND_BY_ID)
async def test_a_row_is_found_by_its_id_without_walking_the_tenant(cold, table):
    await fill(cold, table)
    query = f"select * from {table} where tenant = $1 and id = any($2::uuid[])"

    assert await visited_per_row(cold, query, "uuid") <= MOST_VISITED_PER_ROW


@pytest.mark.parametrize("lookup", LOOKUPS)
async def test_rows_that_belong_together_are_found_without_walking_the_tenant(cold, lookup):
    table, column, kind = LOOKUPS[lookup]
    await fill(cold, table)
    query = f"select * from {table} where tenant = $1 and {column} = any($2::{kind}[])"

    assert await visited_per_row(cold, query, kind) <= MOST_VISITED_PER_ROW


@pytest.mark.parametrize("table", FOUND_BY_ID)
async def test_rows_are_dropped_by_their_ids_without_walking_the_tenant(cold, table):
    await fill(cold, table)
    query = f"delete from {table} where tenant = $1 and id = any($2::uuid[])"

    assert await visited_per_row(cold, query, "uuid") <= MOST_VISITED_PER_ROW


async def visited_by(db, query: str, *asked) -> float:
    plan = json.loads(await db.fetchval(f"explain (analyze, format json) {query}", *asked))[0]["Plan"]
    return visited(plan)


async def test_a_page_of_a_record_looks_at_its_own_entries_alone(cold):
    await fill(cold, "entry")
    subjects = [n.to_bytes(16) for n in range(900, 960)]

    assert await visited_by(cold, about.ABOUT, 1, 901, 1001, subjects, 200) <= 100
    assert await visited_by(cold, about.LAST, 1) <= 1


async def test_what_belongs_to_a_conversation_is_found_without_walking_the_tenant(cold):
    for table in ("message", "outgoing", "offer", "draft"):
        await fill(cold, table)

    assert await visited_by(cold, about.BELONGING, 1, (37).to_bytes(16)) <= 10


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
