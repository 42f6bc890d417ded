"""A roster is taken over: who has no week of their own, leave, and shifts that changed since it was made."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from matching.matchwork import Matchwork, an_agent
from rapport.matching.duty.rostering import Rostered, as_it_stands
from rapport.matching.strain import is_on_shift, limits_of
from rapport.model.centre import Profile

pytestmark = pytest.mark.pure
DAYS = (date(2026, 3, 5), date(2026, 3, 6))


def a_house(**shifts) -> Matchwork:
    house = Matchwork()
    house.set("centre", "centre", Profile())
    for name, shift in shifts.items():
        house.set("agent", name, msgspec.structs.replace(an_agent(name), shift=shift))
    return house


def take(house, stood=None, **turns):
    asked = Rostered(tuple(f"{day}" for day in DAYS), turns, stood or {})
    return house.act("pat", "take_roster", argument=msgspec.json.encode(asked).decode())


def stands(house, name):
    return house.rows.centre.agents[name].shift


def test_who_has_no_week_may_still_work_at_any_time_on_days_that_the_roster_does_not_name():
    house = a_house(ana=())
    take(house, ana=(("2026-03-05", 540, 1020),))
    limits = limits_of(house.rows.centre.agents["ana"], house.rows.centre)
    on = [is_on_shift(limits, datetime(2026, 3, day, hour, tzinfo=UTC)) for day in (3, 5, 6, 7) for hour in (3, 12)]

    assert stands(house, "ana") == ("2026-03-05 09:00-17:00", "2026-03-06 free")
    assert on == [True, True, False, True, False, False, True, True]


@pytest.mark.parametrize("word", ["off", "libre"])
def test_leave_stays_leave_and_nobody_is_rostered_on_it_but_on_a_day_that_a_roster_left_free(word):
    house = a_house(ana=(f"2026-03-06 {word}", "2026-03-05 free"))
    refused = take(house, ana=(("2026-03-06", 540, 1020),))
    take(house, ana=(("2026-03-05", 540, 1020),))

    assert refused.reason == "ana is away on 2026-03-06, and the roster has a shift for them."
    assert stands(house, "ana") == ("2026-03-05 09:00-17:00", "2026-03-06 off")


def test_shifts_that_changed_since_the_roster_was_made_are_not_overwritten_and_twice_the_same_is_once():
    house, turns = a_house(ana=("mon-fri 09:00-17:00",)), (("2026-03-05", 600, 1080),)
    stood = {"ana": as_it_stands(house.rows.centre.agents["ana"], house.rows.centre, DAYS)}
    house.set("agent", "ana", msgspec.structs.replace(an_agent("ana"), shift=("mon-fri 09:00-17:00", "2026-03-06 10:00-14:00")))
    late = take(house, stood, ana=turns)
    stood = {"ana": as_it_stands(house.rows.centre.agents["ana"], house.rows.centre, DAYS)}
    first, again = take(house, stood, ana=turns), take(house, stood, ana=turns)

    assert late.reason == "The shifts of ana have changed since this roster was made: make it again."
    assert type(first) is type(again)
    assert stands(house, "ana")[1:] == ("2026-03-05 10:00-18:00", "2026-03-06 free")


def test_a_week_that_is_otherwise_for_today_is_not_made_to_stay():
    house = a_house(ana=("mon-fri 09:00-17:00",))
    otherwise = {"thing": "agent", "name": "ana", "set": {"shift": ["mon-fri 10:00-18:00"]}, "why": "Fair"}
    house.act("pat", "change_today", argument=msgspec.json.encode({**otherwise, "until": "2026-03-03T23:00"}).decode())

    assert take(house, ana=(("2026-03-05", 540, 1020),)).reason == "The shift of ana is otherwise for today: end that first."
