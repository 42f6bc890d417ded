"""Valuing: how likely each pair resolves the need, by the model that the centre has learnt, or by the built-in likelihood.

What is seen of a pair is the same with both, and is kept with each offer, so that a model can be taught and judged.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput
from rapport.matching.learning.features import ENOUGH_EARLIER, FEATURES, NAMES, STYLE, Columns, Pairs, see
from rapport.matching.learning.keeping import from_bytes, version
from rapport.matching.learning.model import Model, Weights, best_guess, reseat, values
from rapport.matching.patience import SLOPE, likelihood
from rapport.matching.protected import category_of
from rapport.matching.roster import Names, Roster
from rapport.matching.value import VERSION, add_wishes
from rapport.matching.wants import Wants
from rapport.matching.wishes import WEIGHTS
from rapport.model.centre import LearntModel
from rapport.model.need import Term

NAME = "matching"  # of the centre's model that is used here
CALMS, MANNERS = "calms", "style"  # attributes that hold what somebody's record of calming is, and how they write
TELLING = 0.05  # log-odds from which an agent's own record is a reason

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Valuer:
    """What pairs are seen and valued with. `weights` None: the built-in likelihood. Columns of agents: (agents, names)."""

    roster: Roster
    version: str
    weights: Weights | None
    model: Model | None
    off: tuple[str, ...]
    emotions: tuple[tuple[str, ...], Floats]
    style: tuple[tuple[str, ...], Floats]


@dataclass(frozen=True, slots=True)
class Valued:
    """Pairs, (needs, agents). `likely`: 0 where it may not be. `terms`: with one more axis, by feature. `shift`: log-odds that
    language and the plan's preferences add."""

    likely: Floats
    terms: Floats
    shift: Floats


def valuer_of(roster: Roster) -> Valuer:
    """The valuer of a roster's centre. A model that cannot be read is not used: the built-in likelihood serves."""
    kept = roster.centre.models.get(NAME)
    model = None
    if kept is not None:
        try:
            model = seated(opened(kept), roster)
        except BadInput:
            model = None
    weights = best_guess(model) if model is not None else None
    version, off = (kept.version, kept.off) if kept is not None and model is not None else (VERSION, ())
    return Valuer(roster, version, weights, model, off, _columns(roster, CALMS), _columns(roster, MANNERS, STYLE))


def opened(kept: LearntModel) -> Model:
    """The model of a centre's thing. Raises BadInput where it is none, or none of these features."""
    model = from_bytes(kept.kept)
    design, teams = model.design, len(model.teams)
    if design.terms != NAMES or design.x or design.y or design.own != (0,):
        raise BadInput(f"this model was learnt of other features ({', '.join(design.terms)}); run `rapport matching learn`")
    numbers = (model.mean, model.cov, model.team_mean, model.team_cov, model.agent_mean, model.agent_cov)
    if not all(np.isfinite(array).all() for array in numbers):
        raise BadInput("this model holds what is no number; run `rapport matching learn`")
    if len(model.team_of) and not 0 <= model.team_of.min() <= model.team_of.max() < teams:
        raise BadInput("this model names teams that it does not hold; run `rapport matching learn`")
    if kept.version != version(model):
        raise BadInput(f"this model is called {kept.version} and is {version(model)}; run `rapport matching learn`")
    if unknown := set(kept.off) - set(NAMES[1:]):
        raise BadInput(f"{', '.join(sorted(unknown))} is no feature that can be switched off; those are {', '.join(NAMES[1:])}")
    return model


def seated(model: Model, roster: Roster) -> Model:
    """The same beliefs for the agents of now."""
    return reseat(model, [agent.id for agent in roster.agents], [agent.team for agent in roster.agents])


def value(worth: Floats, wants: Sequence[Wants], valuer: Valuer, who: Ints) -> Valued:
    """What pairs are seen to be, and how likely each resolves its need. `worth`: (needs, who), -inf where it may not be."""
    roster = valuer.roster
    terms = see(pairs_of(wants, valuer, who), partial(category_of, own=roster.centre.profile.protected), valuer.off)
    wishes = np.zeros(worth.shape)
    add_wishes(wishes, wants, roster, who)
    allowed = np.isfinite(worth)
    asked = np.where(allowed, worth - wishes, 0.0)
    mean = asked.sum(axis=1, keepdims=True) / np.maximum(1, allowed.sum(axis=1, keepdims=True))
    shift = np.where(allowed, SLOPE * (asked - mean), 0.0)
    if valuer.weights is None or valuer.model is None:
        return Valued(likelihood(worth), terms, shift)
    weights = Weights(valuer.weights.terms, valuer.weights.bilinear, valuer.weights.own[who])
    nothing = np.zeros((len(wants), 0)), np.zeros((len(who), 0))
    learnt = values(weights, valuer.model.design, terms, *nothing)
    return Valued(np.where(allowed, shifted(learnt, shift), 0.0), terms, shift)


def shifted(chance: Floats, shift: Floats) -> Floats:
    """A chance in (0, 1) whose log-odds are moved."""
    return np.asarray(chance / (chance + (1.0 - chance) * np.exp(-shift)), np.float64)


def pairs_of(wants: Sequence[Wants], valuer: Valuer, who: Ints) -> Pairs:
    """What is known of needs and agents; nothing that is protected."""
    roster = valuer.roster
    known = np.zeros((len(wants), len(who)))
    where = {int(place): column for column, place in enumerate(who)} if any(want.known for want in wants) else {}
    for row, want in enumerate(wants):
        for place, (strength, _) in want.known.items():
            if place in where:
                known[row, where[place]] = ENOUGH_EARLIER * strength
    own = roster.centre.profile.protected
    interests = [{place: strength for place, (strength, _) in want.interests.items()} for want in wants]
    asked = [{place: weight / WEIGHTS["skills"] for place, weight in want.wish.skills} for want in wants]
    (names, calms), (manners, written) = valuer.emotions, valuer.style
    felt = _table([[float(want.conversation.emotion == name) for name in names] for want in wants], len(names))
    nothing = Columns((), np.zeros((len(wants), 0)), np.zeros((len(who), 0)))
    return Pairs(
        skills=_named(asked, roster.skills, who),
        interests=_named([_unprotected(one, roster.interests, own) for one in interests], roster.interests, who),
        background=nothing,
        emotions=Columns(names, felt, calms[who]),
        style=Columns(manners, _table([_manners_of(want, manners) for want in wants], len(manners)), written[who]),
        earlier=known,
    )


def reasons(found: list[Term], wants: Wants, valuer: Valuer, agent: int, seen: Mapping[str, float]) -> list[Term]:
    """The reasons for an agent as the model weighs them, in log-odds, weightiest first. `seen`: the terms, by feature."""
    weights = valuer.weights
    if weights is None:
        return found
    adds = {name: float(weight) * seen.get(name, 0.0) for name, weight in zip(NAMES, weights.terms, strict=True)}
    whole: dict[str, float] = {}
    for term in found:
        feature = _FEATURE_OF.get(term.attribute, "")
        whole[feature] = whole.get(feature, 0.0) + term.weight
    kept = []
    for term in found:
        feature = _FEATURE_OF.get(term.attribute, "")
        if feature not in valuer.off:
            share = adds[feature] * term.weight / whole[feature] if feature and whole[feature] else SLOPE * term.weight
            kept.append(Term(term.attribute, term.value, round(share, 4), term.evidence))
    for feature in ("calming", *STYLE):
        if adds[feature]:
            said = wants.conversation.emotion if feature == "calming" else ""
            kept.append(Term(feature, said, round(adds[feature], 4)))
    own = float(weights.own[agent, 0])
    if abs(own) >= TELLING:
        kept.append(Term("record", "", round(own, 4), valuer.roster.agents[agent].id))
    return sorted(kept, key=lambda term: (-term.weight, term.attribute, term.value))


_FEATURE_OF: Mapping[str, str] = {"skills": "skill", "topics": "skill", "interests": "interests", "known": "earlier"}


def seen_of(terms: Floats) -> dict[str, float]:
    """The terms of one pair by the names of their features; what is 0, and the base, is left out."""
    found = zip(FEATURES[1:], terms[1:].tolist(), strict=True)
    return {feature.name: round(term, 3) for feature, term in found if round(term, 3)}


def _named(asked: Sequence[Mapping[int, float]], names: Names, who: Ints) -> Columns:
    used = sorted({place for one in asked for place in one})
    column = {place: nth for nth, place in enumerate(used)}
    needs = np.zeros((len(asked), len(used)))
    for row, one in enumerate(asked):
        for place, level in one.items():
            needs[row, column[place]] = level
    return Columns(tuple(names.names[place] for place in used), needs, names.levels[np.array(used, np.int64)[:, None], who].T)


def _unprotected(asked: Mapping[int, float], names: Names, own: tuple[str, ...]) -> dict[int, float]:
    return {place: level for place, level in asked.items() if not category_of(names.names[place], own)}


def _columns(roster: Roster, attribute: str, named: Collection[str] = ()) -> tuple[tuple[str, ...], Floats]:
    """What agents have by name in an attribute, (agents, names): nothing protected, and only what is `named`, if any."""
    records = [_levels(record.get(attribute)) for record in roster.records]
    own = roster.centre.profile.protected
    names = tuple(sorted({name for one in records for name in one if not category_of(name, own)}))
    names = tuple(name for name in names if name in named) if named else names
    return names, _table([[one.get(name, 0.0) for name in names] for one in records], len(names))


def _table(rows: list[list[float]], width: int) -> Floats:
    return np.array(rows, np.float64).reshape(len(rows), width)


def _manners_of(want: Wants, names: tuple[str, ...]) -> list[float]:
    """How the person writes, as far as an attribute of theirs says so."""
    person = want.person if names else None
    said = next((one.value for one in person.attributes if one.name == MANNERS), None) if person else None
    levels = _levels(said)
    return [levels.get(name, 0.0) for name in names]


def _levels(said: object) -> dict[str, float]:
    """Levels by name in [-1, 1]; nothing where it is no such thing."""
    if not isinstance(said, Mapping):
        return {}
    return {str(name): max(-1.0, min(1.0, float(level))) for name, level in said.items() if isinstance(level, int | float)}
