"""The market against scipy's assignment of the whole, after every kind of event."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from matching.engine.marketwork import UNBOUNDED, best_total, faults, shake, total
from rapport.errors import BadInput, NotFound, Overloaded
from rapport.matching.engine.graph import MOST_LISTED, NOBODY
from rapport.matching.engine.market import Market

NONE = np.zeros(0, np.int64)


def a_market(*rooms):
    market = Market(len(rooms))
    for slot, room in enumerate(rooms):
        market.set_room(slot, room)
    return market


def listing(worth_of):
    return np.array(list(worth_of)), np.array(list(worth_of.values()), float)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), rounded=st.sampled_from([1, 9]))
def test_after_any_events_the_total_is_the_best_and_the_duals_prove_it(seed, rounded):
    random, market = np.random.default_rng(seed), Market(60)

    for _ in range(120):
        shake(market, random, rounded=rounded)

    assert faults(market) == []
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


def test_of_400_needs_and_150_slots_the_total_is_the_best_throughout_3000_insertions_and_removals():
    random, market = np.random.default_rng(1), a_market(*[1] * 150)
    for step in range(3000):
        there = market.needs()
        if len(there) < 400 and random.random() < 0.55:
            market.insert(random.choice(150, 8, replace=False), 3 - random.random(8), 0.8, budget=UNBOUNDED)
        elif len(there):
            market.remove(int(random.choice(there)), budget=UNBOUNDED)
        if step % 300 == 299:
            assert faults(market) == []
            assert total(market) == pytest.approx(best_total(market), abs=1e-7)


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 2**32 - 1), budget=st.integers(1, 4))
def test_a_search_that_is_cut_off_leaves_feasible_duals_and_can_be_gone_on_with(seed, budget):
    random, market = np.random.default_rng(seed), Market(60)
    for _ in range(120):
        shake(market, random, budget=budget)

    before = total(market)

    assert faults(market) == []
    assert before < best_total(market) + 1e-7
    assert market.catch_up(UNBOUNDED) == 0
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


def test_the_same_events_give_the_same_market_to_the_bit():
    twins = [Market(60), Market(60)]
    for market in twins:
        random = np.random.default_rng(7)
        for _ in range(300):
            shake(market, random, budget=3, rounded=1)

    one, other = (b"".join(array.tobytes() for array in market.graph) for market in twins)
    assert one == other


def test_a_need_waits_where_waiting_is_worth_more():
    market = a_market(1)

    need = market.insert(*listing({0: 0.4}), hold=0.5)

    assert market.slot_of(need) == NOBODY


def test_the_price_of_a_slot_is_what_one_more_unit_would_be_worth():
    market = a_market(1)
    market.insert(*listing({0: 0.9}))
    market.insert(*listing({0: 0.6}))

    assert market.graph.price[0] == pytest.approx(0.6)


def test_who_is_worth_more_elsewhere_makes_room():
    market = a_market(1, 1)
    first = market.insert(*listing({0: 1.0, 1: 0.9}))

    second = market.insert(*listing({0: 1.0}))

    assert (market.slot_of(first), market.slot_of(second)) == (1, 0)


def test_of_equal_slots_the_one_of_the_lower_number_is_taken():
    market = a_market(1, 1, 1)

    assert market.slot_of(market.insert(np.array([2, 1]), np.array([0.5, 0.5]))) == 1


def test_of_equal_needs_the_one_of_the_lower_number_is_taken():
    market = a_market(0)
    needs = [market.insert(*listing({0: 0.5})) for _ in range(3)]

    market.set_room(0, 1)

    assert [market.slot_of(need) for need in needs] == [0, NOBODY, NOBODY]


def test_a_leased_pair_is_gone_and_the_rest_stays_the_best():
    random, market = np.random.default_rng(3), a_market(*[1] * 30)
    for _ in range(60):
        market.insert(random.choice(30, 6, replace=False), random.random(6))

    needs, slots = market.pairs()

    assert [market.lease(int(need)) for need in needs[:10]] == slots[:10].tolist()
    assert faults(market) == []
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


def test_without_agents_needs_wait_and_are_served_when_somebody_comes():
    market = Market()
    need = market.insert(*listing({3: 0.5}))
    waited = market.slot_of(need) == NOBODY

    market.set_room(3, 1)

    assert waited
    assert market.slot_of(need) == 3


def test_a_need_that_nobody_may_serve_waits():
    market = a_market(1)

    assert market.slot_of(market.insert(NONE, np.zeros(0))) == NOBODY


def test_when_an_agent_vanishes_whom_they_had_goes_to_the_next_best():
    market = a_market(1, 1)
    need = market.insert(*listing({0: 0.9, 1: 0.5}))

    market.set_room(0, 0)

    assert market.slot_of(need) == 1


def test_an_agent_who_vanishes_while_offered_is_not_found_again_when_the_need_returns():
    market = a_market(1, 1)
    slot = market.lease(market.insert(*listing({0: 0.9, 1: 0.5})))

    market.set_room(slot, 0)
    again = market.insert(*listing({0: 0.9, 1: 0.5}))

    assert (slot, market.slot_of(again)) == (0, 1)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_pair_whose_value_is_no_finite_number_is_not_allowed(value):
    market = a_market(1, 1)

    assert market.slot_of(market.insert(*listing({0: value, 1: 0.1}), hold=np.nan)) == 1


def test_more_slots_than_a_need_may_list_leave_the_best():
    market = a_market(*[1] * 100)

    need = market.insert(np.arange(100), np.arange(100.0))

    assert market.graph.degree[need] == MOST_LISTED
    assert market.slot_of(need) == 99


def test_who_has_left_is_not_found():
    market = a_market(1)
    need = market.insert(*listing({0: 1.0}))
    market.remove(need)

    with pytest.raises(NotFound, match="no need has the number 0"):
        market.remove(need)
    with pytest.raises(NotFound):
        market.lease(5)


def test_who_waits_has_no_slot_to_lease():
    market = a_market(0)

    with pytest.raises(NotFound, match="waits"):
        market.lease(market.insert(*listing({0: 1.0})))


def test_a_slot_below_zero_is_refused():
    with pytest.raises(BadInput, match="got -2"):
        Market().insert(np.array([-2]), np.array([1.0]))


def test_beyond_what_the_market_may_hold_a_need_is_refused_and_the_market_unharmed():
    market = Market(1, most_waiting=2)
    needs = [market.insert(*listing({0: 1.0})) for _ in range(2)]

    with pytest.raises(Overloaded, match="2 needs"):
        market.insert(*listing({0: 1.0}))
    market.remove(needs[0])

    assert market.insert(*listing({0: 1.0})) == needs[0]
    assert faults(market) == []
