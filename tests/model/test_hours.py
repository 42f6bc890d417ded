"""Opening hours: days, breaks, nights, the change of clocks, and what is refused. Times were worked out by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from rapport.model.hours import DAYS, check_hours, opening

MEXICO = ZoneInfo("America/Mexico_City")
MADRID = ZoneInfo("Europe/Madrid")
WEEK = {**dict.fromkeys(DAYS[:5], ("09:00-14:00", "16:00-18:30")), "sat": ("10:00-24:00",), "sun": ("00:00-02:00",)}


def mexico(day: int, clock: str) -> datetime:
    """A time in March 2026; the second was a Monday."""
    return datetime.fromisoformat(f"2026-03-{day:02}T{clock}").replace(tzinfo=MEXICO)


@pytest.mark.parametrize(
    ("at", "is_open", "until"),
    [
        (mexico(2, "09:00"), True, mexico(2, "14:00")),
        (mexico(2, "08:59"), False, mexico(2, "09:00")),
        (mexico(2, "14:00"), False, mexico(2, "16:00")),
        (mexico(6, "18:30"), False, mexico(7, "10:00")),
        (mexico(7, "23:59"), True, mexico(8, "02:00")),
        (mexico(8, "01:00"), True, mexico(8, "02:00")),
        (mexico(8, "02:00"), False, mexico(9, "09:00")),
    ],
)
def test_the_hours_of_a_week(at, is_open, until):
    assert opening(WEEK, at.astimezone(UTC), MEXICO) == (is_open, until)


def test_a_night_goes_on_past_midnight():
    night = {"fri": ("22:00-06:00",)}

    assert opening(night, mexico(7, "05:59"), MEXICO) == (True, mexico(7, "06:00"))
    assert opening(night, mexico(7, "06:00"), MEXICO) == (False, mexico(13, "22:00"))


def test_hours_are_those_of_the_wall_when_clocks_change():
    at = datetime(2026, 3, 29, 6, 30, tzinfo=UTC)  # 08:30 of the summer time that began in the night

    assert opening({"sun": ("08:00-09:00",)}, at, MADRID) == (True, datetime(2026, 3, 29, 7, tzinfo=UTC))


def test_without_hours_it_is_always_open():
    assert opening({}, mexico(2, "03:00"), MEXICO) == opening({"mon": ()}, mexico(2, "03:00"), MEXICO) == (True, None)


def test_whoever_never_closes_has_no_time_at_which_they_do():
    assert opening(dict.fromkeys(DAYS, ("00:00-24:00",)), mexico(4, "12:00"), MEXICO) == (True, None)


@pytest.mark.parametrize(
    ("day", "span"), [("monday", "09:00-18:00"), ("mon", "9-18"), ("mon", "09:00-25:00"), ("mon", "24:00-08:00")]
)
def test_what_cannot_be_read_is_refused(day, span):
    with pytest.raises(ValueError, match="hours"):
        check_hours({day: (span,)})


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC)))
def test_what_holds_until_a_time_is_over_then(at):
    now = opening(WEEK, at, MEXICO)

    assert now.until > at
    assert opening(WEEK, now.until, MEXICO).is_open is not now.is_open
    assert opening(WEEK, now.until - timedelta(microseconds=1), MEXICO).is_open is now.is_open
