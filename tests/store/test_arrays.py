"""Arrays that we encode ourselves are those that asyncpg would have sent."""

from datetime import UTC, datetime

import pytest

from rapport.store.arrays import KINDS
from rapport.store.connecting import open_connection

pytestmark = pytest.mark.anyio

VALUES = {
    "text": ["a", "", None, "ñandú 🦤" * 2000],
    "bytea": [b"", b"\x00\xff", None, b"x" * 5000],
    "uuid": [bytes(range(16)), None],
    "jsonb": ['{"a": "é"}', "[1, 2]", None],
    "int2": [1, -5, None, 32767],
    "int8": [2**62, -1, None],
    "float8": [1.5, None, float("inf"), -0.1],
    "bool": [True, None, False],
    "timestamptz": [datetime(2026, 3, 3, 16, 1, 2, 345678, UTC), None, datetime(1900, 1, 1, tzinfo=UTC)],
}


async def test_every_kind_of_array_arrives_as_asyncpg_would_have_sent_it(store, database_url):
    ours, theirs = await store.connect(), await open_connection(database_url)
    try:
        for kind in KINDS:
            for values in (VALUES[kind], [], [None]):
                ask = f"select one from unnest($1::{kind}[]) as one"
                sent = [tuple(row) for row in await ours.fetch(ask, values)]
                expected = [tuple(row) for row in await theirs.fetch(ask, values)]

                assert sent == expected
                assert len(sent) == len(values)
    finally:
        await ours.close()
        await theirs.close()
