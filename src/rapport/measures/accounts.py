"""Accounts: whether each channel's account works, what came by it today and what did not go out."""

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg
import msgspec

_TODAY = """
select account, count(*) filter (where direction = 'in') as received, max(at) filter (where direction = 'in') as last_in,
  count(*) filter (where direction = 'out' and standing in ('refused', 'unknown')) as failed
from message where tenant = $1 and at >= $2 group by account"""
_HEALTH = "select account, ok, at, detail, last_heard from account_health where tenant = $1"
_OPS = "select account, ops from account_health where tenant = $1 and account = any($2::text[])"


class AccountNow(msgspec.Struct, frozen=True):
    """One account. `ok` None: nobody has looked yet; `detail` says what was found."""

    account: str
    ok: bool | None = None
    detail: str = ""
    looked_at: datetime | None = None
    last_in: datetime | None = None
    received: int = 0
    failed: int = 0


async def ops_of(db: asyncpg.Connection, tenant: int, accounts: Collection[str]) -> dict[str, Sequence[str] | None]:
    """What may be done to messages at each of these accounts, as its channel said last; None: it has not said."""
    return {row["account"]: row["ops"] for row in await db.fetch(_OPS, tenant, list(accounts))}


async def accounts_now(db: asyncpg.Connection, tenant: int, *, since: datetime) -> dict[str, AccountNow]:
    """Every account that was looked at or heard of since, by id."""
    found: dict[str, AccountNow] = {}
    for row in await db.fetch(_HEALTH, tenant):
        found[row["account"]] = AccountNow(row["account"], row["ok"], row["detail"], row["at"], row["last_heard"])
    for row in await db.fetch(_TODAY, tenant, since):
        known = found.get(row["account"], AccountNow(row["account"]))
        last_in = max((at for at in (known.last_in, row["last_in"]) if at), default=None)
        found[row["account"]] = msgspec.structs.replace(known, last_in=last_in, received=row["received"], failed=row["failed"])
    return found
