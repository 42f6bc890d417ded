"""A person who is erased, and what is left of a word that nobody else has: in tables, and in any file of the data folder."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from rapport.app.erasing import erasing
from rapport.app.house import House
from rapport.ledger.journey import EventTold
from rapport.people.context import find_person
from rapport.store.scrubbing import scrub

EVERY_TABLE = """select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1"""
PLAIN = frozenset({"entry", "content", "key"})  # bytes: what is in them is sealed, or a digest
EVENTS = 20
PIECE = 1 << 22  # bytes


async def erase(house: House, run: str, digested: Callable[[asyncpg.Connection], Awaitable[None]]) -> dict[str, float]:
    """Seconds of an erasure, in how many rows the word stood before, and in how many it stands after."""
    word = word_of(run)
    mail, now = f"email:{word}@example.org", datetime.now(UTC)
    others = [f"{network}:{word}" for network in ("sms", "whatsapp", "mastodon", "x")]
    await house.intake.declare(1, [mail, *others], f"Ana {word}", {"loyalty": word, "city": word}, "crm", word)
    told = [
        EventTold(mail, "shop.visited", "shop", f"{word}-{n}", now - timedelta(hours=n), {"item": word}) for n in range(EVENTS)
    ]
    await house.intake.take_events(1, told)
    db = await house.store.connect(1)
    await digested(db)
    person = await find_person(db, 1, mail)
    assert person is not None
    before = await _hits(db, word, ("person", "handle"))
    began = time.perf_counter()
    await erasing(house)(1, person, "bench")
    took = time.perf_counter() - began
    await digested(db)
    after = await _hits(db, word, [table for (table,) in await db.fetch(EVERY_TABLE) if table not in PLAIN])
    await db.close()
    return {"erasure_s": round(took, 3), "canary_before": before, "canary_hits": after}


async def left_in_files(url: str, folder: Path, run: str) -> dict[str, float]:
    """In how many files the word stands once it is erased, before and after `rapport scrub`, and how long that took."""
    word = word_of(run).encode()
    before = _files_with(folder, word)
    done = await scrub(url, lambda table: None)
    return {"canary_files_before": before, "canary_files": _files_with(folder, word), "scrub_s": round(done.seconds, 1)}


def word_of(run: str) -> str:
    """The word of this run that nobody else has."""
    return f"zorzalino{run.rpartition('-')[2]}"


def _files_with(folder: Path, word: bytes) -> int:
    return sum(_holds(file, word) for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def _holds(file: Path, word: bytes) -> bool:
    try:
        with file.open("rb") as data:
            rest = b""
            while piece := data.read(PIECE):
                if word in rest + piece:
                    return True
                rest = piece[-len(word) :]
    except OSError:  # a file that the database took away meanwhile
        return False
    return False


async def _hits(db: asyncpg.Connection, word: str, tables: Sequence[str]) -> int:
    sql = 'select count(*) from "{}" t where tenant = 1 and t::text like $1'
    return sum([await db.fetchval(sql.format(table), f"%{word}%", timeout=900) for table in tables])
