"""Our policy in the simulator: the production functions of `policy`, not a copy; with values known, or learnt from zero."""

from typing import Protocol

import numpy as np

from rapport.matching.learning.learner import Learner, Seen, rivals, within_reach
from rapport.matching.learning.model import Design
from rapport.matching.policy.constants import Constants
from rapport.matching.policy.decide import decide
from rapport.matching.policy.prices import drifted, learnt
from rapport.matching.policy.surplus import terms
from rapport.matching.policy.waiting import wait_values
from rapport.matching.simulator.loop import NOBODY, Now, Policy
from rapport.matching.simulator.world import Case, Floats, World

CENTRE, SPREAD = (0.0, 0.85), (0.75, 0.5)  # what is believed of anyone, and of a skill, before the first outcome: log odds
DRAWS = 17  # the seed of what is drawn among near-ties
LEARNER_AFTER = 300  # the seed of the learner stands so far behind that of the agents


class Learns(Protocol):
    """Values from outcomes."""

    def predict(self, need: int) -> Floats:
        """What each agent is worth to the need: (agents,)."""

    def update(self, need: int, agent: int, resolved: bool) -> None:
        """Take in how an interaction ended."""


def constants_of(case: Case) -> Constants:
    """The constants with the handle time and the patience of the case, which a centre measures."""
    return Constants(handle_seconds=case.handle_seconds, hazard=1.0 / case.patience_seconds)


def rapport(case: Case, constants: Constants | None = None) -> Policy:
    """Ours, with the values of the case."""
    return _Ours(case, case.values, constants or constants_of(case))


def from_zero(case: Case, learner: Learns, constants: Constants | None = None) -> Policy:
    """Ours, with values that `learner` finds from outcomes; a need keeps the values that it came with."""
    values = np.full(case.able.shape, -np.inf)
    ours = _Ours(case, values, constants or constants_of(case))

    def asked(now: Now, need: int, agent: int) -> list[tuple[int, int]]:
        if agent == NOBODY:
            values[need] = np.where(case.able[need], learner.predict(need), -np.inf)
        elif need >= 0:
            learner.update(need, agent, bool(case.luck[need] < case.truth[need, agent]))
        return ours(now, need, agent)

    return asked


class BayesianLearner:
    """The learner of `learning`, as it stands in production, before the customers and agents of a case."""

    def __init__(self, case: Case, seed: int) -> None:
        self.case = case
        across = case.customers.shape[1]
        names = [str(agent) for agent in range(case.agents)]
        design = Design(("base", "skill"), CENTRE, SPREAD, across, across)
        self.learner = Learner(rivals(design, names), case.people, np.random.default_rng(seed + LEARNER_AFTER))

    def seen(self, need: int) -> Seen:
        """What may be known of a need before all agents."""
        held = (self.case.factor[need] == 1.0).astype(np.float64)
        return Seen(self.case.customers[need], np.stack([np.ones(self.case.agents), held], axis=1))

    def predict(self, need: int) -> Floats:
        """The probability that each agent resolves it: (agents,)."""
        return self.learner.values(self.seen(need))

    def update(self, need: int, agent: int, resolved: bool) -> None:
        """Learn from it."""
        self.learner.learn(self.seen(need), agent, resolved)


def reach(given: World, outcomes: int) -> float:
    """The share of the known values' gain that any learner could have after so many outcomes: a bound, see `within_reach`."""
    across = given.dimensions
    return within_reach(Design(("base", "skill"), CENTRE, SPREAD, across, across, given.affinity), outcomes)


class _Ours:
    """The state of our policy over a run: prices, and the wait value of each need with when it was found."""

    def __init__(self, case: Case, values: Floats, constants: Constants) -> None:
        self.case, self.values, self.constants = case, values, constants
        self.random = np.random.default_rng(DRAWS)
        self.prices = np.zeros(case.agents)
        self.priced_at = 0.0
        self.wait = [0.0] * len(case.arrival)
        self.looked_at = [-np.inf] * len(case.arrival)

    def __call__(self, now: Now, need: int, agent: int) -> list[tuple[int, int]]:
        if agent == NOBODY:
            self.drift(now.at)
            values = self.values[need] if self.case.shifts is None else np.where(now.there, self.values[need], -np.inf)
            self.prices = learnt(self.prices, values, self.case.factor[need], self.constants)
        return self.match(now) if now.waiting and now.free.any() else []

    def drift(self, at: float) -> None:
        """Bring the prices to this second."""
        if at > self.priced_at:
            self.prices = drifted(self.prices, at - self.priced_at, self.constants)
            self.priced_at = at

    def match(self, now: Now) -> list[tuple[int, int]]:
        """The pairs of waiting needs and free agents to make now."""
        case, waiting = self.case, now.waiting
        self.drift(now.at)
        value = self.values[waiting]
        price = self.prices * case.factor[waiting]
        self.look(now, value, price)
        waited = now.at - case.arrival[waiting]
        since = max(now.at, case.handle_seconds)
        found = terms(
            value,
            price,
            wait=np.array([self.wait[one] for one in waiting]),
            waited=waited,
            urgency=np.zeros(len(waiting)),
            busy=now.worked / since,
            mean_busy=now.all_worked / since / max(now.present, 1),
            free=now.free,
            constants=self.constants,
        )
        draws = self.random.random((len(waiting), 2))
        return [(waiting[one.need], one.agent) for one in decide(found, waited, self.constants, draws=draws)]

    def look(self, now: Now, value: Floats, price: Floats) -> None:
        """Find the wait value of those who have none, or one too old."""
        before = now.at - self.constants.look_again_seconds
        due = [row for row, one in enumerate(now.waiting) if self.looked_at[one] <= before]
        if not due:
            return
        net = np.where(now.there & ~now.free, value[due] - price[due], 0.0)
        for row, found in zip(due, wait_values(net, len(now.waiting), self.constants).tolist(), strict=True):
            self.wait[now.waiting[row]] = found
            self.looked_at[now.waiting[row]] = now.at
