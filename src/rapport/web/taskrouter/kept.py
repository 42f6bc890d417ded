"""What TaskRouter's programs set up and the centre has no word for, kept in one table; every Sid names one.

Workspaces, activities, task channels, queues and workflows as they were written, the attributes of workers, and what was done
with them. Tasks and reservations are not here: they are conversations and offers.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from secrets import token_bytes
from typing import Any

import asyncpg
import msgspec
from msgspec.structs import replace

from rapport.errors import BadInput, NotFound
from rapport.model.ids import named_id
from rapport.web.taskrouter.form import is_sid

PREFIXES: Mapping[str, str] = {
    "workspace": "WS",
    "activity": "WA",
    "worker": "WK",
    "channel": "TC",
    "queue": "WQ",
    "workflow": "WW",
    "event": "EV",
    "hook": "EH",  # how far a workspace's callback has been told; never shown
}
COLUMNS = "sid, workspace, kind, name, body, created_at, updated_at, version"


class Kept(msgspec.Struct, frozen=True):
    """One object. `says`: its fields as they are shown; `version` counts its changes, from 0."""

    sid: str
    workspace: str
    kind: str
    name: str
    says: dict[str, Any]  # Any: as its kind has it
    created_at: datetime
    updated_at: datetime
    version: int = 0


def new_kept(kind: str, workspace: str, name: str, says: dict[str, Any], now: datetime) -> Kept:  # Any: see Kept
    """An object that is made now, under a Sid of its own."""
    sid = PREFIXES[kind] + named_id(now, kind, workspace, token_bytes(16)).hex()
    return Kept(sid, workspace or (sid if kind == "workspace" else ""), kind, name, says, now, now)


def changed(kept: Kept, now: datetime, *, name: str = "", **says: Any) -> Kept:  # Any: see Kept
    """The object with other fields."""
    fields = {**kept.says, **says}
    return replace(kept, name=name or kept.name, says=fields, updated_at=now, version=kept.version + 1)


async def keep(db: asyncpg.Connection, tenant: int, kept: Kept) -> None:
    """Write an object, new or changed. Raises BadInput where another of its kind has the name."""
    try:
        await db.execute(
            f"""insert into taskrouter(tenant, {COLUMNS}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                on conflict (sid, tenant) do update set name = excluded.name, body = excluded.body,
                updated_at = excluded.updated_at, version = excluded.version""",
            tenant,
            kept.sid,
            kept.workspace,
            kept.kind,
            kept.name,
            msgspec.json.encode(kept.says),
            kept.created_at,
            kept.updated_at,
            kept.version,
        )
    except asyncpg.UniqueViolationError:
        field = "UniqueName" if kept.kind == "channel" else "FriendlyName"
        raise BadInput(f"{field} {kept.name!r} is taken by another {kept.kind} of this workspace") from None


async def drop(db: asyncpg.Connection, tenant: int, sid: str) -> None:
    """Take an object away."""
    await db.execute("delete from taskrouter where tenant = $1 and sid = $2", tenant, sid)


async def drop_all(db: asyncpg.Connection, tenant: int, workspace: str) -> None:
    """Take a workspace and all that is in it away."""
    await db.execute("delete from taskrouter where tenant = $1 and workspace = $2 and kind <> ''", tenant, workspace)


async def find(db: asyncpg.Connection, tenant: int, workspace: str, kind: str, sid: str) -> Kept:
    """The object of this Sid. Raises NotFound."""
    row = None
    if is_sid(sid, PREFIXES[kind]):
        row = await db.fetchrow(f"select {COLUMNS} from taskrouter where tenant = $1 and sid = $2", tenant, sid)
    if row is None or row["kind"] != kind or row["workspace"] != workspace:
        raise NotFound(f"no {kind} {sid[:40]} is here")
    return kept_of(row)


async def named(db: asyncpg.Connection, tenant: int, workspace: str, kind: str, name: str) -> Kept | None:
    """The first object of this name, or None."""
    row = await db.fetchrow(
        f"select {COLUMNS} from taskrouter where tenant = $1 and workspace = $2 and kind = $3 and kind <> '' and name = $4",
        tenant,
        workspace,
        kind,
        name,
    )
    return kept_of(row) if row else None


async def all_of(db: asyncpg.Connection, tenant: int, workspace: str, kind: str) -> list[Kept]:
    """Every object of a kind in a workspace, newest first."""
    rows = await db.fetch(
        f"""select {COLUMNS} from taskrouter where tenant = $1 and workspace = $2 and kind = $3 and kind <> ''
            order by created_at desc, sid desc""",
        tenant,
        workspace,
        kind,
    )
    return [kept_of(row) for row in rows]


async def some_of(db: asyncpg.Connection, tenant: int, sids: Iterable[str]) -> dict[str, Kept]:
    """The objects of these Sids that are there, by Sid."""
    query = f"select {COLUMNS} from taskrouter where tenant = $1 and sid = any($2::text[])"
    return by_sid([kept_of(row) for row in await db.fetch(query, tenant, list(set(sids)))])


async def events_between(
    db: asyncpg.Connection, tenant: int, workspace: str, since: datetime, until: datetime, most: int
) -> list[Kept]:
    """The events noted after one time and up to another, oldest first."""
    rows = await db.fetch(
        f"""select {COLUMNS} from taskrouter where tenant = $1 and workspace = $2 and kind = 'event' and kind <> ''
            and created_at > $3 and created_at <= $4 order by created_at, sid limit $5""",
        tenant,
        workspace,
        since,
        until,
        most,
    )
    return [kept_of(row) for row in rows]


async def forget_events(db: asyncpg.Connection, tenant: int, workspace: str, before: datetime) -> None:
    """Let events go that were noted before a time."""
    await db.execute(
        "delete from taskrouter where tenant = $1 and workspace = $2 and kind = 'event' and kind <> '' and created_at < $3",
        tenant,
        workspace,
        before,
    )


async def workspaces(db: asyncpg.Connection, tenant: int) -> list[Kept]:
    """Every workspace, newest first."""
    rows = await db.fetch(
        f"""select {COLUMNS} from taskrouter where tenant = $1 and kind = 'workspace' and sid = workspace
            order by created_at desc, sid desc""",
        tenant,
    )
    return [kept_of(row) for row in rows]


def kept_of(row: Mapping[str, Any]) -> Kept:  # Any: a record
    """The object that a row holds."""
    return Kept(
        row["sid"],
        row["workspace"],
        row["kind"],
        row["name"],
        msgspec.json.decode(bytes(row["body"])),
        row["created_at"],
        row["updated_at"],
        row["version"],
    )


def by_sid(found: Sequence[Kept]) -> dict[str, Kept]:
    """Objects by their Sid."""
    return {kept.sid: kept for kept in found}
