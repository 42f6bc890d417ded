"""The event loop: its laws, and theory that it must agree with."""

from itertools import pairwise

import numpy as np
import pytest

from rapport.matching.policy.plain import longest_first
from rapport.matching.simulator.compare import made
from rapport.matching.simulator.figures import figures
from rapport.matching.simulator.loop import NOBODY, run
from rapport.matching.simulator.policies import fifo, skills
from rapport.matching.simulator.world import case, world
from rapport.workforce import erlang

POLICIES = ("fifo", "skills", "greedy", "rapport", "learnt")


@pytest.fixture(scope="module")
def few():
    return case(world(arrivals=600, agents=20), 3, 1.1)


@pytest.mark.parametrize("name", POLICIES)
def test_nobody_serves_two_at_once_or_whom_they_cannot_understand_or_who_has_left(name, few):
    done = run(few, made(name, few, 3))

    served = np.flatnonzero(done.agent != NOBODY)
    who = done.agent[served]
    start = few.arrival[served] + done.waited[served]
    end = start + few.handling[served] * few.factor[served, who]
    for agent in range(few.agents):
        mine = np.flatnonzero(who == agent)
        mine = mine[np.argsort(start[mine])]
        assert all(end[one] <= start[after] + 1e-9 for one, after in pairwise(mine))
    assert few.able[served, who].all()
    assert (done.waited[served] < few.patience[served]).all()
    assert (done.waited[done.agent == NOBODY] == few.patience[done.agent == NOBODY]).all()
    assert len(served) > 400


@pytest.mark.parametrize("name", POLICIES)
def test_a_seed_gives_the_same_run_twice(name, few):
    first, second = (run(few, made(name, few, 3)) for _ in range(2))

    assert (first.agent == second.agent).all()
    assert (first.waited == second.waited).all()


def test_skills_routing_is_what_the_kill_switch_does(few):
    def switched(now, need, agent):
        may = few.skilled[now.waiting] & now.free
        found = longest_first(may, now.at - few.arrival[now.waiting], now.at - now.free_since)
        return [(now.waiting[row], column) for row, column in found]

    plain, killed = run(few, skills(few)), run(few, switched)

    assert (plain.agent == killed.agent).all()


def test_agents_who_are_all_alike_keep_people_waiting_as_erlang_c_says():
    alike = world(agents=10, skilled=1.1, english_below=1.1, spanish_above=-0.1, patience_seconds=1e9, arrivals=60_000)
    given = case(alike, 5, 0.8)

    found = figures(run(given, fifo(given)))

    expected = erlang.wait_probability(10, 8.0) * 300.0 / (10 - 8.0)
    assert found["mean_s"] == pytest.approx(expected, rel=0.1)
    assert found["abandon"] == 0.0


def test_needs_of_a_spike_come_as_often_as_its_load_says():
    given = case(world(spikes=[[0.5, 60.0], [1.5, 30.0]], arrivals=20_000, agents=100), 1, 1.0)

    minute = given.arrival / 60.0 % 90.0
    rate = np.array([(minute < 60.0).sum() / 60.0, (minute >= 60.0).sum() / 30.0])
    assert rate[1] / rate[0] == pytest.approx(3.0, rel=0.1)
