"""The surplus of each pair over waiting, term by term, so that a decision can be explained by the same numbers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.matching.policy.constants import Constants

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Terms:
    """What makes the surplus: value - price - wait + age + urgency - load. Worth 1 is one resolved need."""

    value: Floats  # (needs, agents), -inf where the pair may not be
    price: Floats  # (needs, agents), what the agent's time is worth to others
    wait: Floats  # (needs,), the option value of waiting
    age: Floats  # (needs,)
    urgency: Floats  # (needs,)
    load: Floats  # (agents,), above 0 for who worked more than the mean
    surplus: Floats  # (needs, agents)


def terms(
    value: Floats,
    price: Floats,
    *,
    wait: Floats,
    waited: Floats,
    urgency: Floats,
    busy: Floats,
    mean_busy: float,
    free: NDArray[np.bool_] | None = None,
    constants: Constants,
) -> Terms:
    """The terms of all pairs of waiting needs and agents.

    `value`: (needs, agents), -inf where the pair may not be; `price`: (needs, agents), the agent's price times the handle time
    in units of `handle_seconds`; `busy`: (agents,), the fraction of the time since the start that each worked, in [0, 1],
    and `mean_busy` that of all agents; `wait`, `waited` (seconds), `urgency`: (needs,); `free`: (agents,), None: all are.
    """
    age = constants.age_per_second * waited
    load = constants.load_price * (busy - mean_busy)
    surplus = value - price
    surplus += (age + urgency - wait)[:, None]
    surplus -= load
    if free is not None:
        np.copyto(surplus, -np.inf, where=~free)
    return Terms(value, price, wait, age, urgency, load, surplus)
