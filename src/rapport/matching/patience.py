"""Patience: whether a need and an agent are put together now, or both wait for better; the policy in the terms of the desk.

Worth becomes the likelihood that the need is resolved by this agent; from it go the price of the agent's time and what the need
may hope for from who is busy. Source of the policy, its constants and what it gains: docs/simulator.md.
What is learnt of prices is kept in memory and begins at nothing after a restart; the decision's fact holds every number used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rapport.matching.engine.assign import NOBODY, assign
from rapport.matching.policy.constants import Constants
from rapport.matching.policy.decide import Decision, Pairs, decide
from rapport.matching.policy.prices import drifted, learnt
from rapport.matching.policy.surplus import terms
from rapport.matching.policy.urgency import urgency
from rapport.matching.policy.waiting import wait_values

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# By kind of channel, in seconds: what an answer takes, how long people wait before they give up, and beyond what nobody waits
# for somebody better. Assumptions until a tenant's own record says otherwise.
KINDS: Mapping[str, Constants] = {
    "voice": Constants(handle_seconds=300.0, hazard=1 / 120.0, hard_limit_seconds=30.0),
    "chat": Constants(handle_seconds=600.0, hazard=1 / 300.0, hard_limit_seconds=60.0),
    "sms": Constants(handle_seconds=900.0, hazard=1 / 3600.0, hard_limit_seconds=600.0),
    "social": Constants(handle_seconds=900.0, hazard=1 / 3600.0, hard_limit_seconds=600.0),
    "email": Constants(handle_seconds=1200.0, hazard=1 / 28800.0, hard_limit_seconds=7200.0),
}
# Log-odds of an agent of no worth, and what each worth adds: who speaks the language has -0.35, a whole skill adds 1.2 to it.
NO_WORTH, SLOPE = -0.75, 0.4
PRESSED = 0.9  # share of its target that full urgency takes away


def likelihood(worth: Floats) -> Floats:
    """How likely each pair resolves the need, in (0, 1); 0 where it may not be. `worth`: (needs, agents), -inf where not."""
    odds: Floats = 1.0 / (1.0 + np.exp(-(NO_WORTH + SLOPE * worth)))
    return np.where(np.isfinite(worth), odds, 0.0)


@dataclass(slots=True)
class Prices:
    """What the time of agents is worth, per kind of channel, learnt as needs come. `agents`: ids, in the roster's order."""

    agents: list[str] = field(default_factory=list)
    of: dict[str, tuple[float, Floats]] = field(default_factory=dict)  # Unix seconds of the last look, and the prices
    seen: set[bytes] = field(default_factory=set)  # needs that prices have learnt from

    def over(self, agents: list[str]) -> "Prices":
        """The same prices over another roster; who is new costs nothing."""
        place = {agent: number for number, agent in enumerate(self.agents)}
        of = {}
        for kind, (at, prices) in self.of.items():
            of[kind] = at, np.array([prices[place[agent]] if agent in place else 0.0 for agent in agents])
        return Prices(agents, of, self.seen)

    def now(self, kind: str, at: float) -> Floats:
        """The prices at a time: (agents,). They fall while nobody comes; a clock that goes back changes nothing."""
        before, prices = self.of.get(kind, (at, np.zeros(len(self.agents))))
        prices = drifted(prices, max(0.0, at - before), constants_of(kind))
        self.of[kind] = max(at, before), prices
        return prices

    def learn(self, kind: str, need: bytes, who: Ints, likely: Floats, at: float, places: Ints) -> None:
        """Take a need into account, once. `who`: positions of agents; `likely`: (who,), 0 where they may not be asked.

        `places`: (who,), how many of this kind each holds at once, at least 1: one need takes so small a part of their time.
        """
        if need in self.seen:
            return
        self.seen.add(need)
        prices = self.now(kind, at)
        values = np.where(likely > 0.0, likely, -np.inf)
        after = learnt(prices[who], values, np.ones(len(who)), constants_of(kind))
        prices[who] += (after - prices[who]) / places


@dataclass(frozen=True, slots=True)
class Waiting:
    """The needs that are looked at, (needs,) each: seconds waited, seconds of the service target, urgency in [0, 1]."""

    waited: Floats
    target: Floats
    urgent: Floats


def constants_of(kind: str) -> Constants:
    """What the policy weighs with for a kind of channel."""
    return KINDS.get(kind, KINDS["social"])


def decisions(
    likely: Floats,
    prices: Floats,
    capacity: Ints,
    taken: Floats,
    waiting: Waiting,
    constants: Constants,
    draws: Floats | None = None,
) -> tuple[list[Decision], Floats]:
    """Who is put to whom now, and what waiting is worth to each need: (needs,).

    `likely`: (needs, agents) over all who may be asked, free or busy. Of agents, (agents,) each: `prices`, `capacity` (free
    places), `taken` (share of their places). `draws`: see `decide`.
    """
    net = np.where(likely > 0.0, likely - prices, 0.0)
    busy = capacity <= 0
    hope = wait_values(net[:, busy], len(likely), constants) if busy.any() else np.zeros(len(likely))
    scale = np.where(np.isfinite(waiting.target), np.maximum(waiting.target / 4.0, 1.0), 1.0)
    pressing = urgency(waiting.waited, waiting.target * (1.0 - PRESSED * waiting.urgent), scale)
    weighed = terms(
        np.where(likely > 0.0, likely, -np.inf),
        np.broadcast_to(prices, likely.shape),
        wait=hope,
        waited=waiting.waited,
        urgency=pressing,
        busy=taken,
        mean_busy=float(taken[~busy].mean()) if not busy.all() else 0.0,  # of who could be asked: load is shared among them
        free=~busy,
        constants=constants,
    )
    return decide(weighed, waiting.waited, constants, draws=draws, assign=_most_surplus), hope


def _most_surplus(surplus: Floats) -> Pairs:
    """The pairs of most surplus together, none below 0, each agent once."""
    chosen = assign(np.where(surplus >= 0.0, surplus, -np.inf), np.ones(surplus.shape[1], np.int64))
    return [(need, int(agent)) for need, agent in enumerate(chosen) if agent != NOBODY]
