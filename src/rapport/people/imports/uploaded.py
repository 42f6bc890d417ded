"""An uploaded file as the pages read it: what was asked of it, how far it is, what was found."""

from datetime import datetime, timedelta

import asyncpg
import msgspec

from rapport.ledger.tables import read_where
from rapport.model.group import FileImport
from rapport.people.imports.outcome import Brought

LARGEST = 200_000_000  # bytes of a file
KEPT = timedelta(days=1)
QUIET = timedelta(seconds=30)  # without a beat: nobody works on it any more
WORDLESS = "json_build_object('kind', asked->>'kind', 'format', asked->>'format', 'source', asked->>'source')"
UNDONE = "select count(*) from file_import where tenant = $1 and state = 'undone'"
_FORGET = (
    "delete from upload_piece where tenant = $1 and upload in (select id from upload where tenant = $1 and at < $2)",
    "delete from upload where tenant = $1 and at < $2 and state in ('there', 'trying', 'tried')",
    f"update upload set asked = {WORDLESS} where tenant = $1 and at < $2 and asked->>'mapping' is not null",
)
_UPLOAD = """select id, by, at, size, asked, state, line, beat, found, problem,
exists (select from upload_piece p where p.tenant = $1 and p.upload = u.id) as there
from upload u where tenant = $1"""


class Asked(msgspec.Struct, frozen=True):
    """How a file is to be read. `kind`: people, events; `mapping`: what its columns say; `country`: of numbers without one."""

    kind: str = "people"
    format: str = "plain"
    name: str = ""
    source: str = ""
    country: str = ""
    mapping: dict[str, str] = {}


class Upload(msgspec.Struct, frozen=True):
    """`state`: there, trying, tried, running, stopped, done, undone. `there`: its lines are kept still."""

    id: bytes
    by: str
    at: datetime
    size: int
    asked: Asked
    state: str
    line: int
    beat: datetime | None
    found: Brought
    problem: str
    there: bool

    def beats(self, now: datetime) -> bool:
        """Whether somebody works on it at this moment."""
        return self.beat is not None and now - self.beat < QUIET


async def forget_old(db: asyncpg.Connection, tenant: int, now: datetime) -> None:
    """Forget files that are older than a day: their pieces, and every word of what was asked of them."""
    for statement in _FORGET:
        await db.execute(statement, tenant, now - KEPT)


async def once_of(db: asyncpg.Connection, tenant: int) -> str:
    """What tells a file from the same one before it was taken back."""
    undone = await db.fetchval(UNDONE, tenant)
    return str(undone) if undone else ""


async def read_upload(db: asyncpg.Connection, tenant: int, id: bytes) -> Upload | None:
    """One uploaded file; None where there is none."""
    row = await db.fetchrow(f"{_UPLOAD} and id = $2", tenant, id)
    return _upload(row) if row is not None else None


async def latest_uploads(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[Upload]:
    """The files that are kept still, latest first."""
    rows = await db.fetch(f"{_UPLOAD} order by at desc limit $2", tenant, limit)
    return [one for one in map(_upload, rows) if one.there]


def _upload(row: asyncpg.Record) -> Upload:
    asked = msgspec.json.decode(row["asked"], type=Asked)
    found = msgspec.json.decode(row["found"], type=Brought)
    return Upload(**{**dict(row), "asked": asked, "found": found})


async def latest_imports(db: asyncpg.Connection, tenant: int, *, limit: int) -> list[FileImport]:
    """What was brought in, latest first."""
    return await read_where(db, tenant, FileImport, "true order by at desc limit $2", limit)
