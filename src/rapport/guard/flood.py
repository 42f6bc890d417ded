"""Flood: how many messages may pass in a while, from one handle, on one account, in one tenant.

A token bucket each: it holds `burst` messages and fills at `rate` a minute, so a lively person passes and a machine does not.
The time is an argument. What a bucket knows is forgotten once it is full again, so memory follows the flood and not the years.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from rapport.model.centre import Policy

HANDLE_RULE, ACCOUNT_RULE, TENANT_RULE = "handle-rate", "account-rate", "tenant-rate"
MOST_BUCKETS = 100_000


class Rate(msgspec.Struct, frozen=True):
    """`rate` messages a minute for long, `burst` at once."""

    rate: float
    burst: float


class Rates(msgspec.Struct, frozen=True):
    """What may pass. The defaults let a viral day through, and stop a handle that writes faster than people do."""

    handle: Rate = Rate(20.0, 40.0)
    account: Rate = Rate(6_000.0, 8_000.0)
    tenant: Rate = Rate(20_000.0, 26_000.0)


DEFAULT_RATES = Rates()


def rates_of(policies: Iterable[Policy], channel: str, default: Rates = DEFAULT_RATES) -> Rates:
    """The strictest rates that policies for this channel name; what none names stays as it is. Bursts keep their proportion."""
    fitting = [p for p in policies if not p.teams and (not p.channels or channel in p.channels)]
    return Rates(
        _strictest(default.handle, [p.handle_rate for p in fitting]),
        _strictest(default.account, [p.account_rate for p in fitting]),
        _strictest(default.tenant, [p.tenant_rate for p in fitting]),
    )


def _strictest(default: Rate, named: list[float]) -> Rate:
    rate = min((r for r in named if r > 0), default=default.rate)
    return Rate(rate, max(1.0, rate * default.burst / default.rate))


@dataclass(slots=True)
class Bucket:
    """How many messages are left, and when that was counted, in seconds."""

    left: float
    at: float


@dataclass(slots=True)
class Buckets:
    """The buckets of one sort, by key. At most 100,000 are kept; a full one is the same as none."""

    kept: dict[bytes | str, Bucket] = field(default_factory=dict)

    def has_one(self, key: bytes | str, limit: Rate, now: float) -> bool:
        """Whether one more may pass; counts the time since the last look, takes nothing."""
        bucket = self.kept.get(key)
        if bucket is None:
            if len(self.kept) >= MOST_BUCKETS:
                self._forget(limit, now)
            self.kept[key] = Bucket(limit.burst, now)
            return limit.burst >= 1.0
        gone = max(0.0, now - bucket.at)
        bucket.left = min(limit.burst, bucket.left + gone * limit.rate / 60.0)
        bucket.at = max(bucket.at, now)
        return bucket.left >= 1.0

    def take(self, key: bytes | str) -> None:
        """One has passed."""
        self.kept[key].left -= 1.0

    def _forget(self, limit: Rate, now: float) -> None:
        """Let go of full buckets; where too few are full, of the oldest."""
        per_second = limit.rate / 60.0
        kept = {k: b for k, b in self.kept.items() if b.left + (now - b.at) * per_second < limit.burst}
        if len(kept) > MOST_BUCKETS // 2:
            newest = sorted(kept, key=lambda k: kept[k].at)[-(MOST_BUCKETS // 2) :]
            kept = {k: kept[k] for k in newest}
        self.kept = kept


@dataclass(slots=True)
class Flood:
    """What has passed lately in one tenant."""

    handles: Buckets = field(default_factory=Buckets)
    accounts: Buckets = field(default_factory=Buckets)
    tenant: Buckets = field(default_factory=Buckets)

    def rule_broken(self, handle: bytes, account: str, now: datetime, rates: Rates = DEFAULT_RATES) -> str:
        """The rule that one more message would break; "" when it passes, and then it is counted."""
        seconds = now.timestamp()
        if not self.handles.has_one(handle, rates.handle, seconds):
            return HANDLE_RULE
        if not self.accounts.has_one(account, rates.account, seconds):
            return ACCOUNT_RULE
        if not self.tenant.has_one("", rates.tenant, seconds):
            return TENANT_RULE
        self.handles.take(handle)
        self.accounts.take(account)
        self.tenant.take("")
        return ""
