"""One conversation as pages read it: itself, its messages, who worked on it; and finding one by its words."""

import re
from collections.abc import Sequence

import asyncpg
import msgspec

from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.interaction import Interaction
from rapport.model.message import Message

_CASE = "select id from conversation where tenant = $1 and case_number = $2 limit $3"
_BY_ACCOUNT = "select id from conversation where tenant = $1 and id = any($2::uuid[]) and account = $3"
_MOODS = "select id, emotion from conversation where tenant = $1 and id = any($2::uuid[]) and emotion <> ''"
_CASE_NUMBER = re.compile(r"[0-9A-Fa-f]{8}")
_OF = "conversation is not null and conversation = $2"


async def conversation(db: asyncpg.Connection, tenant: int, id: bytes) -> Conversation | None:
    """One conversation; None where there is none."""
    found = await read_rows(db, tenant, Conversation, [id])
    return found[0] if found else None


async def who_has(db: asyncpg.Connection, tenant: int, ids: Sequence[bytes]) -> dict[bytes, tuple[str, ...]]:
    """The agents whose work each conversation is: who has it, and who writes in it with them."""
    if not ids:
        return {}
    rows = await db.fetch("select id, agent, beside from conversation where tenant = $1 and id = any($2::uuid[])", tenant, ids)
    return {row["id"]: tuple(filter(None, (row["agent"], *msgspec.json.decode(row["beside"])))) for row in rows}


async def of_account(db: asyncpg.Connection, tenant: int, ids: Sequence[bytes], account: str) -> set[bytes]:
    """Which of these conversations came by an account."""
    return {row["id"] for row in await db.fetch(_BY_ACCOUNT, tenant, ids, account)}


async def moods_of(db: asyncpg.Connection, tenant: int, ids: Sequence[bytes]) -> dict[bytes, str]:
    """The emotion of each of these conversations that shows one."""
    return dict(await db.fetch(_MOODS, tenant, ids))


async def messages_of(db: asyncpg.Connection, tenant: int, conversation: bytes, *, limit: int) -> tuple[list[Message], int]:
    """Its latest `limit` messages and notes, oldest first, and how many there are before them."""
    found = await read_where(db, tenant, Message, f"{_OF} order by at desc, id desc limit $3", conversation, limit)
    if len(found) < limit:
        return found[::-1], 0
    total = await db.fetchval(f"select count(*) from message where tenant = $1 and {_OF}", tenant, conversation)
    return found[::-1], total - len(found)


async def interactions_of(db: asyncpg.Connection, tenant: int, conversation: bytes) -> list[Interaction]:
    """Who has worked on it."""
    return await read_where(db, tenant, Interaction, _OF, conversation)


async def oldest_waiting(db: asyncpg.Connection, tenant: int) -> Conversation | None:
    """The conversation that has waited longest for somebody; None where nobody waits."""
    where = "state = 'open' and agent = '' and waiting_since is not null order by waiting_since, id limit 1"
    found = await read_where(db, tenant, Conversation, where)
    return found[0] if found else None


async def has_unread(db: asyncpg.Connection, tenant: int, agent: str) -> bool:
    """Whether something came that the agent has not seen, in what they have."""
    where = "tenant = $1 and state <> 'resolved' and agent <> '' and agent = $2 and unread"
    return bool(await db.fetchval(f"select exists(select from conversation where {where})", tenant, agent))


async def is_mentioned(db: asyncpg.Connection, tenant: int, conversation: bytes, agent: str) -> bool:
    """Whether a note there names the agent, who has not looked yet."""
    where = "tenant = $1 and conversation = $2 and seen_at is null and agent = $3"
    return bool(await db.fetchval(f"select exists(select from mention where {where})", tenant, conversation, agent))


async def of_case(db: asyncpg.Connection, tenant: int, number: str) -> list[Conversation]:
    """The conversations of a case number (`ids.case_number`); none where it is no such number."""
    if not _CASE_NUMBER.fullmatch(number):
        return []
    return await read_rows(db, tenant, Conversation, [row["id"] for row in await db.fetch(_CASE, tenant, number.lower(), 5)])


async def number_held(db: asyncpg.Connection, tenant: int) -> int:
    """How many messages are held, to the last one."""
    return int(await db.fetchval("select count(*) from message where tenant = $1 and standing = 'held'", tenant))
