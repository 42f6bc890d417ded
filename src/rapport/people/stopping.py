"""Whether a person asked not to be written to any more, as the record of what they wrote says."""

import asyncpg

from rapport.model.stopping import LONGEST, Wish, wish_of

MOST = 200  # short messages that are looked at, the latest first
# By its handle, as a merge of persons moves none; what is held back counts no less.
_SHORT = """
select m.text from handle h join message m on m.tenant = h.tenant and m.handle = h.id and m.handle is not null
where h.tenant = $1 and h.name = $2 and h.name <> '' and m.direction = 'in' and length(m.text) <= $3
order by m.at desc limit $4"""


async def has_stopped(db: asyncpg.Connection, tenant: int, handle: str) -> bool:
    """Whether the last thing that `handle` (`network:name`) asked of us was to stop."""
    for (text,) in await db.fetch(_SHORT, tenant, handle, LONGEST, MOST):
        wish = wish_of(text)
        if wish is not None:
            return wish is Wish.STOP
    return False
