"""Shifts: by the clock on the wall of the agent's zone, over midnight and over the change of the clocks."""

from datetime import UTC, datetime

import pytest

from rapport.errors import BadInput
from rapport.matching.shifts import is_on, next_start, read_shift

TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)


def on(texts, hour, minute=0, *, day=3, zone="UTC"):
    return is_on([read_shift(text) for text in texts], zone, TUESDAY.replace(day=day, hour=hour, minute=minute))


@pytest.mark.parametrize("text", ["mon-fri 09:00-18:00", "lun-vie 9:00-18:00", "Mié-Mar 09:00 - 18:00", "daily 09:00-18:00"])
def test_a_shift_is_on_from_its_start_until_before_its_end(text):
    assert [on([text], *at) for at in ((8, 59), (9, 0), (17, 59), (18, 0))] == [False, True, True, False]


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins():
    night = ["mon-tue 22:00-06:00"]

    assert [on(night, 23, day=2), on(night, 5, day=3), on(night, 23, day=3), on(night, 5, day=4)] == [True] * 4
    assert [on(night, 5, day=2), on(night, 23, day=4), on(night, 5, day=5)] == [False] * 3


def test_a_shift_is_by_the_wall_of_the_agents_zone():
    assert on(["mon-fri 09:00-18:00"], 15, zone="America/Mexico_City")
    assert not on(["mon-fri 09:00-18:00"], 9, zone="America/Mexico_City")


def test_after_the_clocks_change_a_shift_begins_an_hour_earlier_by_the_sun():
    shift = [read_shift("mon-fri 09:00-18:00")]
    friday = datetime(2026, 3, 27, 20, 0, tzinfo=UTC)  # Madrid changes its clocks on Sunday the 29th

    assert next_start(shift, "Europe/Madrid", friday) == datetime(2026, 3, 30, 7, 0, tzinfo=UTC)


def test_without_shifts_nothing_begins():
    assert next_start([], "UTC", TUESDAY) is None


@pytest.mark.parametrize(
    "text", ["", "always", "mon 9-18", "moon 09:00-18:00", "mon-xyz 09:00-18:00", "mon 25:00-26:00", "mon 09:70-10:00"]
)
def test_what_is_no_shift_is_refused_with_the_cure(text):
    with pytest.raises(BadInput, match="write days and times, as `mon-fri 09:00-18:00`"):
        read_shift(text)
