"""Rosters where clocks differ and change: rest and hours in real time, days as they are where each agent is."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from rapport.errors import BadInput
from rapport.matching.duty.rostering import Rostered, as_it_stands, rostered
from rapport.matching.duty.turns import turns_from
from rapport.matching.shifts import zone_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Profile
from rapport.web.workforce.intraday import STEP, series_of
from rapport.web.workforce.roster_asked import RosterAsked, workers_of
from rapport.web.workforce.roster_made import made
from rapport.web.workforce.roster_written import nights, take, unlawful

MADRID, MEXICO = "Europe/Madrid", "America/Mexico_City"
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Sundays on which Madrid changes its clocks; Mexico City has none
NIGHT = np.array([[0, 16]])  # midnight to eight


def a_centre(zone, *agents, **profile):
    return Centre(Profile(zone=zone, **profile), agents={one.id: one for one in agents})


def a_series(before, opens=6, slots=32, level=2):
    days = [before - timedelta(days=n) for n in range(21, 0, -1)]
    found = [(datetime(day.year, day.month, day.day, opens) + n * STEP, level, 0) for day in days for n in range(slots)]
    return series_of(found, before)


def worked(agent, texts, centre, first, days=9):
    return turns_from(agent, texts, centre.agents[agent].timezone or centre.profile.zone, first, days)


@pytest.mark.parametrize("home", [MADRID, MEXICO])
@pytest.mark.parametrize("sunday", [SPRING, AUTUMN])
def test_a_week_over_a_change_of_clocks_with_people_in_two_zones_is_legal_and_taken_over_as_it_is_shown(home, sunday):
    # From 06:00 in Madrid it is the evening before in Mexico City; until 22:00 there it is the next morning in Madrid.
    people = [Agent(name, timezone=zone) for name, zone in (("ana", MADRID), ("ben", MADRID), ("mar", MEXICO), ("nel", MEXICO))]
    centre, monday = a_centre(home, *people), sunday - timedelta(days=3)
    today = monday - timedelta(days=4)
    found = made(a_series(today), centre, {}, RosterAsked(monday, every=240), shares=[], work=300.0, within=60.0, today=today)
    after = rostered(found.take, centre, today)
    turns = {name: worked(name, texts, centre, monday - timedelta(days=1)) for name, texts in after.items()}
    zone = zone_of(home)
    shown = {row.agent: sorted(text for text in row.turns if text) for row in found.rows}
    begin = {name: sorted(f"{turn.begins.astimezone(zone):%H:%M}" for turn in each) for name, each in turns.items()}

    assert found.wrong == ""
    assert sum(map(len, turns.values())) + len(found.left_open) == 20
    assert {name: [text[:5] for text in each] for name, each in shown.items()} == begin
    assert all(turn.hours == 8.0 for each in turns.values() for turn in each)
    assert all(
        b.begins - a.ends >= timedelta(hours=11) for each in turns.values() for a, b in zip(each, each[1:], strict=False)
    )
    assert {turn.begins.astimezone(zone).date() for each in turns.values() for turn in each} <= set(found.days)


def test_the_night_that_lacks_an_hour_is_shorter_and_none_is_counted_as_longer():
    def of(zone, sunday):
        return nights([sunday + timedelta(days=n) for n in (-2, -1, 0, 1, 3)], zone)

    assert of(MADRID, SPRING) == (48, 46, 48, 96)
    assert of(MADRID, AUTUMN) == (48, 48, 48, 96)
    assert of(MEXICO, SPRING) == of(MEXICO, AUTUMN) == (48, 48, 48, 96)


@pytest.mark.parametrize(("sunday", "open_hours"), [(SPRING, []), (AUTUMN, ["00:00"])])
def test_a_night_of_nine_hours_leaves_the_one_shift_open_that_is_too_much(sunday, open_hours):
    # Five nights of eight hours are 40; with the hour that the clocks go back, 41.
    centre = a_centre(MADRID, Agent("ana"), week_hours=40.0)
    days, today = [sunday - timedelta(days=n) for n in (5, 3, 2, 1, 0)], sunday - timedelta(days=9)
    people, works = workers_of(centre, RosterAsked(days[0]), ("",)), {"ana": [0] * 5}
    left = unlawful(people, works, days, NIGHT, timedelta(0), centre, days, today)
    after = rostered(take(people, works, days, NIGHT, timedelta(0), centre), centre, today)["ana"]

    assert [one.at for one in left] == open_hours
    assert [one.says for one in left] == ["ana would work 41 hours in week 43 of 2026; 40 are the most."] * len(open_hours)
    assert sum(turn.hours for turn in worked("ana", after, centre, days[0])) == (39.0 if sunday == SPRING else 32.0)


def test_rest_over_the_night_that_lacks_an_hour_is_reckoned_in_real_time():
    # Saturday to 21:00, Sunday from 08:00: eleven hours by the wall, ten in truth; the next week eleven.
    ana, saturday = Agent("ana"), SPRING - timedelta(days=1)
    centre, days = a_centre(MADRID, ana), (f"{saturday}", f"{SPRING}")
    turns = ((f"{saturday}", 13 * 60, 21 * 60), (f"{SPRING}", 8 * 60, 16 * 60))

    with pytest.raises(BadInput, match="ana would rest 10 hours before 2026-03-29; 11 are needed"):
        rostered(Rostered(days, {"ana": turns}), centre, date(2026, 3, 20))


def test_what_begins_on_another_day_of_the_centre_stays_and_the_evening_before_is_written():
    # Monday 06:00 in Madrid is Sunday 22:00 in Mexico City; Sunday 10:00 there is Sunday 18:00 in Madrid, not of this roster.
    mar = Agent("mar", timezone=MEXICO, shift=("sun 08:00-10:00", "mon 22:00-23:00"))
    centre, day = a_centre(MADRID, mar), date(2026, 3, 9)
    turns = (("2026-03-08", 23 * 60, 31 * 60),)
    asked = Rostered((f"{day}",), {"mar": turns}, {"mar": as_it_stands(mar, centre, [day])})
    after = rostered(asked, centre, date(2026, 3, 3))["mar"]
    found = worked("mar", after, centre, date(2026, 3, 8), 2)

    assert [text for text in after if text[:4] == "2026"] == [
        "2026-03-08 08:00-10:00", "2026-03-08 23:00-07:00", "2026-03-09 22:00-23:00",
    ]  # fmt: skip
    assert found[1].begins == datetime(2026, 3, 9, 5, tzinfo=UTC)


def test_a_shift_that_begins_on_another_day_of_the_centre_is_refused():
    mar, day = Agent("mar", timezone=MEXICO), date(2026, 3, 9)
    centre = a_centre(MADRID, mar)

    with pytest.raises(BadInput, match="not within the days of the roster"):
        rostered(Rostered((f"{day}",), {"mar": (("2026-03-09", 23 * 60, 31 * 60),)}), centre, date(2026, 3, 3))


def test_leave_is_that_of_the_day_where_the_agent_is():
    # Away on Sunday in Mexico City: what begins on Monday at 06:00 in Madrid is on Sunday there.
    mar = Agent("mar", timezone=MEXICO, shift=("2026-03-08 off",))
    centre, monday, today = a_centre(MADRID, mar), date(2026, 3, 9), date(2026, 3, 3)
    found = made(a_series(today), centre, {}, RosterAsked(monday, every=240), shares=[], work=300.0, within=60.0, today=today)
    after = rostered(found.take, centre, today)["mar"]

    assert found.wrong == ""
    assert "2026-03-08 off" in after
    assert not [text for text in after if text.startswith("2026-03-08 2")]
