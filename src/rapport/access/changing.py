"""Changing what somebody who logs in may do: their role, or that they are let in no more. An administrator always stays."""

from collections.abc import Awaitable, Callable
from datetime import datetime

import msgspec

from rapport.access.roles import ROLES, permissions_of
from rapport.access.walls import Walled
from rapport.errors import BadInput, Conflict, NotFound

MANAGES = "logins.manage"


class Changed(msgspec.Struct, frozen=True):
    """A login as it was and as it is now."""

    role: str
    was: str
    stopped: bool
    was_stopped: bool

    @property
    def is_other(self) -> bool:
        """Whether anything changed."""
        return (self.role, self.stopped) != (self.was, self.was_stopped)


async def change(
    store: Walled,
    tenant: int,
    agent: str,
    *,
    by: str,
    now: datetime,
    told: Callable[[Changed], Awaitable[None]],
    role: str = "",
    stopped: bool | None = None,
) -> Changed:
    """Give another role ("": as it was), stop somebody or let them in again; their sessions end. Raises BadInput, NotFound,
    Conflict where it is one's own login, or `by` may do this no more: so somebody who may is always left.

    `told` puts a change on record before it holds: where that fails nothing is changed, and a repeat does it all.
    """
    if role and role not in ROLES:
        raise BadInput(f"no role {role!r}; one of {', '.join(ROLES)}")
    if agent == by:
        raise Conflict("nobody changes their own role or stops themselves; ask another administrator")
    async with store.within(tenant) as db:
        rows = await db.fetch("select id, role, disabled_at from login where tenant = $1 order by id for update", tenant)
        one = next((row for row in rows if row["id"] == agent), None)
        if one is None:
            raise NotFound(f"nobody logs in as {agent!r}")
        was_stopped = one["disabled_at"] is not None
        done = Changed(role or one["role"], one["role"], was_stopped if stopped is None else stopped, was_stopped)
        roles = {row["id"]: row["role"] for row in rows if row["disabled_at"] is None}
        if MANAGES not in permissions_of(roles.get(by, "")):
            raise Conflict("you may manage logins no more; ask another administrator")
        if done.is_other:
            await told(done)
            at = None if not done.stopped else one["disabled_at"] or now
            await db.execute(
                "update login set role = $3, disabled_at = $4 where tenant = $1 and id = $2", tenant, agent, done.role, at
            )
            await db.execute("delete from session where tenant = $1 and login = $2", tenant, agent)
    return done
