"""Migrations: once, in order, whole or not at all; and the columns that the rows of the views need."""

import types
import typing
from datetime import datetime

import msgspec
import pytest

from databases import an_empty_database
from rapport.errors import StoreError
from rapport.ledger.views import TABLES
from rapport.model.ids import Id
from rapport.store.connecting import open_connection
from rapport.store.migrate import Migration, migrate, migrations
from rapport.store.pool import Store

pytestmark = pytest.mark.anyio

COLUMNS = """select column_name, data_type, is_nullable = 'YES' from information_schema.columns
             where table_name = $1 and table_schema = current_schema() and column_name <> 'tenant' and is_generated = 'NEVER'"""
SQL_TYPES = {bool: "boolean", int: "bigint", float: "double precision", datetime: "timestamp with time zone", bytes: "bytea"}


def column_of(hint) -> tuple[str, bool]:
    """The type of the column that holds a field of this type, and whether it may be null (house rules of the views)."""
    parts = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else ()
    nullable = type(None) in parts
    kind = next((part for part in parts if part is not type(None)), hint)
    if kind == Id:
        return "uuid", nullable
    if isinstance(kind, type) and issubclass(kind, str):
        return "text", nullable
    return SQL_TYPES.get(kind, "jsonb"), nullable


@pytest.fixture
async def empty_url(database_url):
    """The address of a database that nothing was applied to."""
    async with an_empty_database(database_url, "rapport_empty") as url:
        yield url


async def test_the_second_run_has_nothing_to_do(database_url):
    assert await migrate(database_url) == []


async def test_an_empty_database_gets_everything_in_order(empty_url):
    assert await migrate(empty_url) == [migration.name for migration in migrations()]


async def test_an_empty_database_is_refused_by_the_store(empty_url):
    with pytest.raises(StoreError, match="run `rapport migrate`"):
        await Store.open(empty_url)


async def test_a_migration_that_was_changed_is_refused(database_url):
    changed = [Migration(m.number, m.name, m.sql + "-- better") for m in migrations()]

    with pytest.raises(StoreError, match="0001_walls.sql is not what was applied"):
        await migrate(database_url, changed)


async def test_a_database_that_is_newer_than_the_program_is_refused(database_url):
    with pytest.raises(StoreError, match=rf"newer than this program .*{migrations()[-1].name}"):
        await migrate(database_url, migrations()[:-1])


async def test_a_migration_that_fails_leaves_nothing(empty_url):
    broken = Migration(9, "0009_broken.sql", "create table half(id int); select nothing_of_this_name")

    with pytest.raises(StoreError, match="0009_broken.sql cannot be applied, nothing of it was"):
        await migrate(empty_url, [broken])

    db = await open_connection(empty_url, as_owner=True)
    assert await db.fetchval("select to_regclass('half')") is None
    await db.close()


async def test_numbers_follow_one_another():
    assert [migration.number for migration in migrations()] == list(range(1, len(migrations()) + 1))


@pytest.mark.parametrize("table", TABLES)
async def test_the_columns_of_a_view_are_the_fields_of_its_row(database_url, table):
    hints = typing.get_type_hints(TABLES[table], include_extras=True)
    expected = {f.name: column_of(hints[f.name]) for f in msgspec.structs.fields(TABLES[table])}
    db = await open_connection(database_url, as_owner=True)

    found = {name: (kind, nullable) for name, kind, nullable in await db.fetch(COLUMNS, table)}

    await db.close()
    assert found == expected
