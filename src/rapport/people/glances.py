"""Glances: who read of whom, when and what for, the latest first."""

from collections.abc import Collection
from datetime import UTC, datetime

import asyncpg
import msgspec

from rapport.model.ids import Id

END = datetime(9999, 1, 1, tzinfo=UTC)
_LOOKS = """select g.at, g.by, g.purpose, g.person, coalesce(p.name, '') from glance g
left join person p on p.tenant = g.tenant and p.id = g.person
where g.tenant = $1 and g.at < $2 and ($3 = '' or g.by = $3) {} order by g.at desc limit $4"""
_ANY, _OF = _LOOKS.format(""), _LOOKS.format("and g.person = any($5::uuid[])")


class Looked(msgspec.Struct, frozen=True):
    """Somebody read of a person. `name`: the person's, "" where there is none any more."""

    at: datetime
    by: str
    purpose: str
    person: Id
    name: str = ""


async def looks(
    db: asyncpg.Connection,
    tenant: int,
    persons: Collection[bytes] | None,
    *,
    by: str = "",
    before: datetime | None = None,
    most: int,
) -> list[Looked]:
    """At most `most` looks before a time, latest first. `persons` None: at anybody; `by` "": anybody's."""
    if persons is None:
        rows = await db.fetch(_ANY, tenant, before or END, by, most)
    else:
        rows = await db.fetch(_OF, tenant, before or END, by, most, list(persons))
    return [Looked(*row) for row in rows]
