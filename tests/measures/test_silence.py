"""Silence: told when it is longer than an account's history makes plausible, and not of a night that is always quiet."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rapport.measures.silence import HOUR, SLOT, silence

MEXICO = ZoneInfo("America/Mexico_City")
MONDAY = datetime(2026, 3, 2, 6, tzinfo=UTC)  # midnight in Mexico City
NOON = timedelta(hours=12)


def office_hours(slots: int, weeks: int = 8) -> dict[datetime, int]:
    """A history in which so many slots of each hour from 9 to 18 on working days were alive, up to MONDAY."""
    days = [MONDAY - timedelta(days=n) for n in range(1, 7 * weeks + 1)]
    working = [day for day in days if day.astimezone(MEXICO).weekday() < 5]
    return {day + hour * HOUR: slots for day in working for hour in range(9, 18)}


def test_a_night_that_is_always_quiet_is_no_alarm():
    evening = MONDAY - timedelta(days=3) + timedelta(hours=18)  # Friday

    assert silence(office_hours(12), evening, MONDAY + 9 * HOUR, MEXICO).chance == 1.0


def test_a_busy_account_is_missed_within_half_an_hour_and_a_slow_one_in_a_day():
    start = MONDAY + NOON

    assert silence(office_hours(12), start, start + timedelta(minutes=30), MEXICO).is_implausible
    assert not silence(office_hours(1), start, start + timedelta(hours=5), MEXICO).is_implausible
    assert silence(office_hours(1), start, start + timedelta(days=2), MEXICO).is_implausible


def test_the_chance_is_that_of_so_many_silent_slots_times_the_silences_of_a_day():
    """By hand: 4 of 12 slots in 8 Mondays' hours, one silent slot more: p = 32/97; six slots; 40 hours of 5 days a week."""
    heard = office_hours(4)
    a_day = sum(heard.values()) / ((MONDAY + NOON - min(heard)) / timedelta(days=1))

    found = silence(heard, MONDAY + NOON, MONDAY + NOON + HOUR / 2, MEXICO)

    assert found.chance == pytest.approx(min(1.0, (1 - 32 / 97) ** 6 * a_day))


def test_nothing_is_said_of_an_account_that_is_known_for_less_than_a_week():
    start = MONDAY - timedelta(days=2)
    heard = {start + n * HOUR: 12 for n in range(48)}

    assert silence(heard, MONDAY, MONDAY + timedelta(days=5), MEXICO).chance == 1.0
    assert silence({}, MONDAY, MONDAY + timedelta(days=5), MEXICO).chance == 1.0


def test_hours_are_those_of_the_centres_own_clock_when_clocks_change():
    zone, spring = ZoneInfo("Europe/Madrid"), datetime(2026, 3, 30, 7, tzinfo=UTC)  # 9:00, the day after clocks went forward
    winter = [spring - timedelta(days=n) + HOUR for n in range(1, 57)]  # 9:00 in winter is 8:00 UTC
    heard = {day + hour * HOUR: 12 for day in winter if day.astimezone(zone).weekday() < 5 for hour in range(9)}

    assert silence(heard, spring - timedelta(days=2, hours=13), spring, zone).chance == 1.0
    assert silence(heard, spring, spring + HOUR, zone).is_implausible


def test_of_a_thousand_days_that_follow_their_own_history_hardly_any_is_an_alarm():
    """Simulated: messages by chance, at a rate that follows the hour of the day; the promise is one day in a thousand."""
    chance = np.random.default_rng(1)
    alive = 1 - np.exp(-np.repeat([0.2] * 8 + [6.0] * 10 + [1.0] * 6, 12) / 12)  # the chance of each slot of a day
    past, days = (chance.random((56, 288)) < alive).reshape(56, 24, 12).sum(axis=2), 1000
    heard = {
        MONDAY - timedelta(days=56 - int(day)) + int(hour) * HOUR: int(past[day, hour])
        for day, hour in zip(*np.nonzero(past), strict=True)
    }
    live = np.flatnonzero(chance.random(288 * days) < np.tile(alive, days))
    quiet = np.add.reduceat(np.tile(np.log1p(-alive), days), live)[:-1]  # how improbable each silence between two is
    worst = np.argsort(quiet)[:50]

    alarms = 0
    for gap in worst:
        since = MONDAY + int(live[gap] % 288) * SLOT
        alarms += silence(heard, since, since + int(live[gap + 1] - live[gap]) * SLOT, MEXICO).is_implausible

    assert alarms <= 3
    assert silence(heard, MONDAY + NOON, MONDAY + NOON + 4 * HOUR, MEXICO).is_implausible
