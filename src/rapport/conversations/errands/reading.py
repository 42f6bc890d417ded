"""The calls that are to be made."""

import asyncpg

from rapport.ledger.tables import read_where
from rapport.model.bot import Errand

EACH = 16  # of one hook at once, so that none that does not answer holds up the others
_OLDEST = """open and id in (select id from (select id, row_number() over (partition by hook order by at, id) as nth
from errand where tenant = $1 and open) as waiting where nth <= $2) order by at limit $3"""


async def open_errands(db: asyncpg.Connection, tenant: int, limit: int = 200) -> list[Errand]:
    """The oldest calls that nobody has ended, at most EACH of one hook."""
    return await read_where(db, tenant, Errand, _OLDEST, EACH, limit)
