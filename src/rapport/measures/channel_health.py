"""How the channels fare: each account's health as the worker last saw it, and what is left of its budgets."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import asyncpg
import msgspec

SOON = timedelta(days=14)  # before credentials expire
STALE = timedelta(hours=1)  # without a reading of an account that can be read
_HEALTH = """select account, ok, at, detail, last_heard, health_es, health_en, name, reads_back, pulls, pushes, expires,
probed_at, last_fetched, last_pushed, rejected, gaps, gap_at, silent_since, silent_chance
from account_health where tenant = $1"""
_LAST = """select a.account, (select h.last_at from heard_hour h where h.tenant = $1 and h.account = a.account
order by h.hour desc limit 1) from account_health a where a.tenant = $1"""
_LOOK = """select count(*) from account_health where tenant = $1 and account = any($2::text[]) and (not ok
or silent_since is not null or expires < $3 or (pulls and last_fetched < $4))"""
_BUDGETS = 'select account, name, most, "left", resets_at from budget where tenant = $1 order by account, name'


class Left(msgspec.Struct, frozen=True):
    """What is left of one limit of a network until it begins anew."""

    name: str
    left: float
    most: float
    resets_at: datetime

    @property
    def share(self) -> float:
        """In [0, 1]."""
        return max(0.0, min(1.0, self.left / self.most)) if self.most > 0 else 0.0


class ChannelNow(msgspec.Struct, frozen=True):
    """One account. `ok` None: nobody has looked yet. `gaps`: what readings found that no webhook had brought, since ever.

    `silent_chance`: in [0, 1], that a day of this account holds such a silence; see `measures.silence`.
    """

    account: str
    ok: bool | None = None
    at: datetime | None = None
    detail: str = ""
    last_heard: datetime | None = None
    health_es: str = ""
    health_en: str = ""
    name: str = ""
    reads_back: bool = True
    pulls: bool = False
    pushes: bool = False
    expires: datetime | None = None
    probed_at: datetime | None = None
    last_fetched: datetime | None = None
    last_pushed: datetime | None = None
    rejected: int = 0
    gaps: int = 0
    gap_at: datetime | None = None
    silent_since: datetime | None = None
    silent_chance: float | None = None
    budgets: tuple[Left, ...] = ()

    def needs_a_look(self, now: datetime) -> bool:
        """Whether somebody should look at it: it does not work, is implausibly silent, is not read, or soon not let in."""
        return (
            self.ok is False
            or self.silent_since is not None
            or (self.expires is not None and self.expires - now < SOON)
            or (self.pulls and self.last_fetched is not None and now - self.last_fetched > STALE)
        )


async def channels_now(db: asyncpg.Connection, tenant: int, now: datetime) -> dict[str, ChannelNow]:
    """Every account that was ever looked at, by id. A budget whose period is over is whole again."""
    budgets: defaultdict[str, list[Left]] = defaultdict(list)
    for account, name, most, left, resets_at in await db.fetch(_BUDGETS, tenant):
        budgets[account].append(Left(name, most if resets_at <= now else left, most, resets_at))
    last = dict(await db.fetch(_LAST, tenant))
    found: dict[str, ChannelNow] = {}
    for row in await db.fetch(_HEALTH, tenant):
        known = ChannelNow(**row, budgets=tuple(budgets[row["account"]]))
        heard = max((at for at in (known.last_heard, last.get(known.account)) if at is not None), default=None)
        found[known.account] = msgspec.structs.replace(known, last_heard=heard)
    return found


async def channels_to_look_at(db: asyncpg.Connection, tenant: int, now: datetime, accounts: Collection[str]) -> int:
    """How many of these accounts somebody should look at."""
    return int(await db.fetchval(_LOOK, tenant, list(accounts), now + SOON, now - STALE))
