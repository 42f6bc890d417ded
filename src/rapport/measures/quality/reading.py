"""Quality reviews as pages read them: what waits for a reviewer, what was given, what an agent may see, what was drawn."""

from datetime import datetime

import asyncpg

from rapport.ledger.tables import read_rows, read_where
from rapport.measures.quality.reviewing import read_card
from rapport.model.playbook import Edition
from rapport.model.review import CALIBRATION, Scorecard
from rapport.model.reviewed import Review, Reviewable, Sample, card_id

# Nobody sees their own work there, nor what they gave already, nor what was erased since.
_READABLE = """exists (select from conversation c join handle h on h.tenant = $1 and h.id = c.handle
where c.tenant = $1 and c.id = conversation and h.name <> '')"""
_WAITS = f"state = 'open' and agent <> $2 and not given ? $2 and {_READABLE} order by at, id limit $3"
_FINISHED = "exists (select from reviewable r where r.tenant = $1 and r.id = item and r.state = 'done' and r.kind <> $3)"
MOST = 200


async def waiting_for(db: asyncpg.Connection, tenant: int, reviewer: str, most: int = MOST) -> list[Reviewable]:
    """What a reviewer may review, in the order in which it was drawn."""
    return await read_where(db, tenant, Reviewable, _WAITS, reviewer, most)


async def item(db: asyncpg.Connection, tenant: int, id: bytes) -> Reviewable | None:
    """One conversation to review."""
    found = await read_rows(db, tenant, Reviewable, [id])
    return found[0] if found else None


async def items(db: asyncpg.Connection, tenant: int, ids: list[bytes]) -> dict[bytes, Reviewable]:
    """Several, by their ids."""
    return {one.id: one for one in await read_rows(db, tenant, Reviewable, ids)}


async def is_readable(db: asyncpg.Connection, tenant: int, item: bytes) -> bool:
    """Whether there is anything to read of a conversation to review: its person was not erased."""
    return bool(
        await db.fetchval(f"select exists(select from reviewable where tenant = $1 and id = $2 and {_READABLE})", tenant, item)
    )


async def reviews_of(db: asyncpg.Connection, tenant: int, item: bytes) -> list[Review]:
    """Every review of a conversation to review, the first one first."""
    return await read_where(db, tenant, Review, "item = $2 order by at, id", item)


async def review(db: asyncpg.Connection, tenant: int, id: bytes) -> Review | None:
    """One review."""
    found = await read_rows(db, tenant, Review, [id])
    return found[0] if found else None


async def given_by(db: asyncpg.Connection, tenant: int, reviewer: str, most: int = 20) -> list[Review]:
    """What a reviewer gave, the latest first."""
    return await read_where(db, tenant, Review, "reviewer <> '' and reviewer = $2 order by at desc limit $3", reviewer, most)


async def of_agent(db: asyncpg.Connection, tenant: int, agent: str, most: int = 100) -> list[Review]:
    """The reviews that an agent may see: of their own work, when everybody who was asked has given theirs."""
    where = f"agent <> '' and agent = $2 and {_FINISHED} order by at desc limit $4"
    return await read_where(db, tenant, Review, where, agent, CALIBRATION, most)


async def unseen(db: asyncpg.Connection, tenant: int, agent: str) -> int:
    """How many reviews of theirs an agent has not read."""
    where = f"agent <> '' and agent = $2 and seen_at is null and {_FINISHED}"
    return int(await db.fetchval(f"select count(*) from review where tenant = $1 and {where}", tenant, agent, CALIBRATION))


async def appealed(db: asyncpg.Connection, tenant: int) -> list[Review]:
    """Appeals that nobody has answered, the oldest first."""
    where = "appealed_at is not null and answered_at is null order by appealed_at limit $2"
    return await read_where(db, tenant, Review, where, MOST)


async def given_since(
    db: asyncpg.Connection, tenant: int, since: datetime, most: int = 5_000
) -> list[tuple[Review, Reviewable]]:
    """The reviews of everything that was finished since, the latest first, with what they are of."""
    ended = await read_where(
        db,
        tenant,
        Reviewable,
        "state <> 'open' and state = 'done' and ended_at >= $2 order by ended_at desc limit $3",
        since,
        most,
    )
    found = {one.id: one for one in ended}
    reviews = await read_where(db, tenant, Review, "item = any($2::uuid[]) order by at desc, id", list(found))
    return [(one, found[one.item]) for one in reviews]


async def under_way(db: asyncpg.Connection, tenant: int) -> list[Reviewable]:
    """Calibration sessions that go on."""
    return await read_where(db, tenant, Reviewable, "state = 'open' and kind = $2 order by at, id limit $3", CALIBRATION, MOST)


async def samples(db: asyncpg.Connection, tenant: int, most: int = 50) -> list[Sample]:
    """What was drawn, the latest periods first."""
    return await read_where(db, tenant, Sample, "plan <> '' order by starts desc, id limit $2", most)


async def sample(db: asyncpg.Connection, tenant: int, id: bytes) -> tuple[Sample, list[Reviewable]] | None:
    """One sample with what was drawn; None where there is none."""
    found = await read_rows(db, tenant, Sample, [id])
    if not found:
        return None
    return found[0], await read_where(db, tenant, Reviewable, "sample is not null and sample = $2 order by agent, id", id)


async def cards(db: asyncpg.Connection, tenant: int, wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Scorecard]:
    """Scorecards by name and version."""
    names = {card_id(*one): one for one in wanted}
    editions = await read_rows(db, tenant, Edition, list(names))
    read = {names[one.id]: read_card(one.body) for one in editions}
    return {key: card for key, card in read.items() if card is not None}
