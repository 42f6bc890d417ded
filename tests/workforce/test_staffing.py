"""Staffing: never below a pool's need, mended until it holds, and what cannot be is said."""

import pytest

from rapport.errors import BadInput
from rapport.workforce.staffing import Kind, Site, Stream, cost_per_resolution, scheduled, staffed, start

TWO = [Stream(7.29, 180.0), Stream(7.29, 180.0)]
KINDS = [Kind(frozenset({0})), Kind(frozenset({1})), Kind(frozenset({0, 1}), 1.05)]


def test_two_streams_of_ten_people_each_need_nineteen_as_one_pool():
    # reference: full pooling really needs 19, where pyworkforce's multi-skill example asks for 10.
    assert sum(start(TWO, KINDS, within=20, target=0.8)) == 19


def test_seats_are_added_until_every_stream_is_served():
    found = staffed(TWO, KINDS, within=20, target=0.8, served=lambda seats: [min(1.0, sum(seats) / 26)] * 2)

    assert sum(found.seats) == 21
    assert found.excess == pytest.approx(2 / 19)


def test_who_nobody_misses_is_taken_away_again_but_never_below_the_pool():
    found = staffed(TWO, [Kind(frozenset({0, 1}))], within=20, target=0.8, served=lambda seats: [1.0, 1.0])

    assert found.seats == (19,)


def test_a_beginning_from_shorter_runs_that_ends_far_above_one_pool_is_not_the_end_of_it():
    # 20 who can one stream each hold, and so do 19 of whom five can both: 20 is 5.3 % above the pool.
    found = staffed(TWO, KINDS, within=20, target=0.8, begin=(10, 10, 0), served=_with_five_who_can_both)

    assert found.seats == (7, 7, 5)


def _with_five_who_can_both(seats):
    holds = min(seats[:2]) + seats[2] >= (10 if sum(seats) > 19 else 12) and sum(seats) >= 19
    return [0.9 if holds else 0.7] * 2


def test_a_stream_that_nobody_can_serve_is_refused():
    with pytest.raises(BadInput, match="nobody can serve stream 1"):
        start(TWO, KINDS[:1], within=20, target=0.8)


def test_too_few_people_are_named_with_the_number():
    with pytest.raises(BadInput, match="need 19 people, and there are 12"):
        start(TWO, [Kind(frozenset({0, 1}), most=12)], within=20, target=0.8)


def test_shrinkage_is_added_to_the_seats():
    assert scheduled(70, 0.3) == 100
    with pytest.raises(BadInput, match="shrinkage"):
        scheduled(70, 1.0)


def test_a_cheaper_minute_may_be_a_dearer_resolution():
    near = cost_per_resolution(Site("near", 20.0, resolved=0.85), load=20, handle_seconds=300, within=20, target=0.8)
    far = cost_per_resolution(Site("far", 14.0, slower=1.35, resolved=0.6), load=20, handle_seconds=300, within=20, target=0.8)

    assert far[1] > near[1]
