"""Between: the entries that came to be seen between two places, for those who look at a page."""

from collections.abc import Sequence

import asyncpg

from rapport.ledger.place import Place

_BETWEEN = """
(select seq, kind, body from entry where tenant = $1 and seq > $2 and seq <= $3 and kind = any($4::smallint[]))
union all
(select seq, kind, body from entry where tenant = $1 and seq > $5 and seq <= $6 and kind = any($7::smallint[]))
order by seq"""


async def kinds_between(
    db: asyncpg.Connection, tenant: int, after: Place, upto: Place, *, derived: Sequence[int], told: Sequence[int]
) -> list[tuple[int, bytes]]:
    """Kind and body, in the order of the ledger: of `derived` kinds by the head, of those from outside by what is digested."""
    rows = await db.fetch(_BETWEEN, tenant, after.head, upto.head, derived, after.digested, upto.digested, told)
    return [(kind, body) for _, kind, body in rows]
