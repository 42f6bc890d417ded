"""What another policy would have brought, from the log of the one that acted.

Every decision was logged with the probability of what it chose. Of a policy that would have chosen it with another probability
the outcome counts accordingly more or less: w = target / logged. Where too few outcomes count, nothing is said.

Sources: Horvitz and Thompson 1952 (IPS); Swaminathan and Joachims 2015 (SNIPS); Dudik, Langford and Li 2011 (DR);
Kong 1992 (effective sample size).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]

SPREAD_95 = 1.959964  # of a normal distribution
LEAST_SAMPLE = 200.0  # the effective sample size below which no verdict is given
MOST_WEIGHT = 100.0  # weights are cut here; one of four near-ties in 4 % of decisions has 96
NEARLY_ONE = 0.1  # the mean weight may be this far from 1, and its own error


@dataclass(frozen=True, slots=True)
class Log:
    """Decisions with known outcomes: all (decisions,) long.

    `reward`: in [0, 1]. `logged`: the probability, in (0, 1], with which the chosen was chosen. `target`: that of the policy
    in question for the same choice. `expected`: the model's value of the chosen. `expected_target`: its mean value under the
    policy in question, over all who could have been chosen.
    """

    reward: Floats
    logged: Floats
    target: Floats
    expected: Floats
    expected_target: Floats

    def __post_init__(self) -> None:
        lengths = {len(self.reward), len(self.logged), len(self.target), len(self.expected), len(self.expected_target)}
        if len(lengths) != 1:
            raise BadInput(f"the columns of a log must be equally long, got {sorted(lengths)}")
        if not (np.all(self.logged > 0.0) and np.all(self.logged <= 1.0)):
            raise BadInput("the logged probability of a choice must be in (0, 1]: what could not be chosen was not chosen")
        if not (np.all(self.target >= 0.0) and np.all(self.target <= 1.0)):
            raise BadInput("the probability of a choice must be in [0, 1]")
        if not all(np.all(np.isfinite(column)) for column in (self.reward, self.expected, self.expected_target)):
            raise BadInput("rewards and expected values must be numbers; leave out decisions whose outcome is not known")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its 95 % interval. `sample`: effective sample size. `cut`: the share of weights that were cut.

    `covered`: the mean weight; 1 where the log has tried whatever the policy in question would do.
    """

    value: float
    low: float
    high: float
    sample: float
    cut: float
    covered: float
    decisions: int

    @property
    def refusal(self) -> str:
        """Why no verdict may be given: "", "sample" (too few outcomes count) or "coverage" (the weights are not 1 on average:
        it would do what nobody tried, or the logged probabilities are wrong)."""
        if self.sample < LEAST_SAMPLE:
            return "sample"
        error = SPREAD_95 * math.sqrt(max(0.0, self.covered**2 * (1.0 / self.sample - 1.0 / self.decisions)))
        return "coverage" if abs(self.covered - 1.0) > NEARLY_ONE + error else ""


def ips(log: Log, most_weight: float = MOST_WEIGHT) -> Estimate:
    """Inverse propensity score: the mean of w r."""
    weight = _weights(log, most_weight)
    return _estimate(log, weight * log.reward, most_weight)


def snips(log: Log, most_weight: float = MOST_WEIGHT) -> Estimate:
    """Self-normalised: sum of w r over sum of w; the interval by the delta method."""
    weight = _weights(log, most_weight)
    total = float(weight.sum())
    if not total:
        return _estimate(log, weight, most_weight)
    value = float((weight * log.reward).sum()) / total
    return _estimate(log, value + weight * (log.reward - value) * (len(weight) / total), most_weight)


def doubly_robust(log: Log, most_weight: float = MOST_WEIGHT) -> Estimate:
    """The model's expectation, corrected by w times its error: right where the model or the probabilities are."""
    return _estimate(log, _robust(log, most_weight), most_weight)


def difference(new: Log, current: Log, most_weight: float = MOST_WEIGHT) -> Estimate:
    """How much more `new` brings than `current`, of the same decisions, doubly robust. What both would do alike cancels out."""
    if not (np.array_equal(new.reward, current.reward) and np.array_equal(new.logged, current.logged)):
        raise BadInput("two policies can be compared on the same decisions only")
    return _estimate(new, _robust(new, most_weight) - _robust(current, most_weight), most_weight)


def near_ties(values: Floats, share: float = 0.04, within: float = 0.02) -> Floats:
    """How probably each agent is asked: the best, but in `share` of decisions one who is nearly as good. (needs, agents).

    `values`: (needs, agents), -inf or NaN where it is not allowed. Nearly as good: within `within` of the best. The share is
    spread evenly over all who are nearly as good, the best among them. A need that nobody may serve has a row of zeros.
    """
    allowed = np.where(np.isfinite(values), values, -np.inf)
    best = allowed.max(axis=1, initial=-np.inf, keepdims=True)
    near = (allowed >= best - within) & np.isfinite(allowed)
    count = near.sum(axis=1, keepdims=True)
    chances = np.where(near, share / np.maximum(1, count), 0.0)
    served = np.flatnonzero(count[:, 0] > 0)
    if len(served):
        chances[served, allowed[served].argmax(axis=1)] += 1.0 - share
    return np.asarray(chances, np.float64)


def _weights(log: Log, most_weight: float) -> Floats:
    return np.asarray(np.minimum(log.target / log.logged, most_weight), np.float64)


def _robust(log: Log, most_weight: float) -> Floats:
    return np.asarray(log.expected_target + _weights(log, most_weight) * (log.reward - log.expected), np.float64)


def _estimate(log: Log, parts: Floats, most_weight: float) -> Estimate:
    """The mean of `parts` with its interval by the central limit theorem."""
    decisions = len(parts)
    if decisions < 2:
        return Estimate(0.0, -math.inf, math.inf, 0.0, 0.0, 0.0, decisions)
    weight = _weights(log, most_weight)
    squares = float((weight**2).sum())
    value = float(parts.mean())
    half = SPREAD_95 * float(parts.std(ddof=1)) / math.sqrt(decisions)
    return Estimate(
        value,
        value - half,
        value + half,
        float(weight.sum()) ** 2 / squares if squares else 0.0,
        float((log.target > most_weight * log.logged).mean()),
        float(weight.mean()),
        decisions,
    )
