"""History: what one piece of the centre was set to before, by whom and when, read from the record."""

from datetime import datetime

import asyncpg
import msgspec

from rapport.ledger.entry import read_fact
from rapport.model.fact import CentreRemoved, CentreSet

MOST_LOOKED_AT = 2_000  # of the newest entries about the centre
# The kinds stand in the statement as numbers, so that the index of just these entries serves it, planned each time or once.
_NEWEST = f"""select seq, at, kind, body from entry
where tenant = $1 and kind in ({CentreSet.number}, {CentreRemoved.number}) and seq < $2 order by seq desc limit $3"""
_ALL = 2**62


class Setting(msgspec.Struct, frozen=True):
    """One time that a piece was set or removed. `body`: its JSON, b"" where it was removed."""

    seq: int
    at: datetime
    by: str
    name: str
    body: bytes


async def settings_of(db: asyncpg.Connection, tenant: int, *kinds: str) -> dict[str, list[Setting]]:
    """The latest settings of pieces of these kinds, newest first: of the newest MOST_LOOKED_AT changes of the centre."""
    found: dict[str, list[Setting]] = {kind: [] for kind in kinds}
    for seq, at, kind, body in await db.fetch(_NEWEST, tenant, _ALL, MOST_LOOKED_AT):
        fact = read_fact(kind, body)
        if isinstance(fact, CentreSet | CentreRemoved) and fact.thing in found:
            found[fact.thing].append(Setting(seq, at, fact.by, fact.name, fact.body if isinstance(fact, CentreSet) else b""))
    return found
