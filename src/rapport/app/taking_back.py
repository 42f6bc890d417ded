"""A file of people that was brought in, taken back: what it declared, and what it said of companies and households."""

from collections.abc import AsyncIterator
from datetime import datetime

from rapport.app.house import House
from rapport.errors import Conflict
from rapport.ledger.bringing import member_of, undeclared
from rapport.ledger.entry import Entry, New
from rapport.ledger.owners import open_keys
from rapport.ledger.read import read_entries
from rapport.ledger.tables import read_rows, read_where
from rapport.model.fact import PersonDeclared
from rapport.model.group import FileImport, Membership
from rapport.model.person import Handle

BATCH = 300
# A file that was taken in to its end stands between two entries. Of one that stopped, or whose process died, nobody said the
# last: it ends before the next file that began after the last person that it declared. $3: what the entry of its end is called.
_SPAN = """select min(e.seq), max(e.seq) filter (where e.source_id = $3), min(e.at), max(e.at) filter (where e.source_id = $3)
from entry e where e.tenant = $1 and e.source = 'import' and e.source_id = any($2::text[])"""
_NEXT = """select seq, at - interval '1 microsecond' from entry
where tenant = $1 and source = 'import' and seq > $2 and source_id like '%/begun' order by seq limit 1"""
_HEAD = "select seq + 1 from head where tenant = $1"


async def undoable(house: House, tenant: int, file: bytes) -> FileImport:
    """What was brought in, or was until its process died. Raises Conflict where there is nothing to take back."""
    async with house.store.within(tenant, readonly=True) as db:
        done = next(iter(await read_rows(db, tenant, FileImport, [file])), None)
    if done is None or done.kind != "people" or done.state not in ("begun", "ended", "stopped"):
        raise Conflict("There is nothing to take back: this file was not taken in, or was taken back already.")
    return done


async def take_back(house: House, tenant: int, file: bytes, by: str) -> int:
    """Take back what this file was the first to declare; of how many records."""
    async with house.store.within(tenant, readonly=True) as db:
        begun, ended = (f"{file.hex()}/{state}" for state in ("begun", "ended"))
        first, last, since, until = await db.fetchrow(_SPAN, tenant, [begun, ended], ended)
    if last is None:
        last, until = await _as_far_as(house, tenant, file, first)
    count = 0
    async for entries in _declared(house, tenant, file, first, last):
        readable = [one for one in entries if one.content is not None]
        count += await _back(house, tenant, readable, (since, until), by) if readable else 0
    return count


async def _as_far_as(house: House, tenant: int, file: bytes, first: int) -> tuple[int, datetime]:
    """(the number, the time) up to which a file came that nobody ended: what others brought in behind it stays theirs."""
    async with house.store.within(tenant, readonly=True) as db:
        head = await db.fetchval(_HEAD, tenant)
    last = first
    async for entries in _declared(house, tenant, file, first, head):
        last = entries[-1].seq
    async with house.store.within(tenant, readonly=True) as db:
        following = await db.fetchrow(_NEXT, tenant, last)
    return (following[0], following[1]) if following is not None else (head, house.clock.now())


async def _declared(house: House, tenant: int, file: bytes, after: int, last: int) -> AsyncIterator[list[Entry]]:
    """What a file declared between two numbers, some at a time."""
    while True:
        async with house.store.within(tenant) as db:
            found = await read_entries(db, house.keys, tenant, after, BATCH, (PersonDeclared.number,))
        if entries := [one for one in found if one.seq < last and _said_by(one, file)]:
            yield entries
        if not found or found[-1].seq >= last:
            return
        after = found[-1].seq


def _said_by(entry: Entry, file: bytes) -> bool:
    return isinstance(entry.fact, PersonDeclared) and entry.fact.file == file


async def _back(house: House, tenant: int, entries: list[Entry], span: tuple[datetime, datetime], by: str) -> int:
    facts = [entry.fact for entry in entries if isinstance(entry.fact, PersonDeclared)]
    handles, source = {fact.handle for fact in facts}, facts[0].source
    async with house.store.within(tenant, readonly=True) as db:
        await open_keys(db, house.keys, tenant, handles)
        homes = {one.person: one.id for one in await read_rows(db, tenant, Handle, handles) if one.person is not None}
        of = "person = any($2::uuid[]) and source = $3 and at between $4 and $5"
        members = await read_where(db, tenant, Membership, of, list(homes), source, *span)
    news: list[New] = []
    for one in members:
        if house.keys.knows(tenant, homes[one.person]):
            of_whom, once = (homes[one.person], one.group), one.at.isoformat()
            news.append(member_of(house.intake, tenant, of_whom, "", source, by, left=True, once=once))
    back = [undeclared(house.intake, tenant, one, by) for one in entries if house.keys.knows(tenant, one.owner or b"")]
    await house.intake.append(tenant, [*news, *back])
    return len(back)
