"""People of each kind, so many that the target holds where a day of them is run by the matching of production.

Set on two days; looked at on a third, fresh one. Where it does not hold there, that day is one more on which it must, and
another is looked at. What is aimed at lies above the target by what chance does to a day of so many needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport.errors import BadInput
from rapport.web.workforce.twinning import served_by
from rapport.workforce.staffing import Kind, Served, Staffed, Stream, staffed
from rapport.workforce.twin import Drawn, drawn

NEVER = 1e9  # seconds: nobody leaves, as in Erlang C
LONG, ROUGH, MOST_DAYS = 25_000, 10_000, 5
CHANCE = 1.5  # over the root of the needs of a day: what is aimed at above the target
HOUR = 3600.0
FEWEST, MOST = 2_000, 400_000


@dataclass(frozen=True, slots=True)
class Tried:
    """Seats, and the share of each stream in time on a day that they were not set on; `days`: how many they were set on."""

    staffed: Staffed
    again: tuple[float, ...]
    days: int


def staffed_by_running(
    streams: Sequence[Stream],
    kinds: Sequence[Kind],
    *,
    within: float,
    target: float,
    needs: int = LONG,
    policy: str = "greedy",
    patience: float = NEVER,
) -> Tried:
    """The seats, found with days of so many needs. Raises BadInput where there are none that keep the target."""
    if not FEWEST <= needs <= MOST:
        raise BadInput(f"a day that is run has {FEWEST} to {MOST} needs, got {needs}")

    def day(seed: int, many: int) -> Served:
        seconds = many / sum(one.load / one.handle_seconds for one in streams)
        rates = np.array([[one.load * seconds / one.handle_seconds] for one in streams])
        comes: Drawn = drawn(rates, seconds, [one.handle_seconds for one in streams], patience, seed)
        able = [kind.streams for kind in kinds]
        return served_by(comes, able, len(streams), within=within, policy=policy, patience_seconds=patience)

    def on(days: Sequence[Served]) -> Served:
        return lambda seats: [min(each) for each in zip(*(one(seats) for one in days), strict=True)]

    begin: Sequence[int] = ()
    if needs > ROUGH:
        begin = staffed(streams, kinds, within=within, target=target, served=day(0, ROUGH)).seats
    days = [day(1, needs), day(2, needs)]
    aim = min(target + CHANCE / float(np.sqrt(needs)), (1.0 + target) / 2.0)
    while True:
        found = staffed(streams, kinds, within=within, target=target, served=on(days), begin=begin, aim=aim)
        fresh = day(len(days) + 1, needs)
        again = tuple(fresh(found.seats))
        if min(again) >= target or len(days) == MOST_DAYS:
            return Tried(found, again, len(days))
        days, begin = [*days, fresh], found.seats
