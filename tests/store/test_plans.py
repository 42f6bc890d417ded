"""Plans: no look-up of the hot path walks a tenant, not even on tables that were never analysed (docs/ledger.md)."""

import json

import pytest

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


async def fill(db, table: str) -> None:
    """Copy the table empty and unanalysed under its own name, with its indexes and wall, and give it rows."""
    columns = [
        (f'"{name}"', FILL[kind] if name != "id" or kind == "uuid" else "n::text")
        for name, kind in await db.fetch(COLUMNS, table)
    ]
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
