"""Why a demand cannot be met, in numbers: too few people with a skill at some hour, or too few hours in the week."""

from dataclasses import dataclass
from itertools import combinations

from rapport.workforce.schedule import Week

MOST = 5


@dataclass(frozen=True, slots=True)
class Shortage:
    """`kind`: heads (all who have one of `skills` would not do at `slot` of `day`) or hours (of the week, whoever works)."""

    kind: str
    skills: tuple[int, ...]
    day: int
    slot: int
    required: int
    there: int


def shortages(week: Week) -> list[Shortage]:
    """What no schedule can mend, the worst first: at most five of each kind; empty where nothing is proven."""
    days, skills, slots = week.required.shape
    heads, hours = [], []
    works = int(week.templates.sum(axis=1).max())
    for size in range(1, skills + 1):
        for some in combinations(range(skills), size):
            able = [group for group in week.groups if group.skills & set(some)]
            there = sum(group.agents for group in able)
            asked = week.required[:, list(some)].sum(axis=1)
            heads += [
                Shortage("heads", some, day, slot, int(asked[day, slot]), there)
                for day in range(days)
                for slot in range(slots)
                if asked[day, slot] > there
            ]
            can = works * sum(group.agents * group.shifts for group in able)
            if asked.sum() > can:
                hours.append(Shortage("hours", some, 0, 0, int(asked.sum()), can))
    worst = [sorted(kind, key=lambda one: one.there - one.required)[:MOST] for kind in (heads, hours)]
    return worst[0] + worst[1]
