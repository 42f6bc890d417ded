"""Wishes: what a need asks of agents by name, weighed. Needs that wish the same are worth the same to everybody."""

from collections.abc import Mapping
from typing import NamedTuple

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
MOST_SKILLS = 1.5  # what the strengths of several skills add up to at most
MOST_INTERESTS = 2.0

Found = dict[int, tuple[float, str]]  # by position in the roster: how strongly, and what says so
Weighed = tuple[tuple[int, float], ...]  # positions, ascending, and what each is worth


class Wish(NamedTuple):
    """What skills and interests, held whole, and acquaintance are worth, by position in the roster."""

    skills: Weighed = ()
    interests: Weighed = ()
    known: Weighed = ()


def wish_of(skills: Found, topics: Found, interests: Found, known: Found) -> Wish:
    """The wish of a need. A skill that both the words and the past speak of counts as the larger of the two."""
    asked = scaled_skills(skills)
    if not (topics or interests or known):
        return Wish(_weighed(asked))
    for place, weight in scaled_topics(topics).items():
        asked[place] = max(weight, asked.get(place, 0.0))
    acquainted = {place: WEIGHTS["known"] * strength for place, (strength, _) in known.items()}
    return Wish(_weighed(asked), _weighed(scaled_interests(interests)), _weighed(acquainted))


def scaled_skills(skills: Found) -> dict[int, float]:
    """What the skills that the words speak of are worth."""
    return _scaled(skills, WEIGHTS["skills"], MOST_SKILLS)


def scaled_topics(topics: Found) -> dict[int, float]:
    """What the skills that the past speaks of are worth."""
    return _scaled(topics, WEIGHTS["topics"], MOST_SKILLS)


def scaled_interests(interests: Found) -> dict[int, float]:
    """What shared interests are worth."""
    return _scaled(interests, WEIGHTS["interests"], MOST_INTERESTS)


def _scaled(found: Found, weight: float, most: float) -> dict[int, float]:
    if not found:
        return {}
    together = sum([strength for strength, _ in found.values()])
    if together > most:
        weight *= most / together
    return {place: weight * strength for place, (strength, _) in found.items()}


def _weighed(weights: dict[int, float]) -> Weighed:
    return tuple(sorted(weights.items())) if weights else ()
