"""From arrival to decision: the best slots by sorting everything, and the market's answer for one and for many."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from matching.engine.marketwork import UNBOUNDED, a_group, an_open_market, best_total, faults, total
from rapport.errors import Overloaded
from rapport.matching.engine.arrival import LEAST_FREE, arrive, best_pairs
from rapport.matching.engine.graph import MOST_LISTED, NOBODY
from rapport.matching.engine.market import Market


def listed(group, holds, spare):
    row, slots, values = best_pairs(group, np.arange(group.count), holds, spare)
    return [slots[row == need].tolist() for need in range(group.count)], values


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), rounded=st.sampled_from([1, 6]), slots=st.integers(60, 200))
def test_the_best_slots_are_listed_and_of_equals_the_first(seed, rounded, slots):
    scores = np.round(np.random.default_rng(seed).random((5, slots)), rounded).astype(np.float32)

    found, _ = listed(a_group(scores), np.zeros(5), np.zeros(slots, int))

    expected = [sorted(np.lexsort((np.arange(slots), -row))[:MOST_LISTED].tolist()) for row in scores]
    assert found == expected


def test_where_the_best_are_taken_some_of_those_who_are_free_are_listed_too():
    scores = np.arange(300, 0, -1)[None] / 300
    spare = np.zeros(300, int)
    spare[200:] = 1

    found, _ = listed(a_group(scores), np.zeros(1), spare)

    assert found == [[*range(MOST_LISTED - LEAST_FREE), *range(200, 200 + LEAST_FREE)]]


def test_who_is_free_but_worth_less_than_waiting_does_not_push_anybody_out():
    scores = np.arange(300, 0, -1)[None] / 300
    spare = np.zeros(300, int)
    spare[200:] = 1

    found, _ = listed(a_group(scores), np.ones(1), spare)

    assert found == [[*range(MOST_LISTED)]]


def test_who_is_free_but_not_allowed_is_not_listed():
    scores = np.arange(300, 0, -1)[None] / 300
    scores[0, 201:] = np.nan
    spare = np.zeros(300, int)
    spare[200:] = 1

    found, _ = listed(a_group(scores), np.zeros(1), spare)

    assert found == [[*range(MOST_LISTED - 1), 200]]


@pytest.mark.parametrize("slots", [10, 100])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_pairs_whose_worth_is_no_finite_number_are_never_listed(slots, value):
    scores = np.full((2, slots), value)
    scores[0, 5] = 0.5

    found, values = listed(a_group(scores), np.zeros(2), np.ones(slots, int))

    assert found == [[5], []]
    assert values.tolist() == [0.5]


def test_needs_that_come_at_once_are_placed_as_well_as_can_be():
    random = np.random.default_rng(4)
    market, group = an_open_market(40), a_group(random.random((300, 40)))

    arrive(market, group, random.random(300) / 2, budget=UNBOUNDED)

    assert faults(market) == []
    assert total(market) == pytest.approx(best_total(market), abs=1e-7)


def test_needs_that_come_one_by_one_and_at_once_end_alike():
    random = np.random.default_rng(5)
    scores, holds = random.random((200, 40)), random.random(200) / 2
    single, together = an_open_market(40), an_open_market(40)

    arrive(together, a_group(scores), holds, budget=UNBOUNDED)
    for row in range(200):
        arrive(single, a_group(scores[row : row + 1]), holds[row : row + 1], budget=UNBOUNDED)

    assert single.pairs()[0].tolist() == together.pairs()[0].tolist()
    assert single.pairs()[1].tolist() == together.pairs()[1].tolist()


def test_only_those_who_may_be_asked_are():
    market, who = an_open_market(9), np.array([2, 7])

    numbers = arrive(market, a_group([[0.1, 0.2], [0.1, 0.9]], who), np.zeros(2))

    assert [market.slot_of(number) for number in numbers] == [2, 7]


def test_a_need_for_which_nobody_may_be_asked_waits():
    market = an_open_market(3)

    numbers = arrive(market, a_group(np.zeros((1, 0)), np.zeros(0, int)), np.zeros(1))

    assert market.slot_of(int(numbers[0])) == NOBODY


def test_four_thousand_at_once_are_all_in_the_market():
    random = np.random.default_rng(6)
    market = an_open_market(50)

    numbers = arrive(market, a_group(random.random((4000, 50))), np.zeros(4000))

    assert len(set(numbers.tolist())) == 4000
    assert len(market.pairs()[0]) == 50
    assert faults(market) == []


def test_a_market_that_is_full_takes_in_nothing_of_the_block():
    market = Market(1, most_waiting=3)

    with pytest.raises(Overloaded, match="3 may be"):
        arrive(market, a_group(np.ones((4, 1))), np.zeros(4))

    assert market.waiting == 0
