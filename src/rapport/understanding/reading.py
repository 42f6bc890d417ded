"""What pages read of labels: the intents that there are, labels by intent, disagreements, messages to label, comparisons."""

import asyncpg
import msgspec

from rapport.ledger.tables import read_where
from rapport.model.correction import Comparison, Correction

_OWN = "select distinct intent from correction where tenant = $1 and intent not in ('', 'none') limit 200"
_BY_INTENT = """select intent, count(*) as labels, count(*) filter (where intent <> was_intent) as changed
from correction where tenant = $1 and intent <> '' group by intent order by labels desc, intent limit 100"""
_UNSURE = """select m.id, m.conversation, m.text, m.language, m.intent, m.sure from (
select message from conversation where tenant = $1 and state <> '' order by last_at desc, id desc limit $2) c
join message m on m.tenant = $1 and m.id = c.message
where m.read_by <> '' and m.corrected_by = '' and m.actionable and m.text <> '' order by m.sure, m.at desc, m.id limit $3"""
_PERSONAL = """select kind, count(*) as messages from (
select personal from message where tenant = $1 and personal <> '[]' order by at desc limit $2) m,
jsonb_array_elements_text(m.personal) as kind group by kind order by messages desc, kind"""
_STOPPED = """select count(*) from draft where tenant = $1 and findings @> '[{"rule": "personal-data"}]'"""
MOST_COUNTED = 20_000
MOST_LOOKED_AT = 2_000


class Labels(msgspec.Struct, frozen=True):
    """Labels of one intent. `changed`: of messages that had been read as something else."""

    intent: str
    labels: int
    changed: int


class Unsure(msgspec.Struct, frozen=True):
    """A message of which the reader is unsure. `sure`: of its likeliest intent, in [0, 1]."""

    id: bytes
    conversation: bytes
    text: str
    language: str
    intent: str
    sure: float


async def own_intents(db: asyncpg.Connection, tenant: int) -> list[str]:
    """Every intent that agents named."""
    return [row["intent"] for row in await db.fetch(_OWN, tenant)]


async def labels_by_intent(db: asyncpg.Connection, tenant: int) -> list[Labels]:
    """Labels by intent, most first."""
    return [Labels(*row) for row in await db.fetch(_BY_INTENT, tenant)]


async def disagreements(db: asyncpg.Connection, tenant: int, most: int) -> list[Correction]:
    """The latest messages of which agents said different things."""
    latest = await read_where(db, tenant, Correction, "agent <> '' order by at desc limit $2", MOST_LOOKED_AT)
    return [one for one in latest if len(set(one.votes.values())) > 1][:most]


async def unsure(db: asyncpg.Connection, tenant: int, most: int) -> list[Unsure]:
    """Of the latest conversations the messages that the reader was least sure of: a label of these teaches most."""
    rows = [Unsure(*row) for row in await db.fetch(_UNSURE, tenant, MOST_LOOKED_AT, 5 * most)]
    return list({one.text.casefold(): one for one in reversed(rows)}.values())[: -most - 1 : -1]


async def comparisons(db: asyncpg.Connection, tenant: int, most: int) -> list[Comparison]:
    """The latest comparisons of readers, newest first."""
    return await read_where(db, tenant, Comparison, "version <> '' order by at desc limit $2", most)


async def personal_counts(db: asyncpg.Connection, tenant: int) -> list[tuple[str, int]]:
    """In how many of the latest MOST_COUNTED messages with personal data each kind stood; never what it was."""
    return [(row["kind"], int(row["messages"])) for row in await db.fetch(_PERSONAL, tenant, MOST_COUNTED)]


async def drafts_stopped(db: asyncpg.Connection, tenant: int) -> int:
    """How many drafts the check for personal data found something in."""
    return int(await db.fetchval(_STOPPED, tenant))
