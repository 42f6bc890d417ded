"""Rows in their tables: written whole, many at once, and read back.

The statements follow from the fields of the row Structs, so a table, its row and its fold cannot drift apart; a test compares
them with the migrations. Every statement has one array a column (`unnest`): rows are nearly free, round trips are not.
"""

import typing
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin

import asyncpg
import msgspec
from msgspec.structs import astuple

from rapport.ledger.views import NAMES, TABLES, Changes, Key, Row

_json = msgspec.json.Encoder()
How = Literal["one", "many", "gone"]
Encode = Callable[[Any], Any]  # Any: a field's value, and the value asyncpg takes for its column
PLAIN = {str: "text", int: "bigint", float: "double precision", bool: "boolean", datetime: "timestamptz", bytes: "bytea"}


class Column(msgspec.Struct, frozen=True):
    """A field as a column. `encode`, `decode` None: the value passes as it is. `optional`: it may be null."""

    name: str
    type: str
    encode: Encode | None = None
    decode: Encode | None = None
    optional: bool = False

    def value(self, value: Any) -> Any:  # Any: the field's value, and what asyncpg takes for it
        """One value as asyncpg takes it."""
        return value if self.encode is None or value is None else self.encode(value)

    def array(self, values: Sequence[Any]) -> Sequence[Any]:  # Any: the field's values, and what asyncpg takes for them
        """The values as the upsert takes them: one stands for all where all are alike, none where all are None.

        Most columns of a batch are alike, and what asyncpg encodes costs by the element.
        """
        first = values[0]
        if values.count(first) == len(values):
            values = () if first is None else values[:1] if not self.optional else values
        return values if self.encode is None else [self.value(value) for value in values]


class Table(msgspec.Struct, frozen=True):
    """A row Struct's table with its statements. `key`: the type of the id."""

    name: str
    row: type[msgspec.Struct]
    columns: tuple[Column, ...]
    key: str
    select: str
    encoded: tuple[tuple[int, Encode], ...]  # the columns whose values do not pass as they are, by place

    def values(self, row: msgspec.Struct) -> list[Any]:  # Any: as asyncpg takes them
        """The columns of one row."""
        values = list(astuple(row))
        for place, encode in self.encoded:
            if values[place] is not None:
                values[place] = encode(values[place])
        return values

    def upsert(self, first: int) -> str:
        """Writes whole rows: `$1` the tenant, then one array a column, from `$first` on."""
        arrays = ", ".join(f"${i}::{c.type}[]" for i, c in enumerate(self.columns, first))
        # unnest fills up what is too short with nulls
        values = ", ".join(
            f'"{c.name}"' if c.optional or c.name == "id" else f'coalesce("{c.name}", (${i}::{c.type}[])[1])'
            for i, c in enumerate(self.columns, first)
        )
        return self._written(f"select $1, {values} from unnest({arrays}) as u({self._listed()})")

    def upsert_one(self, first: int) -> str:
        """Writes one whole row: `$1` the tenant, then its values, from `$first` on; a third of the work of arrays of one."""
        values = ", ".join(f"${i}::{c.type}" for i, c in enumerate(self.columns, first))
        return self._written(f"values ($1, {values})")

    def _written(self, rows: str) -> str:
        sets = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in self.columns if c.name != "id")
        return f'insert into "{self.name}" (tenant, {self._listed()}) {rows} on conflict (tenant, id) do update set {sets}'

    def _listed(self) -> str:
        return ", ".join(f'"{c.name}"' for c in self.columns)

    def delete(self, place: int) -> str:
        """Takes rows away: `$1` the tenant, `$place` their ids."""
        return f'delete from "{self.name}" where tenant = $1 and id = any(${place}::{self.key}[])'


def _json_text(value: Any) -> str:  # Any: whatever the field holds
    return _json.encode(value).decode()


def _column(name: str, hint: Any) -> Column:  # Any: a type annotation
    optional = False
    if get_origin(hint) in (typing.Union, UnionType):
        inner = [part for part in get_args(hint) if part is not NoneType]
        optional = NoneType in get_args(hint)
        hint = inner[0] if len(inner) == 1 else hint
    if get_origin(hint) is typing.Annotated:
        return Column(name, "uuid", optional=optional)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Column(name, "text", None, hint, optional)
    if hint in PLAIN:
        return Column(name, PLAIN[hint], optional=optional)
    return Column(name, "jsonb", _json_text, msgspec.json.Decoder(hint).decode, optional)


def _table(row: type[msgspec.Struct]) -> Table:
    hints = typing.get_type_hints(row, include_extras=True)
    columns = tuple(_column(field, hints[field]) for field in row.__struct_fields__)
    listed = ", ".join(f'"{c.name}"' for c in columns)
    key = next(c.type for c in columns if c.name == "id")
    encoded = tuple((place, column.encode) for place, column in enumerate(columns) if column.encode is not None)
    return Table(NAMES[row], row, columns, key, f'select {listed} from "{NAMES[row]}" where tenant = $1', encoded)


ALL: dict[type[msgspec.Struct], Table] = {row: _table(row) for row in NAMES}
_PLACE = {row: place for place, row in enumerate(ALL)}


def parameters(table: Table, rows: Iterable[msgspec.Struct]) -> list[Sequence[Any]]:  # Any: as asyncpg takes them
    """The columns of `rows`, at least one, as the upsert takes them."""
    fields = zip(*map(astuple, rows), strict=True)  # a table's columns are its row's fields, in their order
    return [column.array(values) for column, values in zip(table.columns, fields, strict=True)]


def row_of(table: Table, record: asyncpg.Record) -> msgspec.Struct:
    """The row that a record of `table.select` holds."""
    values = [
        value if column.decode is None or value is None else column.decode(value)
        for column, value in zip(table.columns, record, strict=True)
    ]
    return table.row(*values)


async def write_rows(db: asyncpg.Connection, tenant: int, changed: Changes) -> None:
    """Write changed rows and take dropped ones away, table by table."""
    for row, changes in changed.items():
        table = ALL[row]
        kept = [value for value in changes.values() if value is not None]
        gone = [key for key, value in changes.items() if value is None]
        if kept:
            await db.execute(table.upsert(2), tenant, *parameters(table, kept))
        if gone:
            await db.execute(table.delete(2), tenant, gone)


def parts_of(changed: Changes, first: int, *, few: bool = False) -> tuple[str, list[Any]]:  # Any: as asyncpg takes them
    """The same as parts of one statement, `$1` the tenant: `, w0 as (...)` and so on, and their parameters from `$first` on.

    `few`: a row that is alone in its table is written as such. Each shape is a statement of its own, which must be planned, so
    it is for rounds that have few shapes: those of a single entry.
    """
    shape: list[tuple[str, How]] = []
    values: list[Any] = []
    for row in sorted(changed, key=_PLACE.__getitem__):  # always in one order: few different statements, each planned once
        table, changes = ALL[row], changed[row]
        kept = [value for value in changes.values() if value is not None]
        if few and len(kept) == 1:
            shape.append((table.name, "one"))
            values += table.values(kept[0])
        elif kept:
            shape.append((table.name, "many"))
            values += parameters(table, kept)
        if len(kept) < len(changes):
            shape.append((table.name, "gone"))
            values.append([key for key, value in changes.items() if value is None])
    return _parts(tuple(shape), first), values


@lru_cache(1024)
def _parts(shape: tuple[tuple[str, How], ...], first: int) -> str:
    """The parts of a statement that writes rows of these tables, or takes some away."""
    parts: list[str] = []
    for name, how in shape:
        table = ALL[TABLES[name]]
        written = {"one": table.upsert_one, "many": table.upsert, "gone": table.delete}[how]
        parts.append(written(first))
        first += 1 if how == "gone" else len(table.columns)
    return "".join([f", w{n} as ({part})" for n, part in enumerate(parts)])


async def read_rows(db: asyncpg.Connection, tenant: int, row: type[Row], keys: Collection[Key]) -> list[Row]:
    """The rows with these ids; of none, nothing is asked."""
    if not keys:
        return []
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
