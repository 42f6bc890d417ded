"""Rows in their tables: written whole, many at once, and read back.

The statements follow from the fields of the row Structs, so a table, its row and its fold cannot drift apart; a test compares
them with the migrations. Every statement has one array a column (`unnest`): rows are nearly free, round trips are not.
"""

import typing
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

import asyncpg
import msgspec

from rapport.ledger.views import NAMES, Key, Row

_json = msgspec.json.Encoder()
Encode = Callable[[Any], Any]  # Any: a field's value, and the value asyncpg takes for its column
PLAIN = {str: "text", int: "bigint", float: "double precision", bool: "boolean", datetime: "timestamptz", bytes: "bytea"}


class Column(msgspec.Struct, frozen=True):
    """A field as a column. `encode`, `decode` None: the value passes as it is."""

    name: str
    type: str
    encode: Encode | None = None
    decode: Encode | None = None


class Table(msgspec.Struct, frozen=True):
    """A row Struct's table with its statements. `key`: the type of the id."""

    name: str
    row: type[msgspec.Struct]
    columns: tuple[Column, ...]
    key: str
    select: str

    def upsert(self, first: int) -> str:
        """Writes whole rows: `$1` the tenant, then one array a column, from `$first` on."""
        listed = ", ".join(f'"{c.name}"' for c in self.columns)
        arrays = ", ".join(f"${i}::{c.type}[]" for i, c in enumerate(self.columns, first))
        sets = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in self.columns if c.name != "id")
        return (
            f'insert into "{self.name}" (tenant, {listed}) select $1, * from unnest({arrays})'
            f" on conflict (tenant, id) do update set {sets}"
        )

    def delete(self, place: int) -> str:
        """Takes rows away: `$1` the tenant, `$place` their ids."""
        return f'delete from "{self.name}" where tenant = $1 and id = any(${place}::{self.key}[])'


def _json_text(value: Any) -> str:  # Any: whatever the field holds
    return _json.encode(value).decode()


def _column(name: str, hint: Any) -> Column:  # Any: a type annotation
    if get_origin(hint) in (typing.Union, UnionType):
        inner = [part for part in get_args(hint) if part is not NoneType]
        hint = inner[0] if len(inner) == 1 else hint
    if get_origin(hint) is typing.Annotated:
        return Column(name, "uuid")
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Column(name, "text", None, hint)
    if hint in PLAIN:
        return Column(name, PLAIN[hint])
    return Column(name, "jsonb", _json_text, msgspec.json.Decoder(hint).decode)


def _table(row: type[msgspec.Struct]) -> Table:
    hints = typing.get_type_hints(row, include_extras=True)
    columns = tuple(_column(field, hints[field]) for field in row.__struct_fields__)
    listed = ", ".join(f'"{c.name}"' for c in columns)
    key = next(c.type for c in columns if c.name == "id")
    return Table(NAMES[row], row, columns, key, f'select {listed} from "{NAMES[row]}" where tenant = $1')


Changed = dict[type[msgspec.Struct], dict[Key, msgspec.Struct | None]]
ALL: dict[type[msgspec.Struct], Table] = {row: _table(row) for row in NAMES}


def parameters(table: Table, rows: Iterable[msgspec.Struct]) -> list[list[Any]]:  # Any: as asyncpg takes them
    """The columns of `rows`, one list a column, as the upsert takes them."""
    rows = list(rows)
    found = []
    for column in table.columns:
        name, encode = column.name, column.encode
        if encode is None:
            found.append([getattr(row, name) for row in rows])
        else:
            found.append([encode(getattr(row, name)) for row in rows])
    return found


def row_of(table: Table, record: asyncpg.Record) -> msgspec.Struct:
    """The row that a record of `table.select` holds."""
    values = [
        value if column.decode is None or value is None else column.decode(value)
        for column, value in zip(table.columns, record, strict=True)
    ]
    return table.row(*values)


async def write_rows(db: asyncpg.Connection, tenant: int, changed: Changed) -> None:
    """Write changed rows and take dropped ones away, table by table."""
    for row, changes in changed.items():
        table = ALL[row]
        kept = [value for value in changes.values() if value is not None]
        gone = [key for key, value in changes.items() if value is None]
        if kept:
            await db.execute(table.upsert(2), tenant, *parameters(table, kept))
        if gone:
            await db.execute(table.delete(2), tenant, gone)


def parts_of(changed: Changed, first: int) -> tuple[list[str], list[Any]]:  # Any: as asyncpg takes them
    """The same as parts of one statement, `$1` the tenant: the statements, and their parameters from `$first` on."""
    statements: list[str] = []
    values: list[Any] = []
    for row, changes in changed.items():
        table = ALL[row]
        kept = [value for value in changes.values() if value is not None]
        gone = [key for key, value in changes.items() if value is None]
        if kept:
            statements.append(table.upsert(first + len(values)))
            values += parameters(table, kept)
        if gone:
            statements.append(table.delete(first + len(values)))
            values.append(gone)
    return statements, values


async def read_rows(db: asyncpg.Connection, tenant: int, row: type[Row], keys: Collection[Key]) -> list[Row]:
    """The rows with these ids."""
    table = ALL[row]
    records = await db.fetch(f"{table.select} and id = any($2::{table.key}[])", tenant, list(keys))
    return [typing.cast("Row", row_of(table, record)) for record in records]


async def read_where(db: asyncpg.Connection, tenant: int, row: type[Row], where: str, *values: Any) -> list[Row]:  # Any: bound
    """The rows for which a condition holds; `where` is SQL of this house, never from outside, its values bound from $2."""
    table = ALL[row]
    records = await db.fetch(f"{table.select} and {where}", tenant, *values)
    return [typing.cast("Row", row_of(table, record)) for record in records]


async def clear_rows(db: asyncpg.Connection, tenant: int) -> None:
    """Take all rows of a tenant's views away, before they are rebuilt from zero."""
    for table in ALL.values():
        await db.execute(f'delete from "{table.name}" where tenant = $1', tenant)
