"""Parquet written by hand: row groups one after another, in the memory of one; for readers such as DuckDB, Spark and pandas.

Of the format (parquet.apache.org, `parquet.thrift`) what flat tables need: one data page for each column of a group, plain
values, optional columns with their levels run-length encoded, gzip, and the Thrift compact protocol for headers and footer.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

Type = Literal["text", "int", "float", "time"]
Value = str | int | float | None
Field = tuple[int, int, int | bytes | list[bytes] | list[int]]  # of a Thrift struct: number, type, value
MAGIC = b"PAR1"
# Thrift compact: types of fields.
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
# Parquet: physical types, converted types, encodings, the codec.
_INT64, _DOUBLE, _BYTES = 2, 5, 6
_UTF8, _MILLIS = 0, 9
_PLAIN, _RLE = 0, 3
_GZIP = 2
_OPTIONAL = 1


class Column(msgspec.Struct, frozen=True):
    """A column: times are whole milliseconds since 1970 in UTC. Each value may be missing."""

    name: str
    type: Type


class _Chunk(msgspec.Struct, frozen=True):
    column: Column
    offset: int
    values: int
    packed: int
    plain: int


def parquet_of(columns: Sequence[Column], groups: Iterable[Sequence[Sequence[Value]]]) -> Iterator[bytes]:
    """A file as pieces. `groups`: the values of each column, in their order, of some thousand rows at a time."""
    yield MAGIC
    offset, kept, rows = len(MAGIC), list[tuple[int, list[_Chunk]]](), 0
    for group in groups:
        count = len(group[0]) if group else 0
        if not count:
            continue
        chunks: list[_Chunk] = []
        for column, values in zip(columns, group, strict=True):
            piece, chunk = _chunk(column, values, offset)
            chunks.append(chunk)
            offset += len(piece)
            yield piece
        kept.append((count, chunks))
        rows += count
    footer = _footer(columns, kept, rows)
    yield footer + struct.pack("<I", len(footer)) + MAGIC


def _chunk(column: Column, values: Sequence[Value], offset: int) -> tuple[bytes, _Chunk]:
    levels = _levels([value is not None for value in values])
    body = struct.pack("<I", len(levels)) + levels + _plain(column.type, [value for value in values if value is not None])
    squeezer = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = squeezer.compress(body) + squeezer.flush()
    page = _struct((1, _I32, 0), (2, _I32, len(body)), (3, _I32, len(packed)), (5, _STRUCT, _struct(
        (1, _I32, len(values)), (2, _I32, _PLAIN), (3, _I32, _RLE), (4, _I32, _RLE),
    )))  # fmt: skip
    return page + packed, _Chunk(column, offset, len(values), len(page) + len(packed), len(page) + len(body))


def _levels(there: Sequence[bool]) -> bytes:
    """Which values are there, as runs of a hybrid of one bit."""
    found, start = bytearray(), 0
    for n in range(1, len(there) + 1):
        if n == len(there) or there[n] != there[start]:
            found += _varint((n - start) << 1) + bytes([there[start]])
            start = n
    return bytes(found)


def _plain(type: Type, values: Sequence[Value]) -> bytes:
    if type == "text":
        texts = [str(value).encode("utf-8", "replace") for value in values]
        return b"".join(struct.pack("<I", len(text)) + text for text in texts)
    return struct.pack(f"<{len(values)}{'d' if type == 'float' else 'q'}", *values)


def _footer(columns: Sequence[Column], groups: Sequence[tuple[int, list[_Chunk]]], rows: int) -> bytes:
    schema = [_struct((4, _BINARY, b"rows"), (5, _I32, len(columns)))]
    for column in columns:
        converted = {"text": _UTF8, "time": _MILLIS}.get(column.type)
        fields: list[Field] = [(1, _I32, _physical(column.type)), (3, _I32, _OPTIONAL), (4, _BINARY, column.name.encode())]
        schema.append(_struct(*fields, *([(6, _I32, converted)] if converted is not None else [])))
    told = [_group(count, chunks) for count, chunks in groups]
    return _struct((1, _I32, 1), (2, _LIST, schema), (3, _I64, rows), (4, _LIST, told), (6, _BINARY, b"rapport"))


def _group(count: int, chunks: Sequence[_Chunk]) -> bytes:
    columns = []
    for chunk in chunks:
        meta = _struct(
            (1, _I32, _physical(chunk.column.type)), (2, _LIST, [_PLAIN, _RLE]), (3, _LIST, [chunk.column.name.encode()]),
            (4, _I32, _GZIP), (5, _I64, chunk.values), (6, _I64, chunk.plain), (7, _I64, chunk.packed), (9, _I64, chunk.offset),
        )  # fmt: skip
        columns.append(_struct((2, _I64, chunk.offset), (3, _STRUCT, meta)))
    return _struct((1, _LIST, columns), (2, _I64, sum(chunk.plain for chunk in chunks)), (3, _I64, count))


def _physical(type: Type) -> int:
    return {"text": _BYTES, "float": _DOUBLE}.get(type, _INT64)


def _struct(*fields: Field) -> bytes:
    """A Thrift struct: fields as (number, type, value); lists hold structs, texts or whole numbers."""
    found, last = bytearray(), 0
    for number, type, value in fields:
        found.append((number - last) << 4 | type)
        last = number
        if isinstance(value, int):
            found += _varint(value << 1 ^ value >> 63)
        elif isinstance(value, bytes):
            found += (_varint(len(value)) if type == _BINARY else b"") + value
        else:
            found += _listed(value, is_text=number == 3 and type == _LIST)
    return bytes(found) + b"\0"


def _listed(items: "list[bytes] | list[int]", *, is_text: bool) -> bytes:
    kind = _I32 if items and isinstance(items[0], int) else _BINARY if is_text else _STRUCT
    head = bytes([len(items) << 4 | kind]) if len(items) < 15 else bytes([0xF0 | kind]) + _varint(len(items))
    found = bytearray(head)
    for item in items:
        if isinstance(item, int):
            found += _varint(item << 1)
        else:
            found += (_varint(len(item)) if kind == _BINARY else b"") + item
    return bytes(found)


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
