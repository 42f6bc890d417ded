"""What is weighed by kinds chooses as what is weighed pair by pair does."""

import numpy as np
import pytest

from rapport.matching.policy.constants import Constants
from rapport.matching.simulator import ours, policies
from rapport.matching.simulator.alike import Alike, greedy, longest
from rapport.matching.simulator.alike_ours import rapport
from rapport.matching.simulator.loop import NOBODY, Comes, events, run
from rapport.matching.simulator.world import Case

WORTH = np.array([[0.8, -np.inf, 0.78], [-np.inf, 0.8, 0.77], [0.55, -np.inf, 0.7]])
MANY = (6, 4, 3)
PATIENCE = 500.0


def market(needs, load, seed):
    """Three streams before three kinds of agents, as a case of pairs and as what is alike."""
    rng = np.random.default_rng(seed)
    kind = np.repeat(np.arange(3), MANY)
    rng.shuffle(kind)
    stream = rng.integers(0, 3, needs)
    arrival = np.cumsum(rng.exponential(300.0 / (load * len(kind)), needs))
    values = WORTH[:, kind][stream]
    shape = values.shape
    given = Case(
        arrival=arrival,
        patience=rng.exponential(PATIENCE, needs),
        handling=rng.exponential(300.0, needs),
        luck=rng.random(needs),
        skilled=values > -np.inf,
        able=values > -np.inf,
        truth=np.full(shape, 0.8),
        values=values,
        factor=np.ones(shape),
        customers=np.zeros((needs, 0)),
        people=np.zeros((len(kind), 0)),
        handle_seconds=300.0,
        patience_seconds=PATIENCE,
        warm_up=0.0,
    )
    leaves = (given.arrival + given.patience).tolist()
    return given, Alike(stream.tolist(), arrival.tolist(), leaves, kind.tolist(), WORTH.tolist(), [True] * len(kind))


def both(needs, load, seed, pairwise, by_kind):
    given, alike = market(needs, load, seed)
    comes = Comes(given.arrival, given.patience, given.handling, given.agents)
    return run(given, pairwise(given)), events(comes, by_kind(alike))


@pytest.mark.parametrize("load", [0.7, 1.2])
def test_plain_and_greedy_matching_by_kinds_choose_as_pair_by_pair(load):
    for pairwise, by_kind in ((policies.skills, longest), (policies.greedy, greedy)):
        one, other = both(800, load, 5, pairwise, by_kind)

        assert (one.agent == other.agent).all()
        assert (one.waited == other.waited).all()


@pytest.mark.parametrize(("load", "limit", "explored"), [(0.7, 900.0, 0.03), (1.2, 900.0, 0.0), (1.2, 200.0, 0.5)])
def test_patience_by_kinds_chooses_as_the_functions_of_production_do_pair_by_pair(load, limit, explored):
    weighed = Constants(handle_seconds=300.0, hazard=1 / PATIENCE, hard_limit_seconds=limit, explored=explored)

    one, other = both(600, load, 6, lambda given: ours.rapport(given, weighed), lambda alike: rapport(alike, weighed))

    assert (one.agent == other.agent).all()
    assert (one.waited == other.waited).all()
    assert ((one.waited > 0) & (one.agent != NOBODY)).sum() > 30


@pytest.mark.parametrize(("goes", "waits"), [(200.0, 0.0), (np.inf, 250.0)])
def test_nobody_is_hoped_for_whose_shift_is_over(goes, waits):
    # The better agent is busy until 500; who comes at 250 waits for them, unless their shift ends at 200.
    shifts = np.array([[0.0, goes], [0.0, np.inf]])
    arrival, handling, patience = np.array([0.0, 250.0]), np.array([500.0, 10.0]), np.array([1e6, 1e6])
    values, ones = np.array([[0.9, 0.1], [0.9, 0.1]]), np.ones((2, 2))
    weighed = Constants(handle_seconds=300.0, hazard=1e-6, explored=0.0)
    alike = Alike([0, 0], arrival.tolist(), (arrival + patience).tolist(), [0, 1], [[0.9, 0.1]], [True, True])
    given = Case(
        arrival, patience, handling, ones[0], ones > 0, ones > 0, ones, values, ones, ones, ones, 300.0, 1e6, 0.0, shifts
    )

    for done in (
        run(given, ours.rapport(given, weighed)),
        events(Comes(arrival, patience, handling, 2, shifts), rapport(alike, weighed)),
    ):
        assert done.waited.tolist() == [0.0, waits]
