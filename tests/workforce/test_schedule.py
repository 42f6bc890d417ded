"""Schedules and rosters: bounds by hand, what is short counted anew, and rules that are never broken."""

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.workforce import roster_cp
from rapport.workforce.open_shifts import reasons
from rapport.workforce.reference_week import reference_week
from rapport.workforce.roster import OFF, Rules, roster
from rapport.workforce.schedule import Group, Week, bound, schedule
from rapport.workforce.shortage import shortages

EARLY_LATE = np.array([[1, 1, 0, 0], [0, 0, 1, 1]])
SPANS = np.array([[0, 2], [2, 4]])


def a_week(groups, required):
    return Week(tuple(Group(frozenset(skills), agents, shifts) for skills, agents, shifts in groups), EARLY_LATE, required)


def test_what_can_be_met_is_met():
    required = np.tile([[[1, 1, 1, 1]]], (2, 1, 1))

    found = schedule(a_week([([0], 2, 2)], required))

    assert (found.short, found.bound) == (0.0, pytest.approx(0.0, abs=1e-6))
    assert found.shifts.sum() == 4


def test_one_who_can_do_both_is_not_counted_twice():
    # Two streams need one each all day, and there is one person: of 2 x 4 slots at least 6 stay short.
    required = np.ones((1, 2, 4), int)

    found = schedule(a_week([([0, 1], 1, 1)], required))

    assert found.short == 6.0
    assert found.bound == pytest.approx(6.0)


def test_the_reference_week_is_the_published_one_and_its_bound_too():
    week = reference_week()

    assert week.required.sum() == 6501
    assert len(week.templates) == 51


@pytest.mark.slow
def test_the_reference_week_is_within_two_and_a_half_percent_of_its_bound():
    least, _ = bound(reference_week())
    found = schedule(reference_week())

    assert least == pytest.approx(257.65, abs=0.01)
    assert found.gap <= 0.025


def test_why_a_week_cannot_be_met_is_told_in_numbers():
    required = np.tile([[[3, 1, 1, 9]]], (2, 1, 1))

    found = shortages(a_week([([0], 2, 2)], required))

    assert ("heads", 0, 3, 9, 2) in [(one.kind, one.day, one.slot, one.required, one.there) for one in found]
    assert [(one.required, one.there) for one in found if one.kind == "hours"] == [(28, 8)]


def test_more_shifts_than_days_are_refused():
    with pytest.raises(BadInput, match="9 shifts cannot be worked in 2 days"):
        schedule(a_week([([0], 2, 9)], np.ones((2, 1, 4), int)))


def test_nobody_works_early_after_late_and_what_nobody_may_take_stays_open():
    counts = np.array([[0, 1], [1, 0]])  # a late one, then an early one

    alone = roster(counts, SPANS, np.zeros((1, 2, 2)), Rules(day_slots=4, rest_slots=3, shifts=5))
    both = roster(counts, SPANS, np.zeros((2, 2, 2)), Rules(day_slots=4, rest_slots=3, shifts=5))

    assert alone.left_open.sum() == 1
    assert both.left_open.sum() == 0
    assert sorted(both.works.tolist()) == [[OFF, 0], [1, OFF]]


def test_wishes_are_kept_where_they_can_be_and_locked_shifts_always():
    counts = np.array([[1, 1]])
    costs = np.array([[[0.0, 5.0]], [[5.0, 0.0]]])

    free = roster(counts, SPANS, costs, Rules(4, 1, 5))
    locked = roster(counts, SPANS, costs, Rules(4, 1, 5), locked={(0, 0): 1})

    assert free.works.tolist() == [[0], [1]]
    assert locked.works.tolist() == [[1], [0]]


def test_locked_shifts_that_break_a_rule_are_told_apart_from_too_little_time():
    counts, costs = np.array([[1, 1], [1, 1]]), np.zeros((1, 2, 2))
    broken = roster(counts, SPANS, costs, Rules(4, 3, 5), locked={(0, 0): 1, (0, 1): 0})
    late = roster(np.tile(counts, (4, 1)), SPANS, np.zeros((30, 8, 2)), Rules(4, 3, 5), seconds=0.0)

    assert (broken.cost, late.cost) == (np.inf, 0.0)
    assert late.left_open.sum() == 16


def test_who_is_ill_is_replaced_with_the_least_change():
    counts = np.array([[1, 0], [1, 0]])
    before = np.array([[0, 0], [OFF, OFF], [OFF, OFF]])
    changed = np.array([[[float(before[a, d] != k) for k in range(2)] for d in range(2)] for a in range(3)])
    may = np.ones((3, 2, 2), bool)
    may[0, 1] = False

    found = roster(counts, SPANS, changed, Rules(4, 1, 5), may=may)

    assert found.works[0].tolist() == [0, OFF]
    assert (found.works[1:, 1] == 0).sum() == 1
    assert found.left_open.sum() == 0


def test_late_shifts_are_shared_and_not_left_to_one():
    counts = np.array([[1, 1]] * 4)
    late = np.array([[False, True]] * 4)
    costs = np.zeros((2, 4, 2))
    costs[1, :, 1] = 1.0  # the second minds the late ones more

    alone = roster(counts, SPANS, costs, Rules(4, 0, 5))
    shared = roster(counts, SPANS, costs, Rules(4, 0, 5), even=[late])

    assert (alone.works == 1).sum(axis=1).tolist() == [4, 0]
    assert (shared.works == 1).sum(axis=1).tolist() == [2, 2]


def test_why_a_shift_stays_open_is_told_for_each_person():
    counts = np.array([[0, 1], [2, 0]])
    may = np.ones((3, 2, 2), bool)
    may[1] = False
    may[2, 1] = False
    rules = Rules(day_slots=4, rest_slots=3, shifts=5)
    costs = np.zeros((3, 2, 2))
    costs[2] = 50.0

    made = roster(counts, SPANS, costs, rules, may=may, locked={(0, 0): 1})

    assert made.left_open.tolist() == [[0, 0], [2, 0]]
    assert reasons(made, SPANS, rules, may, 1, 0) == {"rest": 1, "away": 2}


def a_roster_of(by):
    rng = np.random.default_rng(4)
    spans = np.array([[0, 16], [0, 16], [8, 24], [16, 32]])
    counts = rng.multinomial(5, [0.3, 0.2, 0.3, 0.2], 7)
    costs = rng.integers(0, 6, (8, 7, 1)).repeat(4, axis=2).astype(float) + np.array([0, 0, 1, 3])
    may = rng.random((8, 7, 1)).repeat(4, axis=2) > 0.1
    locked = {(0, 0): int(np.flatnonzero(counts[0])[0]), (1, 3): OFF}
    late = np.tile([False, False, False, True], (7, 1))
    made = roster(counts, spans, costs, Rules(32, 16, 5, 5), may=may, locked=locked, even=[late], by=by)
    return made, counts, spans, may, locked


def test_a_roster_breaks_no_rule_and_proves_that_there_is_none_better():
    made, counts, spans, may, locked = a_roster_of("highs")

    assert made.gap == 0.0
    for kind in range(4):  # those of one span but another break stay apart
        assert ((made.works == kind).sum(axis=0) + made.left_open[:, kind]).tolist() == counts[:, kind].tolist()
    assert ((made.works != OFF).sum(axis=1) <= 5).all()
    assert all(may[a, d, made.works[a, d]] or (a, d) in locked for a in range(8) for d in range(7) if made.works[a, d] != OFF)
    assert [made.works[place] for place in locked] == list(locked.values())
    rests = [
        spans[made.works[a, d + 1], 0] + 32 - spans[made.works[a, d], 1]
        for a in range(8)
        for d in range(6)
        if OFF not in (made.works[a, d], made.works[a, d + 1])
    ]
    assert min(rests) >= 16


@pytest.mark.slow
@pytest.mark.skipif(not roster_cp.THERE, reason="the extra schedule is not installed")
def test_constraint_programming_proves_the_same_cost():
    one, other = a_roster_of("highs")[0], a_roster_of("cp_sat")[0]

    assert (other.cost, other.left_open.sum(), other.gap) == (pytest.approx(one.cost), one.left_open.sum(), 0.0)
    broken = roster(
        np.ones((2, 2), int), SPANS, np.zeros((1, 2, 2)), Rules(4, 3, 5), locked={(0, 0): 1, (0, 1): 0}, by="cp_sat"
    )
    assert broken.cost == np.inf


def test_a_solver_that_is_not_there_is_said_with_what_to_install(monkeypatch):
    monkeypatch.setattr(roster_cp, "THERE", False)
    with pytest.raises(BadInput, match=r"pip install 'rapport\[schedule\]'"):
        roster(np.ones((1, 2), int), SPANS, np.zeros((1, 1, 2)), Rules(4, 1, 5), by="cp_sat")
    with pytest.raises(BadInput, match="--by is highs or cp_sat, got 'gurobi'"):
        roster(np.ones((1, 2), int), SPANS, np.zeros((1, 1, 2)), Rules(4, 1, 5), by="gurobi")


@pytest.mark.parametrize(
    "by", ["highs", pytest.param("cp_sat", marks=pytest.mark.skipif(not roster_cp.THERE, reason="no extra schedule"))]
)
def test_a_night_that_lacks_an_hour_is_a_shorter_rest_and_closed_days_are_a_longer_one(by):
    # To 22:00, then from 09:00: eleven hours by the wall, ten where the clock goes forward, more over a closed day.
    spans, counts = np.array([[28, 44], [18, 34]]), np.array([[1, 0], [0, 1]])
    rules = {night: Rules(48, 22, 5, nights=(night,)) for night in (46, 48, 96)}
    made = {night: roster(counts, spans, np.zeros((1, 2, 2)), of, by=by) for night, of in rules.items()}
    day, kind = np.argwhere(made[46].left_open)[0].tolist()

    assert [int(one.left_open.sum()) for one in made.values()] == [1, 0, 0]
    assert reasons(made[46], spans, rules[46], np.ones((1, 2, 2), bool), day, kind) == {"rest": 1}
