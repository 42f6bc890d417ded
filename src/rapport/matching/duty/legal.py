"""Whether a week is legal: rest between two turns, hours in a week, days in a row; and whether a skill stays covered."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from rapport.matching.duty.turns import Turn
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Profile

IN_A_ROW = 6
ENOUGH = 0.5  # the level from which a skill counts
SPAN = 8  # days looked at on either side of a change
EACH = timedelta(minutes=30)


Wrongs = dict[tuple[str, str], tuple[float, str]]  # what and when, to how bad it is and the words


def wrongs(turns: Sequence[Turn], rules: Profile) -> Wrongs:
    """What is not legal in somebody's turns, in words that name the day and the numbers; empty where all is."""
    ordered = sorted(turns, key=lambda turn: turn.begins)
    found: Wrongs = {}
    for one, other in zip(ordered, ordered[1:], strict=False):
        rest = (other.begins - one.ends) / timedelta(hours=1)
        if rest < 0:
            found["twice", f"{other.day}"] = (-rest, f"{other.agent} would work twice at the same time on {other.day}.")
        elif rest < rules.rest_hours:
            said = f"{other.agent} would rest {rest:g} hours before {other.day}; {rules.rest_hours:g} are needed."
            found["rest", f"{other.day}"] = (-rest, said)
    weeks: dict[tuple[int, int], float] = {}
    for turn in ordered:
        year, week, _ = turn.day.isocalendar()
        weeks[year, week] = weeks.get((year, week), 0.0) + turn.hours
    for (year, week), hours in weeks.items():
        if hours > rules.week_hours:
            of = f"{hours:g} hours in week {week} of {year}"
            found["hours", f"{year} {week}"] = (
                hours,
                f"{ordered[0].agent} would work {of}; {rules.week_hours:g} are the most.",
            )
    return found | _in_a_row(ordered)


def _in_a_row(ordered: Sequence[Turn]) -> Wrongs:
    days = sorted({turn.day for turn in ordered})
    run, found = 0, Wrongs()
    for n, day in enumerate(days):
        run = run + 1 if n and day - days[n - 1] == timedelta(days=1) else 1
        if run > IN_A_ROW:
            said = f"{ordered[0].agent} would work {run} days in a row up to {day}; {IN_A_ROW} are the most."
            found["row", f"{day}"] = (float(run), said)
    return found


def newly_wrong(before: Sequence[Turn], after: Sequence[Turn], rules: Profile) -> list[str]:
    """What a change makes wrong that was not so before, or worse than it was."""
    was = wrongs(before, rules)
    return [said for key, (bad, said) in wrongs(after, rules).items() if key not in was or bad > was[key][0]]


def skills_of(agent: Agent) -> frozenset[str]:
    """What somebody can do, and the languages that they speak."""
    skills, languages = agent.attributes.get("skills"), agent.attributes.get("languages")
    able = {name for name, level in skills.items() if level >= ENOUGH} if isinstance(skills, dict) else set()
    spoken = {str(one) for one in languages} if isinstance(languages, list | tuple | set | frozenset) else set()
    return frozenset(able | spoken)


def uncovered(given: Turn, taker: str, centre: Centre, turns: Mapping[str, Iterable[Turn]]) -> list[str]:
    """Skills and languages that nobody at work would have any more at some time of a turn that somebody else takes."""
    giver = centre.agents[given.agent]
    lost = skills_of(giver) - skills_of(centre.agents[taker])
    missing: dict[str, str] = {}
    others = [(centre.agents[name], list(each)) for name, each in turns.items() if name != giver.id and name in centre.agents]
    at = given.begins
    while at < given.ends and lost - missing.keys():
        there = {skill for agent, each in others if any(t.begins <= at < t.ends for t in each) for skill in skills_of(agent)}
        for skill in lost - there - missing.keys():
            missing[skill] = f"Nobody at work on {given.day} could do {skill} any more."
        at += EACH
    return sorted(missing.values())


def first_of(day: date) -> date:
    """The first of the days that are looked at for a change on `day`."""
    return day - timedelta(days=SPAN)
