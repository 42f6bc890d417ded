"""Teaching: a tenant's own decisions and outcomes become a model, and the gate says whether it may serve.

The model learns from the older decisions and is judged by the newer ones, which it has not seen.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from rapport.matching.learning.features import NAMES, design
from rapport.matching.learning.gate import Rule, Verdict, judge
from rapport.matching.learning.keeping import to_bytes, version
from rapport.matching.learning.learner import SURELY, rivals
from rapport.matching.learning.model import OUTCOMES, Floats, Model, best_guess, learn, reseat
from rapport.matching.learning.offpolicy import Log, near_ties
from rapport.matching.outcomes import Decided
from rapport.matching.patience import constants_of
from rapport.matching.valuing import NAME
from rapport.model.centre import LearntModel
from rapport.model.need import MOST_OPTIONS, Option

TAUGHT = 2 / 3  # of the decisions, the older ones, that a model learns from; the others judge it


@dataclass(frozen=True, slots=True)
class Lesson:
    """A model that was taught, from how many decisions, and the verdict on it. `thing`: what the centre would be set to."""

    thing: LearntModel
    verdict: Verdict
    taught: int


def teach(
    decided: Sequence[Decided],
    teams: dict[str, str],
    present: str,
    *,
    off: Collection[str] = (),
    explored: float = 0.0,
    rule: Rule | None = None,
) -> Lesson:
    """A model from decisions, oldest first, and whether it may serve in place of the one called `present`.

    `teams`: the team of each agent of now. `off`: features that the model does not look at. `explored`: as the centre says.
    """
    cut = int(TAUGHT * len(decided))
    agents = sorted(teams)
    model = reseat(taught(decided[:cut], teams, off), agents, [teams[agent] for agent in agents])
    new, current = logs([one for one in decided[cut:] if one.version == present], model, off, explored)
    verdict = judge(new, current, rule)
    thing = LearntModel(NAME, to_bytes(model), version(model), tuple(sorted(off)), figures(verdict))
    return Lesson(thing, verdict, cut)


def taught(decided: Sequence[Decided], teams: dict[str, str], off: Collection[str] = ()) -> Model:
    """What is believed after these decisions, the oldest first. Of several designs, the one that forecast them best."""
    gone = sorted({one.options[0].agent for one in decided} - set(teams))
    agents = [*sorted(teams), *gone]
    models = rivals(design(outcomes=OUTCOMES[:1]), agents, [teams.get(agent, "") for agent in agents])
    place = {agent: number for number, agent in enumerate(agents)}
    nothing = np.zeros(0)
    for one in decided:
        chosen = one.options[0]
        for model in models:
            learn(model, terms_of(chosen, off), nothing, nothing, place[chosen.agent], one.good)
    best = max(models, key=lambda model: model.evidence)
    return best if best.evidence > models[0].evidence + SURELY else models[0]


def logs(decided: Sequence[Decided], model: Model, off: Collection[str], explored: float) -> tuple[Log, Log]:
    """The decisions read for the new model, and for the one that made them.

    The new one is taken to choose among the best who could be asked then. Who was chosen from beyond them would not be.
    What the other would have brought is what it brought.
    """
    most = max((len(one.options) for one in decided), default=1)
    shape = len(decided), most
    chance, besides = np.zeros(shape), np.full(shape, -np.inf)
    weights, place = best_guess(model), {agent: number for number, agent in enumerate(model.agents)}
    for row, one in enumerate(decided):
        there = slice(0, len(one.options))
        chance[row, there] = _chances(model, weights.own[:, 0], weights.terms, place, one.options, off)
        besides[row, there] = [option.besides for option in one.options]
        if len(one.options) > MOST_OPTIONS:
            besides[row, 0] = -np.inf
    reward = np.array([float(one.good) for one in decided])
    logged = np.array([one.propensity for one in decided])
    expected, target = chance[:, 0], _asked(chance + besides, explored)
    new = Log(reward, logged, target[:, 0], expected, (target * chance).sum(axis=1))
    return new, Log(reward, logged, logged, expected, expected)


def terms_of(option: Option, off: Collection[str] = ()) -> Floats:
    """The terms of a pair as they were seen: (features,)."""
    seen = {"base": 1.0} | option.terms
    return np.array([0.0 if name in off else seen.get(name, 0.0) for name in NAMES])


def figures(verdict: Verdict) -> dict[str, float | str | bool]:
    """The verdict as it is kept; figures that are not finite are left out."""
    said: dict[str, float | str | bool] = msgspec.to_builtins(verdict)
    return {name: value for name, value in said.items() if not isinstance(value, float) or np.isfinite(value)}


def _chances(
    model: Model, own: Floats, weights: Floats, place: dict[str, int], options: Sequence[Option], off: Collection[str]
) -> Floats:
    """How likely each option resolves the need, by the new model: (options,)."""
    seen = np.stack([terms_of(option, off) for option in options])
    effect = np.array([own[place[option.agent]] if option.agent in place else 0.0 for option in options])
    odds = seen @ weights + effect + np.array([option.shift for option in options])
    return np.asarray(1.0 / (1.0 + np.exp(-odds)), np.float64)


def _asked(surplus: Floats, explored: float) -> Floats:
    """How probably each option is asked, as the policy does it: (decisions, options)."""
    best = surplus.max(axis=1, initial=-np.inf, keepdims=True)
    could = np.where(surplus >= np.minimum(0.0, best), surplus, -np.inf)
    return near_ties(could, explored, constants_of("").near)
