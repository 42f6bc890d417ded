"""Business time: several periods a day, nights, holidays, and clocks that are set forward and back."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from rapport.conversations.targets.business import Calendar, after, between, working_days_after
from rapport.conversations.targets.calendar import calendar_of, knows_holidays
from rapport.model.centre import Profile
from rapport.model.target import Target

MADRID, MEXICO = ZoneInfo("Europe/Madrid"), ZoneInfo("America/Mexico_City")
SHOP = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), ("09:00-14:00", "16:00-18:00"))
NIGHT = {"sat": ("22:00-06:00",)}


def in_madrid(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


# Weeks around both changes of the clocks of 2026 in Madrid: 29 March, 25 October.
moments = st.one_of(
    *(
        st.integers(0, 20 * 1440).map(lambda minute, start=start: start + timedelta(minutes=minute))
        for start in (datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 10, 15, tzinfo=UTC))
    )
)
times = st.sampled_from(
    ["00:00-24:00", "09:00-14:00", "16:00-18:00", "22:00-06:00", "01:30-03:30", "02:00-02:30", "08:00-20:00"]
)
weeks = st.dictionaries(st.sampled_from(list(SHOP) + ["sat", "sun"]), st.tuples(times) | st.tuples(times, times), min_size=1)
calendars = st.builds(
    lambda hours, off: Calendar(MADRID, hours, lambda day: day.day % 7 == off), weeks | st.just({}), st.integers(0, 9)
)


def is_open(calendar: Calendar, at: datetime) -> bool:
    """By the wall clock, minute by minute: written another way than what is tested."""
    here = at.astimezone(calendar.zone)
    for day, spans in [(here.date() + timedelta(days=n), None) for n in (-1, 0)]:
        if calendar.is_off(day):
            continue
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        spans = calendar.hours.get(names[day.weekday()], ()) if any(calendar.hours.values()) else ("00:00-24:00",)
        for span in spans:
            begin, end = span.split("-")
            begin_at = datetime.fromisoformat(f"{day}T{begin}").replace(tzinfo=calendar.zone).astimezone(UTC)
            last = day if end > begin and end != "24:00" else day + timedelta(days=1)
            end_at = (
                datetime.fromisoformat(f"{last}T{end.replace('24:00', '00:00')}").replace(tzinfo=calendar.zone).astimezone(UTC)
            )
            if begin_at <= at < end_at:
                return True
    return False


@pytest.mark.slow
@given(calendars, moments, st.integers(0, 2 * 1440))
def test_what_lies_between_two_times_is_what_is_open_minute_by_minute(calendar, start, minutes):
    counted = sum(60 for n in range(minutes) if is_open(calendar, start + timedelta(minutes=n)))

    assert between(calendar, start, start + timedelta(minutes=minutes)) == counted


@given(calendars, moments, st.integers(1, 40 * 3600))
def test_when_so_much_has_passed_just_so_much_lies_between(calendar, start, seconds):
    end = after(calendar, start, seconds)

    if end is not None:
        assert between(calendar, start, end) == pytest.approx(seconds)
        assert is_open(calendar, end - timedelta(seconds=1))


@given(calendars, moments, st.integers(1, 20 * 3600), st.integers(1, 20 * 3600))
def test_first_so_much_and_then_so_much_is_both_together(calendar, start, one, two):
    middle = after(calendar, start, one)

    if middle is not None:
        assert after(calendar, middle, two) == after(calendar, start, one + two)


@pytest.mark.parametrize(
    ("hours", "start", "seconds", "end"),
    [
        (SHOP, "2026-03-03T13:30", 3600, "2026-03-03T16:30"),  # over the break at noon
        (SHOP, "2026-03-06T17:30", 3600, "2026-03-09T09:30"),  # over the weekend
        ({}, "2026-03-29T01:00", 3600 * 3, "2026-03-29T05:00"),  # clocks go forward: 02:00 to 03:00 is not
        ({}, "2026-10-25T01:00", 3600 * 3, "2026-10-25T03:00"),  # clocks go back: 02:00 to 03:00 is twice
        (NIGHT, "2026-03-28T23:00", 3600 * 6, "2026-03-29T06:00"),  # a night of seven hours, an hour of it gone
    ],
)
def test_a_span_ends_when_a_calendar_on_the_wall_says(hours, start, seconds, end):
    assert after(Calendar(MADRID, hours), in_madrid(start), seconds) == in_madrid(end)


def test_what_is_never_open_is_never_due():
    assert after(Calendar(MADRID, SHOP, lambda day: True), in_madrid("2026-03-03T10:00"), 60) is None
    assert working_days_after(Calendar(MADRID, SHOP, lambda day: True), in_madrid("2026-03-03T10:00"), 1) is None


def test_fifteen_working_days_in_spain_leave_out_weekends_and_public_holidays():
    law = Target("law", resolution="15wd", zone="Europe/Madrid", holidays="ES")
    calendar = calendar_of(law, Profile(hours=SHOP))

    # From Thursday 26 March 2026; Good Friday is 3 April (Boletín Oficial del Estado, calendar of 2026), a national holiday.
    assert working_days_after(calendar, in_madrid("2026-03-26T10:00"), 15) == in_madrid("2026-04-17T18:00")


def test_days_off_of_ones_own_and_the_zone_of_the_target_count():
    target = Target("x", first="1h", zone="America/Mexico_City", days_off=(date(2026, 3, 3),))
    calendar = calendar_of(target, Profile(zone="Europe/Madrid", hours=SHOP))

    due = after(calendar, datetime(2026, 3, 3, 16, tzinfo=UTC), 3600)

    assert due == datetime(2026, 3, 4, 10, tzinfo=MEXICO)


def test_a_country_without_holidays_is_told():
    assert knows_holidays("ES-MD")
    assert not knows_holidays("ATLANTIS")
