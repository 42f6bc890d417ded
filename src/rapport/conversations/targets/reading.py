"""Service targets as pages read them: the clocks of one conversation, how many near and were missed."""

from typing import NamedTuple

import asyncpg

from rapport.ledger.tables import read_rows
from rapport.model.target import Service

_COUNTS = """select count(*) filter (where near) as near, count(*) filter (where late) as late
from service where tenant = $1 and open"""


class Counts(NamedTuple):
    """Of the conversations whose clocks run: how many near a target, and how many missed one."""

    near: int
    late: int


async def service_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> Service | None:
    """The clocks of a conversation; None where no target was ever set for it."""
    found = await read_rows(db, tenant, Service, [conversation])
    return found[0] if found else None


async def counts_now(db: asyncpg.Connection, tenant: int) -> Counts:
    """How it stands now."""
    row = await db.fetchrow(_COUNTS, tenant)
    return Counts(row["near"], row["late"])
