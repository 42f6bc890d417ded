"""What a pair of need and agent is worth: a sum of named terms, the same in columns for many agents and in words for one.

Units: worth 1 is about what a shared interest is worth; a skill that the words ask for, held whole, is worth 3.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rapport.matching.roster import Roster
from rapport.matching.wants import Found, Wants
from rapport.model.need import Term

Floats = NDArray[np.float64]

VERSION = "1"
WEIGHTS: Mapping[str, float] = {
    "skills": 3.0,  # the message's words and intent speak of it
    "topics": 2.0,  # what the person asked or did before speaks of it
    "interests": 1.0,
    "known": 3.0,  # a journey event names the agent; who answered before has 0.6 of it
    "languages": 1.0,
    "bot": 4.0,  # goes first where it may
    "load": -0.8,  # all of one's places taken
    "idle": 0.05,  # an hour without anything: of equals, who has waited longest
}
LOAD_PRICE = 0.15  # of each further need that one agent is given in the same round
MOST_SKILLS = 1.5  # what the strengths of several skills add up to at most
MOST_INTERESTS = 2.0
URGENCY = 2.0  # what full urgency, and
AGE = 0.05  # each minute of waiting, up to an hour, add for a need, whoever answers
TIE = 1e-9  # a position later in the order of ids


def of_agents(load: Floats, idle: Floats) -> Floats:
    """What agents are worth to any need. `load`: share of places taken; `idle`: hours without anything; both in [0, 1]."""
    return WEIGHTS["load"] * load + WEIGHTS["idle"] * idle - TIE * np.arange(len(load))


def add_wishes(total: Floats, wants: Sequence[Wants], roster: Roster, places: NDArray[np.int64]) -> None:
    """Add to `total`, (needs, agents), what skills, interests and acquaintance are worth. `places`: who the agents are."""
    _add_named(total, [asked_skills(want) for want in wants], roster.skills.levels, places)
    _add_named(total, [_interests(want.interests) for want in wants], roster.interests.levels, places)
    where: dict[int, int] = {}
    for row, want in enumerate(wants):
        if want.known:
            where = where or {int(place): column for column, place in enumerate(places)}
            for place, (strength, _) in want.known.items():
                if place in where:
                    total[row, where[place]] += WEIGHTS["known"] * strength


def of_need(urgency: float, waited: float) -> float:
    """What a need adds whoever answers it: which of two goes first where places are few. `waited` in seconds."""
    return URGENCY * urgency + AGE * min(60.0, waited / 60.0)


def _add_named(total: Floats, weights: Sequence[Mapping[int, float]], levels: Floats, places: NDArray[np.int64]) -> None:
    """Add to each need the levels of what it asks for by name. `levels`: (names, agents)."""
    used = sorted({name for one in weights for name in one})
    if not used:
        return
    column = {name: place for place, name in enumerate(used)}
    asked = np.zeros((len(weights), len(used)))
    for row, one in enumerate(weights):
        for name, weight in one.items():
            asked[row, column[name]] = weight
    chosen = levels[used] if len(places) == levels.shape[1] else levels[np.array(used)[:, None], places]
    total += asked @ chosen


def asked_skills(want: Wants) -> Mapping[int, float]:
    """What each skill that is asked for is worth, held whole, by position in the roster."""
    found = _scaled(want.skills, WEIGHTS["skills"], MOST_SKILLS)
    if want.topics:
        for place, weight in _scaled(want.topics, WEIGHTS["topics"], MOST_SKILLS).items():
            found[place] = max(weight, found.get(place, 0.0))
    return found


def _interests(interests: Found) -> dict[int, float]:
    return _scaled(interests, WEIGHTS["interests"], MOST_INTERESTS)


def _scaled(found: Found, weight: float, most: float) -> dict[int, float]:
    if not found:
        return {}
    together = sum([strength for strength, _ in found.values()])
    if together > most:
        weight *= most / together
    return {place: weight * strength for place, (strength, _) in found.items()}


def terms(want: Wants, agent: int, bot: bool) -> list[Term]:
    """The reasons for one agent, by position in the roster, weightiest first."""
    roster = want.roster
    found = []
    if want.language and roster.speakers(want.language)[agent]:
        found.append(Term("languages", want.language, WEIGHTS["languages"]))
    skills = _scaled(want.skills, WEIGHTS["skills"], MOST_SKILLS)
    topics = _scaled(want.topics, WEIGHTS["topics"], MOST_SKILLS)
    for place in sorted({*skills, *topics}):
        level = float(roster.skills.levels[place, agent])
        if level > 0:
            by_words = skills.get(place, 0.0) >= topics.get(place, 0.0)
            weight, (_, evidence) = (skills[place], want.skills[place]) if by_words else (topics[place], want.topics[place])
            name = roster.skills.names[place]
            found.append(Term("skills" if by_words else "topics", name, round(level * weight, 4), evidence))
    for place, weight in _interests(want.interests).items():
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
