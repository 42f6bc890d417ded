"""The time as expressions see it: TaskRouter's by UTC, the clock's by the centre."""

from datetime import UTC, datetime

from rapport.matching.expression import parse
from rapport.matching.plan import plan_for
from rapport.matching.timing import times_of
from rapport.model.centre import Centre, Profile
from rapport.model.need import Plan, Step

TUESDAY = datetime(2026, 3, 3, 1, 5, tzinfo=UTC)  # still Monday, 19:05, in Mexico City


def test_the_same_moment_by_utc_and_by_the_centre():
    times = times_of(TUESDAY, "America/Mexico_City")

    assert times["taskrouter"] == {"currentTime": 105.0, "currentHour": 1.0, "currentMin": 5.0, "dayOfWeek": "Tue"}
    assert times["clock"] == {"time": 1905.0, "hour": 19.0, "minute": 5.0, "day": "Mon", "date": "2026-03-02"}


def test_a_number_may_begin_with_a_zero_as_taskrouter_writes_times():
    rule = parse("taskrouter.currentTime >= 0100 and taskrouter.currentTime = 0105 and taskrouter.dayOfWeek in ['Tue', 'THU']")

    assert rule({}, times_of(TUESDAY, "UTC"))


def test_a_plan_may_hold_by_the_clock_of_the_centre():
    night = Plan("night", (Step(),), when="clock.hour >= 19 or clock.hour < 7")
    centre = Centre(Profile(zone="America/Mexico_City"), plans={"night": night})

    assert plan_for(centre, {"kind": "chat"}, TUESDAY).id == "night"
    assert plan_for(centre, {"kind": "chat"}, TUESDAY.replace(hour=18)).id != "night"
