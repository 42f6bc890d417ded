"""Silence: whether an account has been silent for longer than its own history makes plausible.

Time is cut into slots of five minutes; a slot is alive when anything came in it (a burst counts once, so it does not mislead).
For each hour of the week, in the centre's own time, history says what share of its slots was alive. A silence of slots that are
alive with shares p1, p2 ... has the chance (1 - p1)(1 - p2) ... of coming by itself: the probability of no event of a Poisson
process with that rate by hour of week, in discrete time. A day offers about as many silences as it has live slots, so what is
said is the chance that a whole day of this account holds one so improbable; below `IMPLAUSIBLE` it is an alarm.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

HOUR, SLOT = timedelta(hours=1), timedelta(minutes=5)
SLOTS = 12  # in an hour
IMPLAUSIBLE = 0.001
SHORTEST_HISTORY = timedelta(days=7)  # before that nothing is said
LONGEST_HISTORY = timedelta(weeks=8)
LONGEST_LOOK = timedelta(days=28)  # into a silence: beyond it nothing changes


class Silence(msgspec.Struct, frozen=True):
    """A silence that lasts. `chance` in [0, 1] that a day of this account holds one like it; 1.0 where history is too short."""

    since: datetime
    chance: float

    @property
    def is_implausible(self) -> bool:
        """Whether somebody should look."""
        return self.chance < IMPLAUSIBLE


def silence(heard: Mapping[datetime, int], since: datetime, now: datetime, zone: ZoneInfo) -> Silence:
    """How plausible a silence from `since` to `now` is. `heard`: live slots by hour in UTC, 1 to 12; others are left out."""
    first = max(min(heard, default=since), since - LONGEST_HISTORY)
    if since - first < SHORTEST_HISTORY or now <= since:
        return Silence(since, 1.0)
    shares, a_day = _shares(heard, first, since, zone)
    chance = 1.0
    at, end = since, min(now, since + LONGEST_LOOK)
    while at < end and chance > 1e-9:
        until = min(at.replace(minute=0, second=0, microsecond=0) + HOUR, end)
        chance *= (1.0 - shares[_hour_of_week(at, zone)]) ** ((until - at) / SLOT)
        at = until
    return Silence(since, min(1.0, chance * max(a_day, 1.0)))


def _shares(heard: Mapping[datetime, int], first: datetime, since: datetime, zone: ZoneInfo) -> tuple[dict[int, float], float]:
    """The share of live slots by hour of week, and live slots a day. One slot more is counted as silent, so no share is 1."""
    alive: defaultdict[int, int] = defaultdict(int)
    hours: defaultdict[int, int] = defaultdict(int)
    hour = first.replace(minute=0, second=0, microsecond=0)
    while hour + HOUR <= since:
        of_week = _hour_of_week(hour, zone)
        hours[of_week] += 1
        alive[of_week] += min(heard.get(hour, 0), SLOTS)
        hour += HOUR
    a_day = sum(alive.values()) / max((since - first) / timedelta(days=1), 1.0)
    return defaultdict(float, {h: alive[h] / (SLOTS * hours[h] + 1) for h in hours}), a_day


def _hour_of_week(at: datetime, zone: ZoneInfo) -> int:
    local = at.astimezone(zone)
    return local.weekday() * 24 + local.hour
