"""What was said in a visitor's chat, from either side, read from the views by the handle's name."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from rapport.model.message import Media

_SAID_BACK = """
select o.at, o.id, o.text, m.author, m.agent, o.files from handle h
join outgoing o on o.tenant = h.tenant and o.handle = h.id and o.handle is not null
join message m on m.tenant = o.tenant and m.id = o.message and m.direction = 'out'
where h.tenant = $1 and h.name = $2 and h.name <> '' and o.account = $3
  and o.state in ('queued', 'sent', 'unknown') and o.op = '' and (o.at, o.id) > ($4, $5)
  and (o.state <> 'queued' or o.not_before is null or o.not_before <= $6) order by o.at, o.id limit 200"""
_SAID = """
select * from (select m.at, m.id, m.text, '' as author, '' as agent, m.media from handle h
join message m on m.tenant = h.tenant and m.handle = h.id and m.handle is not null and m.conversation is not null
where h.tenant = $1 and h.name = $2 and h.name <> '' and m.account = $3 and m.direction = 'in'
order by m.at desc limit 100) as latest order by at, id"""
_CHANGED = """
select o.op, o.target, o.text from handle h
join outgoing o on o.tenant = h.tenant and o.handle = h.id and o.handle is not null
where h.tenant = $1 and h.name = $2 and h.name <> '' and o.account = $3 and o.state = 'sent' and o.op in ('edit', 'delete')
order by o.at, o.id limit 1000"""
_WRITTEN_TO = """
select exists (select from typing t join conversation c on c.tenant = t.tenant and c.id = t.conversation and c.agent = t.agent
join handle h on h.tenant = c.tenant and h.id = c.handle
where t.tenant = $1 and t.reply and t.at >= $4 and h.name = $2 and h.name <> '' and c.account = $3)"""
_SENT_FILE = """
select m.media from handle h join message m on m.tenant = h.tenant and m.handle = h.id and m.handle is not null
where h.tenant = $1 and h.name = $2 and h.name <> '' and m.direction = 'in'
and m.media @> jsonb_build_array(jsonb_build_object('blob', $3::text)) order by m.at desc, m.id limit 1"""
_HANDLE = "select id from handle where tenant = $1 and name = $2 and name <> ''"


_files = msgspec.json.Decoder(tuple[Media, ...])


class Spoken(NamedTuple):
    """One line; (`at`, `id`) is its place."""

    at: datetime
    id: bytes
    text: str
    author: str
    agent: str
    files: tuple[Media, ...] = ()


async def answers_to(
    db: asyncpg.Connection, tenant: int, handle: str, account: str, after: tuple[datetime, bytes], now: datetime
) -> list[Spoken]:
    """What was answered by an account after a place, oldest first, at most two hundred; not what can still be taken back."""
    rows = await db.fetch(_SAID_BACK, tenant, handle, account, *after, now)
    return _spoken(rows)


async def changes_to(db: asyncpg.Connection, tenant: int, handle: str, account: str) -> dict[str, str | None]:
    """The words of an account's answers that were edited since, None where one was taken back; by the keys of their parts."""
    rows = await db.fetch(_CHANGED, tenant, handle, account)
    return {target: None if op == "delete" else text for op, target, text in rows}


async def words_of(db: asyncpg.Connection, tenant: int, handle: str, account: str) -> list[Spoken]:
    """The last hundred messages of a handle at an account, oldest first."""
    return _spoken(await db.fetch(_SAID, tenant, handle, account))


async def file_from(db: asyncpg.Connection, tenant: int, handle: str, blob: str) -> Media | None:
    """The file of this SHA-256 that came with a message of the handle, as the last of them named it."""
    found = await db.fetchval(_SENT_FILE, tenant, handle, blob)
    return next((file for file in _files.decode(found) if file.blob == blob), None) if found is not None else None


async def is_written_to(db: asyncpg.Connection, tenant: int, handle: str, account: str, since: datetime) -> bool:
    """Whether whoever has their conversation has typed at a reply since."""
    return bool(await db.fetchval(_WRITTEN_TO, tenant, handle, account, since))


async def handle_named(db: asyncpg.Connection, tenant: int, handle: str) -> bytes | None:
    """The id of the handle of this name; None before its first message."""
    found: bytes | None = await db.fetchval(_HANDLE, tenant, handle)
    return found


def _spoken(rows: Sequence[asyncpg.Record]) -> list[Spoken]:
    return [Spoken(at, id, text, author, agent, _files.decode(files)) for at, id, text, author, agent, files in rows]
