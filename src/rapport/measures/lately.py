"""Lately: what came last, by key, so many at most: what nobody asks for is let go, the oldest first."""

from collections import OrderedDict
from typing import TypeVar

MOST_KEPT = 100_000
K = TypeVar("K")
V = TypeVar("V")


class Lately(OrderedDict[K, V]):
    """At most MOST_KEPT values, in the order in which their keys came."""

    def keep(self, key: K, value: V) -> None:
        """Keep a value; the oldest goes where there are too many."""
        self[key] = value
        if len(self) > MOST_KEPT:
            self.popitem(last=False)
