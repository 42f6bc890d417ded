"""The learner: values needs for agents, learns from each outcome. What simulator, twin and production hold.

How much pairs differ from each other is not known beforehand, so several designs are taught side by side, and the one whose
forecasts of the outcomes were best so far serves (empirical Bayes by the prequential likelihood; Dawid 1984).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from rapport.matching.learning.model import Design, Floats, Model, Weights, best_guess, doubt, draw, learn, new_model, values

SPREADS = (0.15, 0.3, 0.6)  # standard deviations of affinity, in logits, that are tried
TINY_GROUPS = 0.02  # the alternative to a design's own spread between agents: they hardly differ
SURELY = 3.0  # log likelihood by which a rival must be ahead before it serves: 20 to 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One need before all agents: `x` (x,), `terms` (agents, k)."""

    x: Floats
    terms: Floats


class Learner:
    """Models that learn side by side, and the weights that serve.

    `y`: (agents, y). `scale`: of Thompson's draws, 0 for the mean. `batch`: outcomes after which new weights are drawn.
    `curiosity`: standard deviations of doubt that are added to a logit: who is less known is worth a try.
    """

    def __init__(
        self,
        models: Sequence[Model],
        y: Floats,
        random: np.random.Generator,
        *,
        scale: float = 0.0,
        batch: int = 25,
        curiosity: float = 0.0,
    ) -> None:
        self.models = list(models)
        self.y, self.random = y, random
        self.scale, self.batch, self.curiosity = scale, batch, curiosity
        self.serving = self.models[0]
        self.weights = self.fresh()

    def values(self, seen: Seen) -> Floats:
        """The worth of each agent for the need, (agents,), in (0, 1)."""
        found: Floats = values(self.weights, self.serving.design, seen.terms[None], seen.x[None], self.y)[0]
        if self.curiosity:
            logits = np.log(found / (1.0 - found)) + self.curiosity * doubt(self.serving, seen.terms, seen.x, self.y)
            found = np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float64)
        return found

    def learn(self, seen: Seen, agent: int, good: bool, kind: int = 0) -> None:
        """Take in what became of one pair."""
        for model in self.models:
            learn(model, seen.terms[agent], seen.x, self.y[agent], agent, good, kind)
        if self.serving.seen % self.batch == 0:
            best = max(self.models, key=lambda model: model.evidence)
            if best.evidence > self.serving.evidence + SURELY:
                self.serving = best
            self.weights = self.fresh()

    def fresh(self) -> Weights:
        """New weights: a draw, or the mean where the scale is 0."""
        return draw(self.serving, self.random, self.scale) if self.scale else best_guess(self.serving)


def rivals(design: Design, agents: Sequence[str], team_of: Sequence[str] = ()) -> list[Model]:
    """Models that have seen nothing, of designs that differ in how much pairs, and agents, are believed to differ.

    The first, which serves until another is surely better, has the design's own affinity and agents who hardly differ.
    """
    alike = msgspec.structs.replace(design, team_spread=TINY_GROUPS, agent_spread=TINY_GROUPS)
    spreads = [spread for spread in SPREADS if design.x * design.y and spread != design.affinity]
    others = [msgspec.structs.replace(alike, affinity=spread) for spread in spreads]
    return [new_model(one, agents, team_of) for one in (alike, design, *others)]


def within_reach(design: Design, outcomes: int, chance: float = 0.75) -> float:
    """How well the worth of pairs can be known after so many outcomes: the correlation with the truth, in [0, 1].

    What a matching gains is about this share of what it would gain if the truth were known. It holds for traits of variance 1,
    of which nothing was known before, and outcomes that are good with `chance`: each tells chance (1 - chance) of each of the
    x times y weights, whose prior variance is affinity² / (x y). A bound by the van Trees inequality (Gill and Levit 1995).
    """
    told = outcomes * chance * (1.0 - chance) * design.affinity**2
    return math.sqrt(told / (told + design.x * design.y)) if told else 0.0
