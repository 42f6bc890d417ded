"""A series from records: any interval, and what is odd is said."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.workforce.series import count_of, from_records
from workforce.seriesmade import HALF_HOUR, MONDAY, rates, records

FIVE = timedelta(minutes=5)


def fives(days: int, a_day: int = 24) -> list[tuple[datetime, float]]:
    return [(MONDAY + timedelta(days=day) + n * FIVE, 2.0) for day in range(days) for n in range(a_day)]


def test_short_intervals_are_added_up_and_a_last_one_that_is_not_whole_is_left_out():
    series = from_records(fives(3, a_day=25), HALF_HOUR)

    assert series.counts.shape == (3, 4)
    assert (series.counts == 12.0).all()
    assert series.opens == timedelta(hours=8)


def test_a_closed_day_is_not_a_day_of_zeros():
    series = from_records([one for one in records(rates(10)) if one[0].day != 7], HALF_HOUR)

    assert series.days == 9
    assert series.counts.min() > 0


def test_missing_intervals_are_filled_at_the_level_of_their_day_and_said():
    whole = records(rates(10))
    series = from_records([*whole[:25], *whole[27:]], HALF_HOUR)

    assert series.counts[1, 5:7] == pytest.approx(rates(10)[1, 5:7], rel=0.1)
    assert series.notes == ("2 intervals are missing on 1 days and filled: 2026-01-06",)


def test_a_change_of_interval_is_added_up_where_that_can_be_done_and_refused_where_not():
    later = [(MONDAY + timedelta(days=5 + day) + n * HALF_HOUR, 12.0) for day in range(5) for n in range(4)]

    series = from_records([*fives(5), *later], HALF_HOUR)

    assert (series.counts == 12.0).all()
    assert "the interval changes between" in series.notes[0]
    with pytest.raises(BadInput, match="changes from 5 min to 30 min"):
        from_records([*fives(5), *later], FIVE)


def test_records_cannot_be_told_by_a_shorter_interval_than_their_own():
    with pytest.raises(BadInput, match="30 min apart"):
        from_records(records(rates(3)), timedelta(minutes=15))


def test_an_hour_that_stands_twice_is_added_up_and_said():
    series = from_records([*fives(3), (MONDAY, 2.0)], HALF_HOUR)

    assert series.counts[0, 0] == 14.0
    assert "stand twice" in series.notes[0]


def test_a_count_far_out_of_the_usual_is_kept_and_said():
    counts = rates(200)
    counts[7, 3] = 1e7

    assert (
        "1 days have a count of more than 100 times the usual: 2026-01-14" in from_records(records(counts), HALF_HOUR).notes[0]
    )


@pytest.mark.parametrize("text", ["-3", "nan", "inf", "1e12", "seven", ""])
def test_a_count_that_cannot_be_is_refused_with_its_place(text):
    with pytest.raises(BadInput, match="line 7"):
        count_of(text, "calls.csv, line 7")


def test_an_empty_series_is_refused():
    with pytest.raises(BadInput, match="at least two"):
        from_records([], HALF_HOUR)


def test_what_is_filled_never_makes_a_count_that_is_no_number():
    gone = [one for one in records(np.zeros((10, 20))) if one[0].hour != 9 or one[0].day != 6]

    assert np.isfinite(from_records(gone, HALF_HOUR).counts).all()
