"""Arrays for a connection that writes many rows at once, put into PostgreSQL's binary form here.

asyncpg asks of each element whether it is a list itself, and encodes one after the other: some half a microsecond each, and a
round has two hundred for each message. Here that is a third of it. What was measured: docs/ledger.md.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from struct import Struct
from typing import Any, NoReturn

import asyncpg

Encode = Callable[[Sequence[Any]], bytes]  # Any: an element as asyncpg takes it, or None
NULL = b"\xff\xff\xff\xff"
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts microseconds
SHORT = 4096
_MICROSECOND = timedelta(microseconds=1)
_HEAD = Struct(">iiIii").pack  # dimensions, whether there are nulls, the type of the elements; their number, the first index
_NONE = Struct(">iiI").pack
_long = Struct(">i").pack
_lengths = [_long(n) for n in range(SHORT)]
_int2, _int8, _float8 = Struct(">ih").pack, Struct(">iq").pack, Struct(">id").pack
_TRUE, _FALSE = b"\0\0\0\1\1", b"\0\0\0\1\0"


def _length(size: int) -> bytes:
    return _lengths[size] if size < SHORT else _long(size)


def _bytes(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _length(len(v)) + v for v in values]


def _texts(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _length(len(e := v.encode())) + e for v in values]


def _documents(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _length(len(e := v.encode()) + 1) + b"\1" + e for v in values]


def _ids(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else b"\0\0\0\x10" + v for v in values]


def _small(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _int2(2, v) for v in values]


def _whole(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _int8(8, v) for v in values]


def _floats(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _float8(8, v) for v in values]


def _truths(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _TRUE if v else _FALSE for v in values]


def _times(values: Sequence[Any]) -> Iterable[bytes]:
    return [NULL if v is None else _int8(8, (v - EPOCH) // _MICROSECOND) for v in values]


# Of each type of element: the type of its arrays, by PostgreSQL's own fixed numbers (src/include/catalog/pg_type.dat).
KINDS: dict[str, tuple[int, int, Callable[[Sequence[Any]], Iterable[bytes]]]] = {
    "text": (25, 1009, _texts),
    "bytea": (17, 1001, _bytes),
    "uuid": (2950, 2951, _ids),
    "jsonb": (3802, 3807, _documents),
    "int2": (21, 1005, _small),
    "int8": (20, 1016, _whole),
    "float8": (701, 1022, _floats),
    "bool": (16, 1000, _truths),
    "timestamptz": (1184, 1185, _times),
}


def encoder(name: str) -> Encode:
    """What puts a list of elements of this type, one of `KINDS`, into the binary form of their array."""
    element, _, parts_of = KINDS[name]

    def encode(values: Sequence[Any]) -> bytes:
        if not values:
            return _NONE(0, 0, element)
        return _HEAD(1, 1, element, len(values), 1) + b"".join(parts_of(values))

    return encode


def encode_arrays(db: asyncpg.Connection) -> None:
    """Let a connection of ours encode arrays by `encoder`, and read none.

    asyncpg takes codecs of arrays at this inner door alone; where a later one has closed it, its own encode as before.
    """
    door = getattr(getattr(db, "_protocol", None), "get_settings", None)
    add = getattr(door() if door is not None else None, "add_python_codec", None)
    if add is None:
        return
    for name, (_, arrays, _) in KINDS.items():
        add(arrays, f"_{name}", "pg_catalog", [], "scalar", encoder(name), _unread, "binary")


def _unread(_: bytes) -> NoReturn:
    raise asyncpg.InterfaceError("a connection that encodes arrays by itself reads none; use one of the pool")
