"""Studies: long reckonings on a tenant's own record, made in the background; how far each is, and what it found last."""

from datetime import datetime, timedelta
from typing import Literal

import asyncpg
import msgspec

from rapport.model.correction import Figures

GAIN, LESSON, READER, VERIFY = "gain", "lesson", "reader", "verify"
NAMES = (GAIN, LESSON)  # of matching
SILENT = timedelta(minutes=5)  # one that says nothing for so long was cut off, and may be begun anew
_BEGIN = """
insert into study(tenant, name, asked_by, begun_at, told_at) values ($1, $2, $3, $4, $4)
on conflict (tenant, name) do update
set asked_by = excluded.asked_by, begun_at = $4, told_at = $4, done = 0, whole = 0, going = true, problem = ''
where not study.going or study.told_at < $5"""
_TELL = "update study set told_at = $3, done = $4, whole = $5 where tenant = $1 and name = $2"
_END = """
update study set told_at = $3, going = false, problem = $5, done = whole,
  found = coalesce($4, found), found_at = case when $4::bytea is null then found_at else $3 end
where tenant = $1 and name = $2"""
State = Literal["none", "going", "cut", "failed", "done"]


class GainFound(msgspec.Struct, frozen=True):
    """What patience may gain (`matching.simulator.replay.Expected`). `valued_by`: "" the built-in likelihood."""

    reason: str
    needs: int
    choices: float
    plain: float
    ours: float
    gain: float
    low: float
    high: float
    es: str
    en: str
    valued_by: str = ""


class LessonFound(msgspec.Struct, frozen=True):
    """A model that was taught and judged. `thing`: the piece of the centre that it would be; `present`: who serves."""

    version: str
    present: str
    serves: bool
    decisions: int
    resolved: int
    taught: int
    judged: int
    es: str
    en: str
    thing: bytes


class ReaderFound(msgspec.Struct, frozen=True):
    """A reader that was trained on the tenant's labels. `thing`: the piece of the centre that it would be."""

    figures: Figures
    labels: int
    thing: bytes


class VerifyFound(msgspec.Struct, frozen=True):
    """What hashing a whole record anew found. `erased`: contents whose key is gone, no fault; `root`: in hexadecimal."""

    entries: int
    contents: int
    erased: int
    checkpoints: int
    root: str
    faults: tuple[str, ...] = ()


class Study(msgspec.Struct, frozen=True):
    """One study. `found`: JSON of what the last one that ended found, None where none has; `problem`: why this one did not."""

    name: str
    asked_by: str
    begun_at: datetime
    told_at: datetime
    done: int
    whole: int
    going: bool
    found_at: datetime | None
    found: bytes | None
    problem: str

    def state(self, now: datetime) -> State:
        """Where it stands."""
        if self.going:
            return "cut" if now - self.told_at > SILENT else "going"
        return "failed" if self.problem else "done"


async def studies_of(db: asyncpg.Connection, tenant: int) -> dict[str, Study]:
    """A tenant's studies by name."""
    columns = ", ".join(Study.__struct_fields__)
    rows = await db.fetch(f"select {columns} from study where tenant = $1", tenant)
    return {row["name"]: Study(*row) for row in rows}


async def begin(db: asyncpg.Connection, tenant: int, name: str, by: str, now: datetime) -> bool:
    """Note that a study begins; False where one of that name is going on."""
    done: str = await db.execute(_BEGIN, tenant, name, by, now, now - SILENT)
    return not done.endswith(" 0")


async def tell(db: asyncpg.Connection, tenant: int, name: str, now: datetime, done: int, whole: int) -> None:
    """Note how far a study is."""
    await db.execute(_TELL, tenant, name, now, done, whole)


async def end(
    db: asyncpg.Connection, tenant: int, name: str, now: datetime, *, found: bytes | None = None, problem: str = ""
) -> None:
    """Note that a study ended, with what it found, or why it found nothing; what an earlier one found then stays."""
    await db.execute(_END, tenant, name, now, found, problem)
