"""Throttle: at most so many tries in a time, by key; kept in memory, for sign-in and for strangers' chat."""

from collections import OrderedDict, deque
from datetime import datetime, timedelta

MOST_KEYS = 50_000  # beyond that the longest unused is forgotten


class Throttle:
    """`most` tries within `span` for each key."""

    def __init__(self, most: int, span: timedelta) -> None:
        self.most = most
        self.span = span
        self._tries: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, key: str, now: datetime) -> timedelta:
        """How long until this key may try again; zero: now."""
        tries = self._recent(key, now)
        return timedelta(0) if len(tries) < self.most else tries[0] + self.span - now

    def count(self, key: str, now: datetime) -> None:
        """One try more."""
        tries = self._recent(key, now)
        tries.append(now)
        self._tries[key] = tries
        self._tries.move_to_end(key)
        while len(self._tries) > MOST_KEYS:
            self._tries.popitem(last=False)

    def forgive(self, key: str) -> None:
        """Forget the tries of a key."""
        self._tries.pop(key, None)

    def _recent(self, key: str, now: datetime) -> "deque[datetime]":
        tries = self._tries.get(key, deque())
        while tries and now - tries[0] >= self.span:
            tries.popleft()
        return tries
