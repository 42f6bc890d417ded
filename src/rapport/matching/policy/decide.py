"""Who is put to whom now: pairs of largest surplus while it is not below 0. Near-ties may be drawn, with their propensity."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.matching.policy.constants import Constants
from rapport.matching.policy.surplus import Terms

Floats = NDArray[np.float64]
Pairs = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Decision:
    """A need (row) put to an agent (column), with what decided it. Worth 1 is one resolved need."""

    need: int
    agent: int
    surplus: float
    propensity: float  # the probability with which this agent was chosen for this need
    drawn: bool  # from near-ties, by the random number that was handed in
    overdue: bool  # by the hard limit, whatever the surplus
    value: float
    price: float
    wait: float
    age: float
    urgency: float
    load: float


def best_first(surplus: Floats) -> Pairs:
    """The pair of largest surplus, then the next of who is left, while it is at least 0. `surplus`: (needs, agents)."""
    needs, agents = surplus.shape
    if needs == 1 or agents == 1:
        at = int(surplus.argmax())
        return [divmod(at, agents)] if surplus.flat[at] >= 0.0 else []
    left, found = surplus.copy(), []
    for _ in range(min(needs, agents)):
        need, agent = divmod(int(left.argmax()), agents)
        if left[need, agent] < 0.0:
            break
        found.append((need, agent))
        left[need] = -np.inf
        left[:, agent] = -np.inf
    return found


def decide(
    terms: Terms,
    waited: Floats,
    constants: Constants,
    *,
    draws: Floats | None = None,
    assign: Callable[[Floats], Pairs] = best_first,
) -> list[Decision]:
    """Which needs go to which agents now; who is not in it waits.

    `waited`: (needs,) seconds. `draws`: (needs, 2) numbers in [0, 1), of which the first says whether a near-tie is drawn and
    the second which; None draws nothing. `assign` finds the pairs of most surplus, none below 0.
    """
    if not terms.surplus.size:
        return []
    surplus = terms.surplus
    overdue: Pairs = []
    if constants.hard_limit_seconds <= waited.max():
        overdue, surplus = _overdue(surplus, waited, constants.hard_limit_seconds)
    pairs = assign(surplus)
    if draws is None or constants.explored <= 0.0:
        chosen = [(need, agent, 1.0, False) for need, agent in pairs]
    else:
        chosen = _among_near_ties(surplus, pairs, draws, constants)
    first = [_decision(terms, need, agent, 1.0, False, overdue=True) for need, agent in overdue]
    return first + [_decision(terms, *one, overdue=False) for one in chosen]


def _overdue(surplus: Floats, waited: Floats, limit: float) -> tuple[Pairs, Floats]:
    """Who waited to the limit, longest first, each with the best agent left; and the surplus of what is left to assign."""
    left, found = surplus.copy(), []
    late = np.flatnonzero(waited >= limit)
    for need in late[np.argsort(-waited[late], kind="stable")].tolist():
        agent = int(left[need].argmax())
        if left[need, agent] > -np.inf:
            found.append((need, agent))
            left[need] = -np.inf
            left[:, agent] = -np.inf
    return found, left


def _among_near_ties(surplus: Floats, pairs: Pairs, draws: Floats, constants: Constants) -> list[tuple[int, int, float, bool]]:
    """Each need's agent and its propensity, drawn with the chance `explored` among those free and `near` the best."""
    taken = np.zeros(surplus.shape[1], np.bool_)
    taken[[agent for _, agent in pairs]] = True
    found = []
    for need, agent in pairs:
        taken[agent] = False
        row = surplus[need]
        near = np.flatnonzero(~taken & (row >= max(0.0, row[agent] - constants.near)))
        drawn = bool(len(near) > 1 and draws[need, 0] < constants.explored)
        chosen = int(near[int(draws[need, 1] * len(near))]) if drawn else agent
        share = constants.explored / len(near)
        propensity = 1.0 if len(near) == 1 else share + (1.0 - constants.explored) * (chosen == agent)
        taken[chosen] = True
        found.append((need, chosen, propensity, drawn))
    return found


def _decision(terms: Terms, need: int, agent: int, propensity: float, drawn: bool, *, overdue: bool) -> Decision:
    return Decision(
        need,
        agent,
        float(terms.surplus[need, agent]),
        propensity,
        drawn,
        overdue,
        float(terms.value[need, agent]),
        float(terms.price[need, agent]),
        float(terms.wait[need]),
        float(terms.age[need]),
        float(terms.urgency[need]),
        float(terms.load[agent]),
    )
