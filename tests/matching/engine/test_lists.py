"""Inverted lists beside a dictionary of lists."""

import numpy as np
from hypothesis import given, settings, strategies as st

from rapport.matching.engine.lists import Lists, rank


def test_rank_counts_within_each_run():
    assert rank(np.array([4, 4, 4, 1, 9, 9])).tolist() == [0, 1, 2, 0, 0, 1]
    assert rank(np.zeros(0, np.int64)).tolist() == []


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_is_listed_is_found_under_its_slot_until_it_is_stale(seed):
    random, lists = np.random.default_rng(seed), Lists(3)
    stands = np.full(5000, -1)
    for _ in range(60):
        count = int(random.integers(1, 80))
        entries = random.choice(np.flatnonzero(stands == -1), count, replace=False)
        stands[entries] = random.integers(0, 3, count)
        lists.add(stands[entries], entries, stands)
        stands[random.choice(5000, 60)] = -1

    for slot in range(3):
        found = lists.of(slot)
        assert sorted(set(found[stands[found] == slot])) == np.flatnonzero(stands == slot).tolist()


def test_a_slot_of_whose_needs_most_have_left_does_not_grow_for_ever():
    lists, stands = Lists(1), np.full(10, -1)
    for _ in range(5000):
        stands[3] = 0
        lists.add(np.array([0]), np.array([3]), stands)
        stands[3] = -1

    assert len(lists.entries) < 1000


def test_rebuilt_lists_hold_what_they_are_told_and_further_slots_nothing():
    lists = Lists(2)
    lists.rebuild(np.array([1, 0, 1]), np.array([9, 5, 2]))
    lists.grow(4)

    assert [lists.of(slot).tolist() for slot in range(4)] == [[5], [2, 9], [], []]
