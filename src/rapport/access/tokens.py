"""API tokens: `rpt_<tenant>_<secret>`, kept as a hash, looked up at most every thirty seconds, withdrawn at once elsewhere."""

import secrets
from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256

import msgspec

from rapport.access.roles import TOKEN_ROLES, permissions_of
from rapport.access.walls import Walled
from rapport.clock import Clock
from rapport.errors import BadInput, NotFound

FRESH = timedelta(seconds=30)
MOST_KEPT = 10_000


class Token(msgspec.Struct, frozen=True):
    """A program's way in. `agent`: whom it acts for; "" for itself. `id` is public, its secret is nowhere.

    `permissions`: as its role, and no more than those of whom it acts for where they log in; it never signs anybody in.
    """

    tenant: int
    id: str
    name: str
    role: str
    agent: str = ""
    created_at: datetime | None = None
    last_at: datetime | None = None
    permissions: frozenset[str] = frozenset()


async def make_token(store: Walled, tenant: int, *, name: str, role: str, now: datetime, agent: str = "") -> str:
    """A new token, shown once. Raises BadInput where there is no such role."""
    if role not in TOKEN_ROLES:
        raise BadInput(f"no role {role!r} for a token; one of {', '.join(TOKEN_ROLES)}")
    secret = secrets.token_urlsafe(32)
    async with store.within(tenant) as db:
        await db.execute(
            "insert into token(tenant, id, hash, name, role, agent, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
            tenant,
            _id(secret),
            _hash(secret),
            name,
            role,
            agent,
            now,
        )
    return f"rpt_{tenant}_{secret}"


async def all_tokens(store: Walled, tenant: int) -> list[Token]:
    """Every token that works, oldest first."""
    async with store.within(tenant, readonly=True) as db:
        rows = await db.fetch(
            """select id, name, role, agent, created_at, last_at from token
               where tenant = $1 and revoked_at is null order by created_at""",
            tenant,
        )
    return [Token(tenant, r["id"], r["name"], r["role"], r["agent"], r["created_at"], r["last_at"]) for r in rows]


async def withdraw_token(store: Walled, tenant: int, token: str, now: datetime) -> None:
    """Let a token work no more. Raises NotFound."""
    async with store.within(tenant) as db:
        done = await db.execute(
            "update token set revoked_at = $3 where tenant = $1 and id = $2 and revoked_at is null", tenant, token, now
        )
    if done.endswith(" 0"):
        raise NotFound(f"no token {token!r}")


class Known:
    """Tokens as one process knows them: read again when thirty seconds old."""

    def __init__(self, store: Walled, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, Token | None]] = OrderedDict()
        self._reading: set[str] = set()

    def at_hand(self, text: str) -> Token | None:
        """The token where it was read a moment ago; None says nothing of it."""
        kept = self._kept.get(text)
        return kept[1] if kept is not None and self._clock.now() - kept[0] < FRESH else None

    async def find(self, text: str) -> Token | None:
        """The token; None where it is unknown or withdrawn."""
        now = self._clock.now()
        kept = self._kept.get(text)
        if kept is not None and (now - kept[0] < FRESH or text in self._reading):
            return kept[1]
        self._reading.add(text)  # who asks meanwhile takes what was known
        try:
            found = await self._read(text, now)
        finally:
            self._reading.discard(text)
        self._kept[text] = (now, found)
        self._kept.move_to_end(text)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found

    def forget(self) -> None:
        """Read every token again when it is next asked for."""
        self._kept.clear()

    async def _read(self, text: str, now: datetime) -> Token | None:
        start, _, rest = text.partition("_")
        number, _, secret = rest.partition("_")
        if start != "rpt" or not (number.isascii() and number.isdigit() and len(number) <= 9) or not secret:
            return None
        tenant = int(number)
        async with self._store.within(tenant) as db:
            row = await db.fetchrow(
                """update token set last_at = $4 where tenant = $1 and id = $2 and hash = $3 and revoked_at is null
                   and not exists (select from login l where l.tenant = $1 and l.id = token.agent and l.disabled_at is not null)
                   returning id, name, role, agent, created_at,
                     (select l.role from login l where l.tenant = $1 and l.id = token.agent) as now""",
                tenant,
                _id(secret),
                _hash(secret),
                now,
            )
        if row is None:
            return None
        allowed = permissions_of(row["role"]) - {"self", "logins.manage"}
        if row["now"] is not None:
            allowed &= permissions_of(row["now"])
        return Token(tenant, row["id"], row["name"], row["role"], row["agent"], row["created_at"], now, allowed)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _id(secret: str) -> str:
    return sha256(b"name of " + secret.encode()).hexdigest()[:16]
