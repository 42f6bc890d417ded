"""Whole re-optimisations beside scipy's assignment of the dense table, and lists from the slots' side beside sorting."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linear_sum_assignment

from matching.engine.marketwork import a_group, an_open_market, best_total, faults, shake, total
from rapport.matching.engine.arrival import arrive
from rapport.matching.engine.listing import slots_lists
from rapport.matching.engine.market import Market
from rapport.matching.engine.repair import reoptimise, resolve, warm_up


def best_gain(scores, holds, units):
    """The largest gain over waiting: scipy, a column for each unit."""
    whole = np.maximum(np.nan_to_num(scores[:, units].astype(float), nan=-9.0, neginf=-9.0) - holds[:, None], 0.0)
    rows, columns = linear_sum_assignment(whole, maximize=True)
    return whole[rows, columns].sum()


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), afresh=st.booleans())
def test_placing_all_anew_finds_the_best_also_where_worths_holds_and_floors_have_changed(seed, afresh):
    random, market = np.random.default_rng(seed), Market(60)
    for _ in range(120):
        shake(market, random, budget=2)
    there = market.needs()
    market.graph.hold[there] = random.random(len(there)) / 2
    market.graph.floor[:] = random.random(len(market.room)) / 3

    resolve(market, afresh=afresh)

    assert faults(market) == []
    assert not market.late_needs
    assert not market.late_slots
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


@pytest.mark.parametrize(("needs", "slots", "room"), [(900, 60, 1), (40, 90, 1), (300, 60, 3), (61, 60, 1)])
def test_listing_all_anew_comes_within_a_thousandth_of_the_best_over_every_pair(needs, slots, room):
    random = np.random.default_rng(2)
    scores, holds = random.random((needs, slots)).astype(np.float32), random.random(needs) / 2
    scores[random.random((needs, slots)) < 0.6] = -np.inf
    market = an_open_market(slots, room)
    numbers = market.enlist(holds)

    reoptimise(market, [a_group(scores[: needs // 2]), a_group(scores[needs // 2 :])], np.split(numbers, [needs // 2]))

    best = best_gain(scores, holds, np.repeat(np.arange(slots), room))
    found = sum(scores[n, s] - holds[n] for n, s in zip(*market.pairs(), strict=True))
    assert faults(market) == []
    assert best * 0.999 <= found <= best + 1e-4


def test_needs_that_come_after_a_reoptimisation_are_placed_as_well_as_can_be():
    random = np.random.default_rng(3)
    market = an_open_market(30)
    numbers = market.enlist(np.zeros(200))
    reoptimise(market, [a_group(random.random((200, 30)))], [numbers])

    arrive(market, a_group(random.random((50, 30))), np.zeros(50), budget=10**9)
    market.set_room(3, 4, budget=10**9)

    assert faults(market) == []
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), wanted=st.integers(1, 12))
def test_each_slot_lists_at_least_its_best_needs(seed, wanted):
    random = np.random.default_rng(seed)
    scores, holds = random.random((400, 7)).astype(np.float32), random.random(400)
    scores[random.random((400, 7)) < 0.3] = np.nan

    edges = slots_lists([a_group(scores[:250]), a_group(scores[250:])], np.split(np.arange(400), [250]), holds, 7, wanted)

    gains = np.nan_to_num(scores - holds[:, None].astype(np.float32), nan=-np.inf)
    for slot in range(7):
        assert set(np.argsort(-gains[:, slot])[:wanted]) <= set(edges.needs[edges.slots == slot].tolist())
    assert np.allclose(edges.values, scores[edges.needs, edges.slots])


def test_without_needs_or_slots_nothing_happens():
    empty, deserted = Market(), Market(5)
    reoptimise(empty, [], [])
    numbers = deserted.enlist(np.zeros(3))
    reoptimise(deserted, [a_group(np.ones((3, 5)))], [numbers])

    assert empty.pairs()[0].tolist() == deserted.pairs()[0].tolist() == []


def test_who_waits_for_a_slot_without_room_is_found_when_it_has_some():
    market = Market(2)
    numbers = market.enlist(np.zeros(3))
    reoptimise(market, [a_group([[0.1, 0.1], [0.9, 0.1], [0.2, 0.1]])], [numbers])

    market.set_room(0, 1)

    assert market.slot_of(1) == 0


def test_a_million_who_wait_are_listed_and_the_best_of_them_placed():
    worths = (np.arange(1_000_000) % 999_983 / 1_000_000).astype(np.float32)[:, None].repeat(3, axis=1)
    market = an_open_market(3)
    numbers = market.enlist(np.zeros(1_000_000))

    reoptimise(market, [a_group(worths)], [numbers])

    assert sorted(market.pairs()[0].tolist()) == [999_980, 999_981, 999_982]


def test_warming_up_runs_through():
    warm_up()
