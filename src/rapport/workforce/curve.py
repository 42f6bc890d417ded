"""The curve of what if: what each further person at work does to waiting, to leaving and to how busy all are (Erlang A)."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.errors import BadInput
from rapport.workforce.queues import with_patience


@dataclass(frozen=True, slots=True)
class Point:
    """So many people: shares in [0, 1] of all who come who are answered in time and who leave, seconds waited, share busy."""

    people: int
    in_time: float
    leaves: float
    mean_wait: float
    occupancy: float


def curve(
    arrivals: float, handle_seconds: float, *, patience: float, within: float, people: Sequence[int]
) -> tuple[Point, ...]:
    """A point for each number of people; `arrivals` a second, all times in seconds. Raises BadInput where nobody comes."""
    if arrivals <= 0.0:
        raise BadInput("nobody is forecast to come then: there is nothing to staff; choose another half-hour")
    found = []
    for number in people:
        one = with_patience(arrivals, handle_seconds, patience, number, threshold=max(within, 1e-9))
        found.append(Point(number, one.answered_within, one.leaves, one.mean_wait, one.occupancy))
    return tuple(found)


def least(points: Sequence[Point], target: float) -> int | None:
    """The fewest people that keep the target; None where none of the points does."""
    return next((point.people for point in points if point.in_time >= target), None)
