"""Counting: how many chose what, as shares with Wilson's interval."""

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.poll import Poll, Vote, vote_id
from rapport.model.share import wilson

MOST_LISTED = 100
_COUNT = "select choice, count(*) from vote where tenant = $1 and poll = $2 group by choice"
_COUNTS = "select poll, count(*) from vote where tenant = $1 and poll = any($2::uuid[]) group by poll"


class Tally(msgspec.Struct, frozen=True):
    """One choice: how many chose it, out of all who voted, between which shares that lies with 95 %."""

    choice: int
    votes: int
    share: float
    low: float
    high: float


class Listed(msgspec.Struct, frozen=True):
    """A poll in a list, with how many voted."""

    poll: Poll
    votes: int


async def poll_of(db: asyncpg.Connection, tenant: int, id: bytes) -> Poll | None:
    """A poll; None where there is none."""
    found = await read_rows(db, tenant, Poll, [id])
    return found[0] if found else None


async def tallies(db: asyncpg.Connection, tenant: int, poll: Poll) -> tuple[Tally, ...]:
    """Each choice in the order of the poll. Without a vote every interval is all that can be: 0 to 1."""
    counts = dict(await db.fetch(_COUNT, tenant, poll.id))
    return reckoned([counts.get(choice, 0) for choice in range(len(poll.choices))])


def reckoned(counts: list[int]) -> tuple[Tally, ...]:
    """Shares of counts."""
    every = sum(counts)
    return tuple(Tally(n, count, count / every if every else 0.0, *wilson(count, every)) for n, count in enumerate(counts))


async def vote_of(db: asyncpg.Connection, tenant: int, poll: bytes, voter: bytes) -> Vote | None:
    """What a voter chose last; None where they have not voted."""
    found = await read_rows(db, tenant, Vote, [vote_id(poll, voter)])
    return found[0] if found else None


async def listed(db: asyncpg.Connection, tenant: int) -> list[Listed]:
    """The polls, those made last first."""
    polls = await read_where(db, tenant, Poll, "true order by at desc limit $2", MOST_LISTED)
    counts = dict(await db.fetch(_COUNTS, tenant, [poll.id for poll in polls]))
    return [Listed(poll, counts.get(poll.id, 0)) for poll in polls]
