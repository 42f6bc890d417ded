"""Scrubbing: no file of the database keeps what was erased from its tables.

PostgreSQL leaves old rows in the free space of pages, and in its write-ahead log, until both are used again. So every table
that may hold something personal is written anew with its indexes (`vacuum full`), and so are the samples that the planner
keeps; then the log goes through the files that lie ready, begins a new one, and the old ones are removed, not used again.
"""

import asyncio
import time
from collections.abc import Callable

import asyncpg
import msgspec

from rapport.store.connecting import open_connection

APPENDED = ("entry", "content", "checkpoint", "migration")  # nothing in them is ever changed; what is personal there is sealed
TABLES = """select c.oid::regclass::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
and not c.relname = any($1) order by pg_total_relation_size(c.oid), 1"""
SIZE = "select pg_database_size(current_database())"
KEPT = "select count(*)::int from pg_ls_waldir()"
SAMPLES = "pg_statistic"
PATIENCE = "10s"  # for a table that others use; it is tried again
TRIES = 6
A_DAY = 86_400.0


class Scrubbed(msgspec.Struct, frozen=True):
    """What was written anew. `busy`: tables that were never free; `log`: the old files of the log are gone; sizes in bytes."""

    tables: int
    busy: tuple[str, ...]
    log: bool
    before: int
    after: int
    seconds: float


async def scrub(url: str, told: Callable[[str], None]) -> Scrubbed:
    """Write every table anew that may hold something personal; `told` hears of each. Whoever uses one waits meanwhile."""
    began = time.monotonic()
    db = await open_connection(url, as_owner=True)
    try:
        await db.execute(f"set lock_timeout = '{PATIENCE}'")
        before, names = await db.fetchval(SIZE), [name for (name,) in await db.fetch(TABLES, list(APPENDED))]
        busy = [name for name in (*names, SAMPLES) if not await _anew(db, name, told)]
        log = await _new_log(db)
        return Scrubbed(len(names) + 1 - len(busy), tuple(busy), log, before, await db.fetchval(SIZE), time.monotonic() - began)
    finally:
        await db.close()


async def _anew(db: asyncpg.Connection, table: str, told: Callable[[str], None]) -> bool:
    told(table)
    for _ in range(TRIES):
        try:
            await db.execute(f"vacuum (full{', analyze' if table != SAMPLES else ''}) {table}", timeout=A_DAY)
            return True
        except asyncpg.LockNotAvailableError:
            continue
        except asyncpg.InsufficientPrivilegeError:
            return False
    return False


async def _heard(db: asyncpg.Connection) -> bool:
    """Whether the server's processes have heard of the setting, of which no event tells; where it is fixed, they never do."""
    for _ in range(200):
        if await db.fetchval("show wal_recycle") == "off":
            return True
        await asyncio.sleep(0.05)
    return False


async def _new_log(db: asyncpg.Connection) -> bool:
    """Let the log begin anew, without its old files; False where another runs the database, whose log and settings they are."""
    try:
        await db.execute("alter system set wal_recycle = off")
        await db.execute("select pg_reload_conf()")
        heard = await _heard(db)
        if heard:
            await _go_through(db)
        await db.execute("alter system reset wal_recycle")
        await db.execute("select pg_reload_conf()")
    except asyncpg.InsufficientPrivilegeError:
        return False
    return heard


async def _go_through(db: asyncpg.Connection) -> None:
    for _ in range(await db.fetchval(KEPT)):  # those that lie ready hold old rows too, until the log has gone through them
        await db.execute("select pg_logical_emit_message(false, 'scrub', '')")
        await db.execute("select pg_switch_wal()")
    for _ in range(2):  # what the checkpoint before the last needs is still kept by the last
        await db.execute("select pg_switch_wal()")
        await db.execute("checkpoint", timeout=A_DAY)
