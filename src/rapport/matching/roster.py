"""The roster: who the centre's agents are, in columns; made anew only when the centre changes.

Agents stand in the order of their ids; every array is over agents, by that position.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.expression import Expression, parse
from rapport.matching.language.columns import Columns
from rapport.matching.lexicon import relate
from rapport.matching.protected import is_protected, usable
from rapport.matching.stems import plain, stem
from rapport.matching.strain import Limits, limits_of, policies_of
from rapport.model.agent import DEFAULT_SLOTS, Agent
from rapport.model.centre import Centre

Mask = NDArray[np.bool_]
Related = tuple[tuple[int, float], ...]
_CHANNELS = (("kind",), ("channel",), ("account",))  # of a need; a policy may name any of the three
MOST_WORDS = 100_000  # whose relation to skills is remembered
SKILL_NAMES = ("skills", "skill", "expertise", "habilidades")  # attributes that hold skills, and
INTEREST_NAMES = (
    "interests",
    "interest",
    "hobbies",
    "hobby",
    "likes",
    "intereses",
    "aficiones",
)  # interests, of agent or person
SKILLED = 0.5  # the level from which an agent has a skill


class ByWord(dict[str, Related]):
    """Which names each word speaks of, by position, and how strongly; worked out when a word is first asked for."""

    def __init__(self, by_stem: dict[str, Related]) -> None:
        self.by_stem = by_stem

    def __missing__(self, word: str) -> Related:
        if len(self) > MOST_WORDS:
            self.clear()
        found = self[word] = self.by_stem.get(stem(word), ())
        return found


@dataclass(slots=True)
class Names:
    """What agents have by name, such as skills or interests. `levels`: (names, agents), 0 where an agent has none."""

    names: list[str]
    levels: NDArray[np.float64]
    by_word: ByWord


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A forbidden combination: what `rule` says of these agents and a need is never put to them. `channels` empty: on all."""

    rule: Expression
    who: Mask
    channels: tuple[str, ...] = ()


@dataclass(slots=True)
class Roster:
    """Every agent of a centre. `capacity`: (agents, slots). `who`: position by id and by full name."""

    centre: Centre
    agents: list[Agent]
    place: dict[str, int]
    who: dict[str, int]
    records: list[Mapping[str, Any]]  # Any: attribute values
    attributes: Columns
    limits: list[Limits]
    exclusions: list[Exclusion]
    exclusion_paths: frozenset[tuple[str, ...]]  # what of a need decides whether it is excluded
    limits_anger: bool  # whether anybody's angry conversations are limited
    bots: Mask
    speaks: dict[str, Mask]
    nobody: Mask
    skills: Names
    interests: Names
    slots: list[str]
    capacity: NDArray[np.int64]
    all_places: NDArray[np.int64]  # of each agent, over all slots; at least 1
    masks: dict[tuple[object, ...], Mask] = field(default_factory=dict)
    columns: dict[tuple[str, ...], NDArray[np.int64]] = field(default_factory=dict)

    def places(self, kind: str, channel: str) -> NDArray[np.int64]:
        """The slot, by position, that a conversation takes of each agent: (agents,), -1 where they have none for it."""
        key = (kind, channel if channel in self.slots else "")
        found = self.columns.get(key)
        if found is None:
            names = [(a.slots or DEFAULT_SLOTS, channel if channel in a.slots else kind) for a in self.agents]
            positions = [self.slots.index(name) if slots.get(name, 0) > 0 else -1 for slots, name in names]
            found = self.columns[key] = np.array(positions, np.int64)
        return found

    def flat_places(self, kind: str, channel: str) -> NDArray[np.int64]:
        """Where in (agents, slots), laid out flat, the slot of each agent stands; for who has none, one of no capacity."""
        key = (kind, channel if channel in self.slots else "", "flat")
        found = self.columns.get(key)
        if found is None:
            slots = self.places(kind, channel)
            own = np.where(slots >= 0, slots, self.slots.index(channel if channel in self.slots else kind))
            found = self.columns[key] = np.arange(len(slots)) * len(self.slots) + own
        return found

    def places_of(self, kind: str, channel: str) -> NDArray[np.int64]:
        """How many conversations of a kind each agent holds at once: (agents,), at least 1."""
        column = self.places(kind, channel)
        held: NDArray[np.int64] = self.capacity[np.arange(len(column)), np.maximum(column, 0)]
        return np.where(column >= 0, np.maximum(held, 1), 1)

    def speakers(self, language: str) -> Mask:
        """Who speaks a language."""
        return self.speaks.get(language, self.nobody)

    def skilled(self, skill: str, level: float) -> Mask:
        """Who has a skill at this level or above; everybody where none is named."""
        if not skill:
            return ~self.nobody
        if skill not in self.skills.names:
            return self.nobody
        found: Mask = self.skills.levels[self.skills.names.index(skill)] >= level
        return found

    def holding(self, require: str, values: tuple[tuple[tuple[str, ...], object], ...], need: Mapping[str, Any]) -> Mask:
        """Of whom an expression holds for a need. `values`: what the need's own paths in it stand for."""
        key = (require, values)
        found = self.masks.get(key)
        if found is None:
            if len(self.masks) > 5000:
                self.masks.clear()
            found = parse(require).mask(self.attributes, need)
            self.masks[key] = found
        return found

    def excluded(self, need: Mapping[str, Any]) -> Mask:  # Any: values of the need's fields
        """Whom a need is never put to."""
        found = self.nobody.copy()
        channels = {need.get(path[0]) for path in _CHANNELS}
        for exclusion in self.exclusions:
            if not exclusion.channels or channels & set(exclusion.channels):
                found |= exclusion.who & exclusion.rule.mask(self.attributes, need)
        return found


def make_roster(centre: Centre) -> Roster:
    """The columns of a centre's agents."""
    agents = sorted(centre.agents.values(), key=lambda agent: agent.id)
    count = len(agents)
    speaks: dict[str, Mask] = {}
    for place, agent in enumerate(agents):
        for language in languages_of(agent, centre):
            speaks.setdefault(language, np.zeros(count, np.bool_))[place] = True
    slots = sorted({*DEFAULT_SLOTS, *(name for agent in agents for name in agent.slots)})
    capacity = np.array([[(a.slots or DEFAULT_SLOTS).get(name, 0) for name in slots] for a in agents], np.int64)
    capacity = capacity.reshape(count, len(slots))
    who = {plain(agent.name): place for place, agent in enumerate(agents) if agent.name}
    who |= {plain(agent.id): place for place, agent in enumerate(agents)}
    records = in_pools([_record(agent, centre) for agent in agents], centre)
    exclusions, limits = _exclusions(agents, centre), [limits_of(agent, centre) for agent in agents]
    own = centre.profile.protected
    return Roster(
        centre=centre,
        agents=agents,
        place={agent.id: place for place, agent in enumerate(agents)},
        who=who,
        records=records,
        attributes=Columns(records),
        limits=limits,
        limits_anger=any(limit.angry for limit in limits),
        exclusions=exclusions,
        exclusion_paths=frozenset(path for exclusion in exclusions for path in (*exclusion.rule.need_paths, *_CHANNELS)),
        bots=np.array([agent.bot for agent in agents], np.bool_),
        speaks=speaks,
        nobody=np.zeros(count, np.bool_),
        skills=_names([_levels(agent, SKILL_NAMES) for agent in agents]),
        interests=_names([_usable(_levels(agent, INTEREST_NAMES), own) for agent in agents]),
        slots=slots,
        capacity=capacity,
        all_places=np.maximum(capacity.sum(axis=1), 1),
    )


def in_pools(records: list[Mapping[str, Any]], centre: Centre) -> list[Mapping[str, Any]]:  # Any: attribute values
    """The agents' records with the `pools` that each is in; one that cannot be read has nobody."""
    if not centre.pools:
        return records
    columns = Columns(records)
    sound = {name: rule for name, pool in sorted(centre.pools.items()) if (rule := _sound(pool.who)) is not None}
    masks = {name: rule.mask(columns, {}) for name, rule in sound.items()}
    return [{**record, "pools": [name for name, mask in masks.items() if mask[place]]} for place, record in enumerate(records)]


def languages_of(agent: Agent, centre: Centre) -> tuple[str, ...]:
    """The languages an agent answers in: their own, or else those of the centre."""
    said = agent.attributes.get("languages", agent.attributes.get("language"))
    if isinstance(said, str):
        said = [said]
    if isinstance(said, list | dict) and said:
        return tuple(dict.fromkeys(base_language(language) for language in said))
    return centre.profile.languages


def base_language(language: str) -> str:
    """The language without its region: `es` for `es-MX`."""
    return language.replace("_", "-").partition("-")[0].casefold()


def _record(agent: Agent, centre: Centre) -> dict[str, Any]:  # Any: attribute values
    said = {
        "id": agent.id,
        "name": agent.name,
        "team": agent.team,
        "role": agent.role,
        "bot": agent.bot,
        "timezone": agent.timezone,
    }
    named = {"sid": agent.id, "friendly_name": agent.name}  # TaskRouter's names for the same
    own = {name: value for name, value in agent.attributes.items() if not is_protected(name, centre.profile.protected)}
    record = {**named, **said, **own, "languages": list(languages_of(agent, centre))}
    return {**record, "skills": _levels(agent, SKILL_NAMES)}


def _exclusions(agents: list[Agent], centre: Centre) -> list[Exclusion]:
    """What agents and the policies of their teams forbid; each rule once, with all for whom it holds."""
    found: dict[tuple[str, tuple[str, ...]], Mask] = {}
    for place, agent in enumerate(agents):
        forbidden: list[tuple[str, tuple[str, ...]]] = [(text, ()) for text in agent.never]
        forbidden += [(text, policy.channels) for policy in policies_of(agent, centre) for text in policy.never]
        for key in forbidden:
            found.setdefault(key, np.zeros(len(agents), np.bool_))[place] = True
    return [Exclusion(rule, who, channels) for (text, channels), who in found.items() if (rule := _sound(text)) is not None]


def _sound(text: str) -> Expression | None:
    """The expression; None for one that cannot be read, which `apply` refuses, and for an empty one."""
    try:
        return parse(text) if text.strip() else None
    except BadInput:
        return None


def _usable(levels: dict[str, float], own: tuple[str, ...]) -> dict[str, float]:
    return {name: levels[name] for name in usable(levels, own)}


def _levels(agent: Agent, attributes: tuple[str, ...]) -> dict[str, float]:
    """Skills or interests as levels in [0, 1]: names in a list have them whole."""
    found: dict[str, float] = {}
    for attribute in attributes:
        value = agent.attributes.get(attribute)
        if isinstance(value, str):
            found[value] = 1.0
        elif isinstance(value, list):
            found |= dict.fromkeys(map(str, value), 1.0)
        elif isinstance(value, dict):
            found |= {str(name): min(1.0, max(0.0, float(level))) for name, level in value.items()}
    return found


def _names(levels: list[dict[str, float]]) -> Names:
    names = sorted({name for one in levels for name in one})
    rows = {name: row for row, name in enumerate(names)}
    table = np.zeros((len(names), len(levels)))
    for place, one in enumerate(levels):
        for name, level in one.items():
            table[rows[name], place] = level
    return Names(names, table, ByWord(relate(names)))
