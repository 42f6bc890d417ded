"""The value model: the probability that this agent resolves this need, with what is not known about it.

    logit p = w · terms + x' M y + team · own + agent · own

`terms` are the named features of a pair, the first of them 1; x and y describe the need and the agent; `own` are the terms
whose weight may differ by team and by agent. All weights are Gaussian. The prior of an agent lies on their team, that of a team
on the tenant, so somebody new begins as their team does. The tenant's weights (w, M) are known jointly; teams and agents are
taken as independent of them and of each other, so that one outcome costs O(d²) whatever the number of agents.

Source: online Laplace approximation of the logistic likelihood, one outcome at a time: the mode along the one direction that an
outcome speaks of, and a rank-one update of the covariance (Sherman-Morrison); Spiegelhalter and Lauritzen 1990, section 5.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STEPS = 60  # Newton steps for the mode of one outcome; four are usual
NEAR = 1e-10
MOST_LOGIT = 30.0


class Outcome(msgspec.Struct, frozen=True):
    """A kind of outcome: how much it counts (1: as much as a resolution), and how much likelier than one it is, in logits."""

    name: str
    weight: float = 1.0
    shift: float = 0.0


OUTCOMES = (
    Outcome("resolved"),  # at first contact
    Outcome("survey", 0.5),  # a good mark
    Outcome("stayed", 0.5, 1.0),  # did not come back with the same thing
    Outcome("bought", 0.25, -2.0),
)


class Design(msgspec.Struct, frozen=True):
    """What the model is made of, and what it believes before the first outcome. Standard deviations are in logits.

    `centre`: the prior mean of each term's weight. `affinity`: the standard deviation of x' M y over pairs whose x and y have
    entries of variance 1.
    """

    terms: tuple[str, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    x: int = 0
    y: int = 0
    affinity: float = 0.3
    own: tuple[int, ...] = (0,)
    team_spread: float = 0.15
    agent_spread: float = 0.15
    outcomes: tuple[Outcome, ...] = OUTCOMES

    @property
    def width(self) -> int:
        """How many weights the tenant has: terms, then M by rows, then a shift for each outcome kind but the first."""
        return len(self.terms) + self.x * self.y + len(self.outcomes) - 1


@dataclass(frozen=True, slots=True)
class Weights:
    """One set of weights to decide with: `terms` (k,), `bilinear` (x, y), `own` (agents, own terms)."""

    terms: Floats
    bilinear: Floats
    own: Floats


@dataclass(slots=True)
class Model:
    """What is believed now. `learn` changes it in place; `agents` and `teams` are names, `team_of` the team of each agent.

    Shapes: mean (d,), cov (d, d), team_mean (teams, own), team_cov (teams, own, own), the same for agents. `evidence`: the sum
    of log probabilities that it gave to each outcome before it learnt it.
    """

    design: Design
    agents: tuple[str, ...]
    teams: tuple[str, ...]
    team_of: Ints
    mean: Floats
    cov: Floats
    team_mean: Floats
    team_cov: Floats
    agent_mean: Floats
    agent_cov: Floats
    seen: int = 0
    evidence: float = 0.0


def new_model(design: Design, agents: Sequence[str], team_of: Sequence[str] = ()) -> Model:
    """A model that has seen nothing: `team_of`, the team's name of each agent; none: all are one team."""
    terms, own = len(design.terms), len(design.own)
    if not (len(design.centre) == len(design.spread) == terms):
        raise BadInput(
            f"each of the {terms} terms needs one centre and one spread; got {len(design.centre)}, {len(design.spread)}"
        )
    cells = design.x * design.y
    shifts = [outcome.shift for outcome in design.outcomes[1:]]
    spread = np.concatenate([design.spread, np.full(cells, design.affinity / math.sqrt(max(1, cells))), np.ones(len(shifts))])
    groups = list(team_of) or [""] * len(agents)
    teams = tuple(dict.fromkeys(groups))
    return Model(
        design,
        tuple(agents),
        teams,
        np.array([teams.index(team) for team in groups], np.int64),
        np.concatenate([design.centre, np.zeros(cells), shifts]),
        np.diag(spread**2),
        np.zeros((len(teams), own)),
        np.tile(np.eye(own) * design.team_spread**2, (len(teams), 1, 1)),
        np.zeros((len(agents), own)),
        np.tile(np.eye(own) * design.agent_spread**2, (len(agents), 1, 1)),
    )


def reseat(model: Model, agents: Sequence[str], team_of: Sequence[str]) -> Model:
    """The same beliefs for the agents of now: who is new begins as their team does, who has gone is forgotten."""
    fresh = new_model(model.design, agents, team_of)
    fresh.mean, fresh.cov, fresh.seen, fresh.evidence = model.mean.copy(), model.cov.copy(), model.seen, model.evidence
    for names, before, means, covs, old_means, old_covs in (
        (fresh.teams, model.teams, fresh.team_mean, fresh.team_cov, model.team_mean, model.team_cov),
        (fresh.agents, model.agents, fresh.agent_mean, fresh.agent_cov, model.agent_mean, model.agent_cov),
    ):
        place = {name: row for row, name in enumerate(before)}
        for row, name in enumerate(names):
            if name in place:
                means[row], covs[row] = old_means[place[name]], old_covs[place[name]]
    return fresh


def learn(model: Model, terms: Floats, x: Floats, y: Floats, agent: int, good: bool, kind: int = 0) -> float:
    """Take in one outcome of one pair; the probability that the model had given to a good one is returned.

    `terms`: (k,), `x`: (x,), `y`: (y,); `agent`: by position; `kind`: the outcome's place in the design.

    Raises:
        BadInput: something that was seen of the pair is no number; nothing is learnt then.
    """
    design = model.design
    direction = np.concatenate([terms, np.outer(x, y).ravel(), np.zeros(len(design.outcomes) - 1)])
    if not np.isfinite(direction).all():
        raise BadInput(f"what is seen of a pair must be numbers; terms {terms.tolist()}, x {x.tolist()}, y {y.tolist()}")
    if kind:
        direction[kind - len(design.outcomes)] = 1.0
    own = terms[list(design.own)]
    team = int(model.team_of[agent])
    blocks = (
        (model.mean, model.cov, direction),
        (model.team_mean[team], model.team_cov[team], own),
        (model.agent_mean[agent], model.agent_cov[agent], own),
    )
    reach = [cov @ along for _, cov, along in blocks]
    centre = sum(float(mean @ along) for mean, _, along in blocks)
    variance = sum(float(along @ far) for (_, _, along), far in zip(blocks, reach, strict=True))
    before = _logistic(centre / math.sqrt(1.0 + math.pi * variance / 8.0))
    pull, curvature = _mode(centre, variance, float(good), design.outcomes[kind].weight)
    known = curvature / (1.0 + curvature * variance)
    for (mean, cov, _), far in zip(blocks, reach, strict=True):
        mean += pull * far
        cov -= (known * far)[:, None] * far
    model.seen += 1
    model.evidence += design.outcomes[kind].weight * math.log(max(NEAR, before if good else 1.0 - before))
    return before


def best_guess(model: Model) -> Weights:
    """The mean of what is believed."""
    return _weights(model, model.mean, model.team_mean, model.agent_mean)


def draw(model: Model, random: np.random.Generator, scale: float = 1.0) -> Weights:
    """One draw of what is believed (Thompson), to be used for a whole batch; `scale` times the standard deviations."""
    tenant = model.mean + scale * (_root(model.cov) @ random.standard_normal(len(model.mean)))
    parts = []
    for mean, cov in ((model.team_mean, model.team_cov), (model.agent_mean, model.agent_cov)):
        parts.append(mean + scale * (_root(cov) @ random.standard_normal((*mean.shape, 1)))[..., 0])
    return _weights(model, tenant, parts[0], parts[1])


def values(weights: Weights, design: Design, terms: Floats, x: Floats, y: Floats) -> Floats:
    """The probability of a resolution for each pair, (needs, agents).

    `terms`: (needs, agents, k), `x`: (needs, x), `y`: (agents, y); agents in the model's order.
    """
    logits = terms @ weights.terms
    if weights.bilinear.size:
        logits += (x @ weights.bilinear) @ y.T
    for place, term in enumerate(design.own):
        logits += terms[:, :, term] * weights.own[:, place]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logits, -MOST_LOGIT, MOST_LOGIT))), np.float64)


def doubt(model: Model, terms: Floats, x: Floats, y: Floats) -> Floats:
    """The standard deviation of the logit of each agent for one need, (agents,). `terms`: (agents, k), `y`: (agents, y)."""
    agents, shifts = len(terms), len(model.design.outcomes) - 1
    direction = np.concatenate(
        [terms, (x[None, :, None] * y[:, None, :]).reshape(agents, -1), np.zeros((agents, shifts))], axis=1
    )
    own = terms[:, list(model.design.own)]
    deviations = model.agent_cov + model.team_cov[model.team_of]
    variance = np.einsum("ad,ad->a", direction @ model.cov, direction) + np.einsum("ak,akl,al->a", own, deviations, own)
    return np.asarray(np.sqrt(np.maximum(0.0, variance)), np.float64)


def _weights(model: Model, tenant: Floats, teams: Floats, agents: Floats) -> Weights:
    design = model.design
    terms = len(design.terms)
    cells = design.x * design.y
    bilinear = tenant[terms : terms + cells].reshape(design.x, design.y).copy()
    return Weights(tenant[:terms].copy(), bilinear, agents + teams[model.team_of])


def _root(cov: Floats) -> Floats:
    """The lower root of one covariance, or of many; a spread of 0 is allowed."""
    return np.asarray(np.linalg.cholesky(cov + NEAR * np.eye(cov.shape[-1])), np.float64)


def _mode(centre: float, variance: float, good: float, weight: float) -> tuple[float, float]:
    """How far the logit's mode moves, in units of its variance, and the likelihood's curvature there."""
    pull, low, high = 0.0, weight * (good - 1.0), weight * good
    for _ in range(STEPS):
        chance = _logistic(centre + variance * pull)
        wrong = weight * (good - chance) - pull
        low, high = (pull, high) if wrong > 0.0 else (low, pull)
        after = pull + wrong / (1.0 + weight * chance * (1.0 - chance) * variance)
        if not low <= after <= high:  # far out the curve is flat, and Newton's step would swing for ever
            after = (low + high) / 2.0
        moved, pull = abs(after - pull), after
        if moved < NEAR:
            break
    chance = _logistic(centre + variance * pull)
    return pull, weight * chance * (1.0 - chance)


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-MOST_LOGIT, min(MOST_LOGIT, logit))))
