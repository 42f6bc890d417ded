"""What a pair of need and agent is worth: a sum of named terms, the same in columns for many agents and in words for one.

Units: worth 1 is about what a shared interest is worth; a skill that the words ask for, held whole, is worth 3.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.matching.roster import Roster
from rapport.matching.wants import Wants
from rapport.matching.wishes import WEIGHTS, Weighed, Wish, scaled_skills, scaled_topics
from rapport.model.need import Term

Floats = NDArray[np.float64]

VERSION = "1"
LOAD_PRICE = 0.15  # of each further need that one agent is given in the same round
URGENCY = 2.0  # what full urgency, and
AGE = 0.05  # each minute of waiting, up to an hour, add for a need, whoever answers
TIE = 1e-9  # a position later in the order of ids


def of_agents(load: Floats, idle: Floats) -> Floats:
    """What agents are worth to any need. `load`: share of places taken; `idle`: hours without anything; both in [0, 1]."""
    return WEIGHTS["load"] * load + WEIGHTS["idle"] * idle - TIE * np.arange(len(load))


def add_wish(total: Floats, wish: Wish, roster: Roster) -> None:
    """Add to `total`, (agents,), what skills, interests and acquaintance are worth."""
    for place, weight in wish.skills:
        total += weight * roster.skills.levels[place]
    for place, weight in wish.interests:
        total += weight * roster.interests.levels[place]
    for place, weight in wish.known:
        total[place] += weight


def add_wishes(total: Floats, wants: Sequence[Wants], roster: Roster, places: NDArray[np.int64]) -> None:
    """Add to `total`, (needs, agents), what skills, interests and acquaintance are worth. `places`: who the agents are."""
    _add_named(total, [want.wish.skills for want in wants], roster.skills.levels, places)
    _add_named(total, [want.wish.interests for want in wants], roster.interests.levels, places)
    where: dict[int, int] = {}
    for row, want in enumerate(wants):
        if want.wish.known:
            where = where or {int(place): column for column, place in enumerate(places)}
            for place, weight in want.wish.known:
                if place in where:
                    total[row, where[place]] += weight


def of_need(urgency: float, waited: float) -> float:
    """What a need adds whoever answers it: which of two goes first where places are few. `waited` in seconds."""
    return URGENCY * urgency + AGE * min(60.0, waited / 60.0)


def _add_named(total: Floats, weights: Sequence[Weighed], levels: Floats, places: NDArray[np.int64]) -> None:
    """Add to each need the levels of what it asks for by name. `levels`: (names, agents)."""
    used = sorted({name for one in weights for name, _ in one})
    if not used:
        return
    column = {name: place for place, name in enumerate(used)}
    asked = np.zeros((len(weights), len(used)))
    for row, one in enumerate(weights):
        for name, weight in one:
            asked[row, column[name]] = weight
    chosen = levels[used] if len(places) == levels.shape[1] else levels[np.array(used)[:, None], places]
    total += asked @ chosen


def terms(want: Wants, agent: int, bot: bool) -> list[Term]:
    """The reasons for one agent, by position in the roster, weightiest first."""
    roster = want.roster
    found = []
    if want.language and roster.speakers(want.language)[agent]:
        found.append(Term("languages", want.language, WEIGHTS["languages"]))
    topics = scaled_topics(want.topics)
    for place, weight in want.wish.skills:
        level = float(roster.skills.levels[place, agent])
        if level > 0:
            by_words = place in want.skills and (place not in topics or scaled_skills(want.skills)[place] >= topics[place])
            evidence = (want.skills if by_words else want.topics)[place][1]
            name = roster.skills.names[place]
            found.append(Term("skills" if by_words else "topics", name, round(level * weight, 4), evidence))
    for place, weight in want.wish.interests:
        level = float(roster.interests.levels[place, agent])
        if level > 0:
            evidence = want.interests[place][1]
            found.append(Term("interests", roster.interests.names[place], round(level * weight, 4), evidence))
    if agent in want.known:
        strength, kind = want.known[agent]
        found.append(Term("known", kind, round(WEIGHTS["known"] * strength, 4), roster.agents[agent].id))
    if bot and roster.bots[agent]:
        found.append(Term("bot", roster.agents[agent].id, WEIGHTS["bot"]))
    return sorted(found, key=lambda term: (-term.weight, term.attribute, term.value))
