"""Budgets: replies go first, a bucket fills again, and what the network says counts more than what we reckoned."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from contracts.channel import NOW
from rapport.channels.budget import KEPT, Budget, Lane, back_filling
from rapport.errors import Unavailable

MINUTE = timedelta(minutes=1)


def a_budget(limit: float = 10.0) -> Budget:
    budget = Budget()
    budget.allow("read", limit, MINUTE, NOW)
    return budget


def spent(budget: Budget, lane: Lane, at=NOW) -> int:
    """How often a lane may ask before it is told to wait."""
    for times in range(1000):
        try:
            budget.spend("read", lane, at)
        except Unavailable:
            return times
    raise AssertionError("nothing ever ends it")


def test_what_no_bucket_knows_of_is_not_limited():
    Budget().spend("anything", Lane.BACKFILL, NOW, cost=1e9)


def test_each_lane_leaves_what_is_kept_for_those_before_it():
    assert [spent(a_budget(), lane) for lane in Lane] == [10, 7, 4]


def test_replies_still_go_when_reading_may_not():
    budget = a_budget()
    spent(budget, Lane.POLL)

    assert spent(budget, Lane.REPLY) == 3


def test_the_refusal_says_when_the_bucket_is_full_again_and_then_it_is():
    budget = a_budget(1.0)
    budget.spend("read", Lane.REPLY, NOW)

    with pytest.raises(Unavailable) as refused:
        budget.spend("read", Lane.REPLY, NOW + timedelta(seconds=20))
    assert refused.value.retry_after == timedelta(seconds=40)
    budget.spend("read", Lane.REPLY, NOW + MINUTE)


def test_after_a_long_silence_the_next_end_lies_ahead():
    budget = a_budget()
    spent(budget, Lane.REPLY)
    late = NOW + timedelta(hours=5, seconds=30)

    budget.spend("read", Lane.REPLY, late)

    assert late < budget.buckets["read"].resets_at <= late + MINUTE


def test_the_network_knows_better_what_is_left_and_until_when():
    budget = a_budget()
    budget.told("read", 1.0, NOW, NOW + timedelta(seconds=5))

    assert spent(budget, Lane.REPLY) == 1
    budget.spend("read", Lane.REPLY, NOW + timedelta(seconds=5))


def test_a_bucket_that_was_empty_when_it_was_first_heard_of_opens_again():
    budget = Budget()
    budget.told("posts", 0.0, NOW, NOW + MINUTE)

    with pytest.raises(Unavailable):
        budget.spend("posts", Lane.REPLY, NOW)
    budget.spend("posts", Lane.REPLY, NOW + MINUTE)


@given(st.lists(st.tuples(st.sampled_from(list(Lane)), st.floats(0.1, 3.0), st.integers(0, 90)), max_size=60))
def test_no_lane_ever_takes_what_is_kept_for_others(asked):
    budget, at = a_budget(), NOW
    for lane, cost, seconds in asked:
        at += timedelta(seconds=seconds)
        try:
            budget.spend("read", lane, at, cost)
        except Unavailable:
            continue
        assert budget.buckets["read"].left >= KEPT[lane] * 10.0 - 1e-9


def test_what_is_read_of_the_past_leaves_more_to_what_is_new():
    with back_filling(True):
        past, answers = spent(a_budget(), Lane.POLL), spent(a_budget(), Lane.REPLY)
    with back_filling(False):
        new = spent(a_budget(), Lane.POLL)

    assert (past, answers, new, spent(a_budget(), Lane.POLL)) == (4, 10, 7, 7)
