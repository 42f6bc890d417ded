"""What is seen of a pair: named terms from plain arrays, each with its words, each of which a tenant can switch off.

A term is in [-1, 1]. Attributes that are protected can never be seen: `see` refuses every column that is named for one.
Which those are is handed in.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from rapport.errors import BadInput
from rapport.matching.learning.model import OUTCOMES, Design, Floats, Outcome

Protected = Callable[[str], str]  # the category by which an attribute of this name is protected, "" where it is not

ENOUGH_SHARED = 2.0  # interests, or parts of a background, that count in full
ENOUGH_EARLIER = 2.0  # good interactions between the two that count for three quarters
STYLE = ("address", "brevity", "warmth")  # tú -1 to usted 1; at length -1 to in short 1; matter-of-fact -1 to warm 1


@dataclass(frozen=True, slots=True)
class Columns:
    """Named columns on both sides. `needs`: (needs, names); `agents`: (agents, names)."""

    names: tuple[str, ...]
    needs: Floats
    agents: Floats


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of needs and agents. 0 is always: not known.

    `skills`: how much it is asked for, and the level, in [0, 1]. `interests`, `background`: in [0, 1].
    `emotions`: strength in [0, 1], and the agent's record of calming it against the mean of all, in [-1, 1].
    `style`: the columns of STYLE in [-1, 1], how they write and how the agent does.
    `earlier`: (needs, agents), good interactions of the two before, less those that were not.
    `need_traits`, `agent_traits`: the names of what x and y of the model are made of.
    """

    skills: Columns
    interests: Columns
    background: Columns
    emotions: Columns
    style: Columns
    earlier: Floats
    need_traits: tuple[str, ...] = ()
    agent_traits: tuple[str, ...] = ()


class Feature(msgspec.Struct, frozen=True):
    """One term: its name, its words in both languages, and what is believed of its weight before the first outcome (logits)."""

    name: str
    es: str
    en: str
    centre: float = 0.0
    spread: float = 0.3


FEATURES = (
    Feature("base", "lo que cabe esperar de cualquiera", "what anyone may bring", 0.0, 0.75),
    Feature("skill", "sabe de {what}", "good at {what}", 0.85, 0.5),
    Feature("interests", "comparte un interés: {what}", "shares an interest: {what}", 0.2),
    Feature("background", "tienen en común: {what}", "has in common: {what}", 0.1),
    Feature("earlier", "ya se entendieron antes", "got on well before", 0.4),
    Feature("calming", "sabe calmar: {what}", "known to calm: {what}", 0.3),
    Feature("address", "trata igual de tú o de usted", "is as formal as they are", 0.1),
    Feature("brevity", "escribe igual de breve", "writes as briefly as they do", 0.1),
    Feature("warmth", "igual de cercano en el trato", "is as warm as they are", 0.1),
)
NAMES = tuple(feature.name for feature in FEATURES)
ALWAYS = "base"  # cannot be switched off


def design(x: int = 0, y: int = 0, affinity: float = 0.3, outcomes: tuple[Outcome, ...] = OUTCOMES) -> Design:
    """The model of all features, with x and y traits on the two sides."""
    centre = tuple(feature.centre for feature in FEATURES)
    spread = tuple(feature.spread for feature in FEATURES)
    return Design(NAMES, centre, spread, x, y, affinity, outcomes=outcomes)


def see(pairs: Pairs, protected: Protected, off: Collection[str] = ()) -> Floats:
    """The terms of every pair: (needs, agents, features), those that are switched off 0.

    Raises:
        BadInput: a column or a trait is protected, `off` names no feature, or a style is not one of STYLE.
    """
    refuse_protected(names_of(pairs), protected)
    for name in off:
        if name not in NAMES or name == ALWAYS:
            raise BadInput(f"{name!r} is no feature that can be switched off; those are {', '.join(NAMES[1:])}")
    if unknown := set(pairs.style.names) - set(STYLE):
        raise BadInput(f"a style is one of {', '.join(STYLE)}; got {', '.join(sorted(unknown))}")
    terms = np.zeros((*pairs.earlier.shape, len(FEATURES)))
    for place, name in enumerate(NAMES):
        if name not in off:
            terms[:, :, place] = _SEEN[name](pairs)
    return terms


def names_of(pairs: Pairs) -> tuple[str, ...]:
    """Every name that the model would see but those of skills: a skill named "health" is what somebody can do."""
    columns = (pairs.interests, pairs.background, pairs.emotions, pairs.style)
    return (*(name for one in columns for name in one.names), *pairs.need_traits, *pairs.agent_traits)


def refuse_protected(names: Iterable[str], protected: Protected) -> None:
    """Nothing, where no name is protected.

    Raises:
        BadInput: one is; its name, and by what.
    """
    for name in names:
        if category := protected(name):
            raise BadInput(
                f"{name!r} is protected ({category}) and can never be a feature; take it out of what matching may see"
            )


def comparative(values: Floats) -> Floats:
    """How much better each agent is for a need than those who could answer it are on average: (needs, agents), sums to 0.

    Ranked by this, not by the value itself, an easy need does not go before a hard one. -inf and NaN, not allowed, stay -inf.
    """
    allowed = np.isfinite(values)
    known = np.where(allowed, values, 0.0)
    mean = known.sum(axis=1, keepdims=True) / np.maximum(1, allowed.sum(axis=1, keepdims=True))
    return np.asarray(np.where(allowed, known - mean, -np.inf), np.float64)


def reasons(pairs: Pairs, terms: Floats, weights: Floats, need: int, agent: int, language: str) -> list[tuple[str, float]]:
    """What each term adds to the logit of one pair, with its words, weightiest first; those that add nothing are left out.

    `terms`: (needs, agents, features); `weights`: (features,). `language`: es, any other reads English.
    """
    found = []
    for place, feature in enumerate(FEATURES):
        added = float(terms[need, agent, place] * weights[place])
        if added and feature.name != ALWAYS:
            words = feature.es if language == "es" else feature.en
            found.append((words.format(what=_shared(pairs, feature.name, need, agent)), added))
    return sorted(found, key=lambda one: (-abs(one[1]), one[0]))


def _shared(pairs: Pairs, feature: str, need: int, agent: int) -> str:
    """The names of the columns that speak most for the pair, two at most."""
    sources = {"skill": pairs.skills, "interests": pairs.interests, "background": pairs.background, "calming": pairs.emotions}
    if feature not in sources:
        return ""
    columns = sources[feature]
    together = columns.needs[need] * columns.agents[agent]
    most = sorted(range(len(columns.names)), key=lambda place: (-abs(together[place]), place))[:2]
    return ", ".join(columns.names[place] for place in most if together[place])


def _overlap(columns: Columns, enough: float) -> Floats:
    if not columns.names:
        return np.zeros((len(columns.needs), len(columns.agents)))
    return np.asarray(np.clip(columns.needs @ columns.agents.T / enough, -1.0, 1.0), np.float64)


def _style(pairs: Pairs, name: str) -> Floats:
    if name not in pairs.style.names:
        return np.zeros_like(pairs.earlier)
    place = pairs.style.names.index(name)
    return np.asarray(np.clip(np.outer(pairs.style.needs[:, place], pairs.style.agents[:, place]), -1.0, 1.0), np.float64)


_SEEN: Mapping[str, Callable[[Pairs], Floats]] = {
    "base": lambda pairs: np.ones_like(pairs.earlier),
    "skill": lambda pairs: _overlap(pairs.skills, 1.0),
    "interests": lambda pairs: _overlap(pairs.interests, ENOUGH_SHARED),
    "background": lambda pairs: _overlap(pairs.background, ENOUGH_SHARED),
    "earlier": lambda pairs: np.asarray(np.tanh(pairs.earlier / ENOUGH_EARLIER), np.float64),
    "calming": lambda pairs: _overlap(pairs.emotions, 1.0),
    "address": lambda pairs: _style(pairs, "address"),
    "brevity": lambda pairs: _style(pairs, "brevity"),
    "warmth": lambda pairs: _style(pairs, "warmth"),
}
