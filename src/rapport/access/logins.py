"""People who log in: found by e-mail, the first one made at the first start. How others are invited: `invitations`."""

from datetime import datetime
from typing import Any

import msgspec

from rapport.access.passwords import hash_password, is_password, new_password
from rapport.access.roles import ROLES, permissions_of
from rapport.access.walls import Walled
from rapport.errors import BadInput, Conflict, NotFound

FIRST = "admin"
_FIELDS = "id, email, name, role, language, password, disabled_at"


class Login(msgspec.Struct, frozen=True):
    """Somebody who logs in; `id` is the agent's. `has_password` False: invited, not yet come."""

    tenant: int
    id: str
    email: str
    name: str
    role: str
    language: str
    has_password: bool = True
    disabled: bool = False

    @property
    def permissions(self) -> frozenset[str]:
        """What they may do."""
        return permissions_of(self.role)


def _read(tenant: int, row: Any) -> Login:  # Any: a database record
    return Login(
        tenant=tenant,
        id=row["id"],
        email=row["email"],
        name=row["name"] or row["id"],
        role=row["role"],
        language=row["language"],
        has_password=bool(row["password"]),
        disabled=row["disabled_at"] is not None,
    )


async def all_logins(store: Walled, tenant: int) -> list[Login]:
    """Everybody who may log in, by name."""
    async with store.within(tenant, readonly=True) as db:
        rows = await db.fetch(f"select {_FIELDS} from login where tenant = $1 order by lower(name), id", tenant)
    return [_read(tenant, row) for row in rows]


async def find_login(store: Walled, tenant: int, agent: str) -> Login:
    """The login of that id. Raises NotFound."""
    async with store.within(tenant, readonly=True) as db:
        row = await db.fetchrow(f"select {_FIELDS} from login where tenant = $1 and id = $2", tenant, agent)
    if row is None:
        raise NotFound(f"nobody logs in as {agent!r}")
    return _read(tenant, row)


async def is_stopped(store: Walled, tenant: int, agent: str) -> bool:
    """Whether somebody who logged in with that id is let in no more."""
    async with store.within(tenant, readonly=True) as db:
        return bool(
            await db.fetchval(
                "select exists (select from login where tenant = $1 and id = $2 and disabled_at is not null)", tenant, agent
            )
        )


async def check_password(store: Walled, tenant: int, email: str, password: str) -> Login | None:
    """Who logs in with this e-mail (or id) and password; None, after the same time, where nobody does."""
    async with store.within(tenant, readonly=True) as db:
        row = await db.fetchrow(
            f"""select {_FIELDS} from login where tenant = $1 and (lower(email) = lower($2) or id = $2)
                order by id = $2 desc limit 1""",
            tenant,
            email.strip(),
        )
    kept = None if row is None or row["disabled_at"] is not None else row["password"]
    return _read(tenant, row) if await is_password(kept, password) else None


async def add_login(
    store: Walled, tenant: int, agent: str, *, email: str, name: str, role: str, language: str = "", password: str = ""
) -> Login:
    """Make a login; without a password it waits for its invitation. Raises Conflict where the id or the e-mail is taken."""
    if role not in ROLES:
        raise BadInput(f"no role {role!r}; one of {', '.join(ROLES)}")
    if not agent or len(agent) > 60 or not all(c.isalnum() or c in "-_." for c in agent):
        raise BadInput(f"an id has letters, digits, - _ and . only, got {agent!r}")
    if "@" not in email.strip("@ ") and agent != FIRST:
        raise BadInput(f"an e-mail address has an @ inside, got {email!r}")
    kept = await hash_password(password) if password else ""
    async with store.within(tenant) as db:
        done = await db.execute(
            """insert into login(tenant, id, email, name, role, language, password) values ($1, $2, $3, $4, $5, $6, $7)
               on conflict do nothing""",
            tenant,
            agent,
            email.strip(),
            name.strip(),
            role,
            language,
            kept,
        )
    if done.endswith(" 0"):
        raise Conflict(f"somebody already logs in as {agent!r} or with {email!r}; choose another id or address")
    return Login(tenant, agent, email.strip(), name.strip() or agent, role, language, bool(kept))


async def change_login(
    store: Walled,
    tenant: int,
    agent: str,
    *,
    role: str | None = None,
    language: str | None = None,
    disabled: datetime | None = None,
) -> None:
    """Change what is given. Somebody disabled is signed out everywhere."""
    if role is not None and role not in ROLES:
        raise BadInput(f"no role {role!r}; one of {', '.join(ROLES)}")
    async with store.within(tenant) as db:
        done = await db.execute(
            """update login set role = coalesce($3, role), language = coalesce($4, language),
                 disabled_at = coalesce($5, disabled_at)
               where tenant = $1 and id = $2""",
            tenant,
            agent,
            role,
            language,
            disabled,
        )
        if done.endswith(" 0"):
            raise NotFound(f"nobody logs in as {agent!r}")
        if disabled is not None or role is not None:
            await db.execute("delete from session where tenant = $1 and login = $2", tenant, agent)


async def first_administrator(store: Walled, tenant: int) -> str | None:
    """Make the first administrator where nobody logs in yet; the password, to be printed once, or None."""
    async with store.within(tenant, readonly=True) as db:
        if await db.fetchval("select exists (select from login where tenant = $1)", tenant):
            return None
    password = new_password()
    try:
        await add_login(store, tenant, FIRST, email=FIRST, name="Administrator", role="administrator", password=password)
    except Conflict:  # another process was first
        return None
    return password
