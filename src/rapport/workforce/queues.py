"""Erlang B, C and A for many intervals at once, and agents who hold several conversations at a time.

Rates are per unit of time, whichever; `load` is in erlangs; probabilities are in [0, 1]. Arrays broadcast.
Sources: Erlang 1917 (B, C); Palm 1957, Garnett, Mandelbaum and Reiman 2002 (A); the waiting time in A follows from its stages
being exponential with rates c, c + 1, c + 2 ... times the patience rate, whose sum has a beta distribution function.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rapport.errors import BadInput

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def blocking(agents: ArrayLike, load: ArrayLike) -> Floats:
    """Erlang B: the probability that all are busy where nobody may wait."""
    count, offered = np.broadcast_arrays(np.asarray(agents, np.int64), np.asarray(load, np.float64))
    _check(count, offered)
    found = np.ones(offered.shape)
    result = np.ones(offered.shape)
    for busy in range(1, int(count.max(initial=0)) + 1):
        found = offered * found / (busy + offered * found)
        result = np.where(count == busy, found, result)
    return result


def waiting(agents: ArrayLike, load: ArrayLike) -> Floats:
    """Erlang C: the probability of having to wait; 1 where the backlog only grows."""
    count, offered = np.broadcast_arrays(np.asarray(agents, np.int64), np.asarray(load, np.float64))
    return _waiting(count, offered, blocking(count, offered))


def answered_within(agents: ArrayLike, load: ArrayLike, handle_time: ArrayLike, threshold: ArrayLike) -> Floats:
    """Erlang C: the share answered within `threshold`, in the unit of `handle_time`; 0 where the backlog only grows."""
    count, offered = np.broadcast_arrays(np.asarray(agents, np.int64), np.asarray(load, np.float64))
    return _within(count, offered, blocking(count, offered), np.asarray(threshold) / np.asarray(handle_time))


def mean_wait(agents: ArrayLike, load: ArrayLike, handle_time: ArrayLike) -> Floats:
    """Erlang C: the mean wait of all, in the unit of `handle_time`; infinite where the backlog only grows."""
    count, offered = np.broadcast_arrays(np.asarray(agents, np.int64), np.asarray(load, np.float64))
    spare = np.maximum(count - offered, 1e-300)
    return np.where(count > offered, waiting(count, offered) * np.asarray(handle_time) / spare, np.inf)


def needed(load: ArrayLike, handle_time: float, threshold: float, target: float) -> Ints:
    """The fewest agents that answer a `target` share within `threshold`; 0 where nothing comes. One recursion for all loads."""
    offered = np.atleast_1d(np.asarray(load, np.float64))
    if not 0.0 <= target < 1.0:
        raise BadInput(f"target must be in [0, 1), got {target}")
    _check(np.zeros(1, np.int64), offered)
    result = np.zeros(offered.shape, np.int64)
    open_at = np.flatnonzero(offered.ravel() > 0.0)
    of, blocked, agents, ratio = offered.ravel()[open_at], np.ones(len(open_at)), 0, threshold / handle_time
    while len(open_at):
        agents += 1
        blocked = of * blocked / (agents + of * blocked)
        enough = (agents > of) & (_within(np.array(agents), of, blocked, ratio) >= target)
        if enough.any():
            result.ravel()[open_at[enough]] = agents
            open_at, of, blocked = open_at[~enough], of[~enough], blocked[~enough]
    return result


@dataclass(frozen=True, slots=True)
class Patient:
    """A queue whose customers leave: shares of all who come, times in the unit of the rates."""

    waits: float
    leaves: float
    mean_wait: float
    occupancy: float
    answered_within: float  # of all who come, those who are answered within the threshold
    long_wait: float  # those who wait longer than the threshold, whether they are answered or not


def with_patience(arrivals: float, handle_time: float, patience: float, agents: int, threshold: float = 0.0) -> Patient:
    """Erlang A (M/M/n+M), exact. `arrivals` per unit of time, in which the other times are given too."""
    if min(arrivals, handle_time, patience) <= 0.0 or agents < 1:
        raise BadInput(f"arrivals, times and agents must be above 0, got {arrivals}, {handle_time}, {patience}, {agents}")
    from scipy.special import betainc  # only who plans needs it, not each process that starts

    leave, serve = 1.0 / patience, 1.0 / handle_time
    most = int(agents + 20 * np.sqrt(arrivals / leave) + 2 * arrivals / leave + 200)
    held = np.arange(1, most + 1)
    share = standing(arrivals, np.minimum(held, agents) * serve + np.maximum(held - agents, 0) * leave)
    queue = np.arange(most + 1 - agents)
    busy_then = share[agents:]
    queued = float(busy_then @ queue)
    stages = agents * serve / leave
    reached = 1.0 - np.exp(-leave * threshold)
    served = stages / (stages + queue + 1) * betainc(queue + 1, stages + 1, reached) if threshold > 0 else np.zeros(len(queue))
    longer = np.exp(-leave * threshold) * (1.0 - betainc(queue + 1, stages, reached)) if threshold > 0 else np.ones(len(queue))
    leaves = leave * queued / arrivals
    return Patient(
        waits=float(busy_then.sum()),
        leaves=leaves,
        mean_wait=queued / arrivals,
        occupancy=arrivals * (1.0 - leaves) * handle_time / agents,
        answered_within=float(1.0 - busy_then.sum() + busy_then @ served),
        long_wait=float(busy_then @ longer),
    )


def at_once(
    arrivals: float, handle_time: float, agents: int, slowed: Sequence[float], patience: float | None = None
) -> Patient:
    """Agents who hold up to `len(slowed)` conversations; `slowed[k - 1]`: the time of one with k held, over that of one alone.

    Conversations spread evenly, so speed follows from how many are held altogether: a birth and death process, exact for that.
    """
    if not slowed or min(slowed) <= 0.0 or agents < 1 or arrivals <= 0.0 or handle_time <= 0.0:
        raise BadInput(
            f"arrivals, times, agents and what slows must be above 0, got {arrivals}, {handle_time}, {agents}, {slowed}"
        )
    places = agents * len(slowed)
    speed = np.array([1.0 / one for one in slowed]) / handle_time
    leave = 1.0 / patience if patience else 0.0
    held = np.arange(1, places + 1)
    most, more = (held - 1) // agents, (held - 1) % agents + 1  # so many hold most + 1, the others hold `most`
    rate = more * (most + 1) * speed[most] + (agents - more) * most * speed[np.maximum(most - 1, 0)]
    full = float(rate[-1])
    if not leave and arrivals >= full:
        return Patient(1.0, 0.0, float("inf"), 1.0, 0.0, 1.0)
    tail = np.arange(1, int(20 * np.sqrt(arrivals / max(leave, full / 50)) + 2 * arrivals / (leave or full / 500) + 400) + 1)
    share = standing(arrivals, np.concatenate((rate, full + tail * leave)))
    queued = float(share[places + 1 :] @ tail)
    busy = float(share @ np.minimum(np.arange(len(share)), agents)) / agents
    waits = float(share[places:].sum())
    return Patient(waits, leave * queued / arrivals, queued / arrivals, busy, 1.0 - waits, waits)


def standing(arrivals: float, ends: Floats) -> Floats:
    """How often so many are there, (states,), where they come at one rate and `ends[k - 1]` is how fast they go from k."""
    steps = np.concatenate(([0.0], np.cumsum(np.log(arrivals) - np.log(ends))))
    share = np.exp(steps - steps.max())
    return np.asarray(share / share.sum(), np.float64)


def _waiting(count: NDArray[np.int64], offered: Floats, blocked: Floats) -> Floats:
    below = count > offered
    spare = np.where(below, count - offered * (1.0 - blocked), 1.0)
    return np.where(below, count * blocked / spare, 1.0)


def _within(count: NDArray[np.int64], offered: Floats, blocked: Floats, ratio: ArrayLike) -> Floats:
    longer = np.exp(-np.maximum(count - offered, 0.0) * ratio)
    return np.where(count > offered, 1.0 - _waiting(count, offered, blocked) * longer, 0.0)


def _check(count: NDArray[np.int64], offered: Floats) -> None:
    if (count < 0).any() or not np.isfinite(offered).all() or (offered < 0).any():
        raise BadInput("agents and load must be numbers that are not negative")
