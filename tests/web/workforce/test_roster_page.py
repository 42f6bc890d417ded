"""The roster page: made from the forecast for who answers people, legal beside what stands, taken over; and what cannot be."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import msgspec
import pytest

from browser.filled import fill
from rapport.clock import FakeClock
from rapport.errors import BadInput
from rapport.matching.duty.rostering import rostered
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Profile
from rapport.web.workforce.intraday import STEP, series_of
from rapport.web.workforce.known_days import HOLIDAY, days_ahead
from rapport.web.workforce.roster_asked import RosterAsked, asked_for
from rapport.web.workforce.roster_made import made
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words
from web.workforcework import fill_weeks, give_shifts

NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)
TODAY = date(2026, 3, 3)
NIGHT = "2026-03-08 14:00-23:30"
PEOPLE = {
    "ana": Agent("ana", shift=("mon-fri 09:00-17:00", NIGHT), attributes={"languages": ["es"]}),
    "ben": Agent("ben", shift=("mon-fri 12:00-20:00", "2026-03-10 off"), attributes={"languages": ["es", "en"]}),
    "cas": Agent("cas", shift=(), timezone="America/Cancun", attributes={"languages": ["en"]}),
    "bot": Agent("bot", bot=True),
    "hal": Agent("hal", role="auditor", attributes={"languages": ["en"]}),
}


def a_series(level=6.0):
    days = [TODAY - timedelta(days=n) for n in range(21, 0, -1)]
    found = [
        (datetime(day.year, day.month, day.day, 8) + n * STEP, int(level), 0)
        for day in days
        if day.weekday() < 5
        for n in range(24)
    ]
    return series_of(found, TODAY)


@cache
def usual():
    return a_roster()


def a_roster(asked=None, people=PEOPLE, level=6.0, **profile):
    centre = Centre(Profile(zone="America/Mexico_City", **profile), agents=people)
    asked = asked or RosterAsked(date(2026, 3, 9), every=120)
    return made(
        a_series(level), centre, {}, asked, shares=[("es", 0.7), ("en", 0.3)], work=300.0, within=60.0, today=TODAY
    ), centre


def test_a_week_has_names_that_are_legal_beside_what_stands_and_can_be_taken_over():
    found, centre = usual()
    after = rostered(found.take, centre, TODAY)

    assert [day.weekday() for day in found.days] == [0, 1, 2, 3, 4]
    assert [row.agent for row in found.rows] == ["ana", "ben", "cas"]
    assert found.short >= found.bound - 1e-6
    assert found.roster_gap == 0.0
    assert (found.wrong, len(found.take.days)) == ("", 7)
    assert "2026-03-14 free" in after["ana"]
    ana, ben, _ = found.rows
    assert ana.turns[0] == "" or ana.turns[0] >= "10:30"  # 11 hours after Sunday's night
    assert ben.turns[1] == ""  # the day off that stands
    assert sum(bool(turn) for row in found.rows for turn in row.turns) + len(found.left_open) == 14
    assert [text for text in after["ben"] if text.startswith("2026-03-10")] == ["2026-03-10 off"]
    assert "mon-fri 09:00-17:00" in after["ana"]


def test_a_shift_that_would_break_a_rule_beside_what_stands_stays_open_and_the_others_can_be_taken_over():
    # 24 hours of this week stand already: of five shifts of eight hours, two are within 40.
    ana = Agent("ana", shift=("2026-03-09 08:00-20:00", "2026-03-10 08:00-20:00"))
    found, centre = a_roster(RosterAsked(date(2026, 3, 11), every=120), {"ana": ana}, week_hours=40.0)
    after = rostered(found.take, centre, TODAY)["ana"]
    said = [one.says for one in found.left_open]

    assert found.wrong == ""
    assert "ana would work 48 hours in week 11 of 2026; 40 are the most." in said
    assert sum(f"2026-03-{day}" in text and "free" not in text for text in after for day in range(11, 16)) == 2


def test_who_has_another_clock_is_rostered_by_their_own():
    found, _ = usual()
    cas = next(row for row in found.rows if row.agent == "cas")
    day, begin, _ = found.take.turns["cas"][0]
    first = next(turn for turn in cas.turns if turn)

    assert day in found.take.days
    assert begin == int(first[:2]) * 60 + int(first[3:5]) + 60  # an hour ahead of Mexico City


def test_a_demand_that_no_roster_can_meet_is_said_in_numbers():
    found, _ = a_roster(level=60.0)
    heads = [one for one in found.lacks if one.kind == "heads"]
    hours = [one for one in found.lacks if one.kind == "hours"]

    assert heads[0].required > heads[0].there == 3
    assert hours[0].required > hours[0].there == 14 * 7.5
    assert found.short > 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"days": ("2026-03-03",)}, "from tomorrow on"),
        ({"days": ("soon",)}, "written as 2026-03-03"),
        ({"turns": {"eve": ()}}, "no agent eve"),
        ({"turns": {"ana": (("2026-03-21", 540, 1020),)}}, "not within the days"),
        ({"turns": {"ana": (("2026-03-09", 540, 540),)}}, "not within the days"),
        ({"turns": {"ana": (("2026-03-09", 240, 720),)}}, "would rest 4.5 hours before 2026-03-09"),
        ({"turns": {"ana": tuple((f"2026-03-{9 + n:02d}", 660, 1380) for n in range(5))}}, "would work 60 hours in week 11"),
    ],
)
def test_a_roster_that_would_break_a_rule_is_not_taken_over(wrong, says):
    found, centre = usual()

    with pytest.raises(BadInput, match=says):
        rostered(msgspec.structs.replace(found.take, **wrong), centre, TODAY)


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"first": "2026-03-03"}, "begins tomorrow or later"),
        ({"first": "monday"}, "a day such as 2026-03-09"),
        ({"hours": "99"}, "hours is a number from 1 to 12, got '99'"),
        ({"pause": "20"}, "go by 30 minutes"),
        ({"shifts": "many"}, "shifts is a number from 1 to 7, got 'many'"),
    ],
)
def test_what_cannot_be_asked_for_is_named(said, says):
    with pytest.raises(BadInput, match=says):
        asked_for(said, TODAY)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"asked": RosterAsked(date(2026, 3, 9), hours=12.0)}, "5 shifts are 60 hours in a week; 48 are the most"),
        ({"asked": RosterAsked(date(2026, 3, 9), hours=0.5, pause=30)}, "does not fit into a day"),
        ({"people": {"bot": PEOPLE["bot"]}}, "0 answer people here"),
    ],
)
def test_what_cannot_be_rostered_is_named(given, says):
    with pytest.raises(BadInput, match=says):
        a_roster(**given)


def test_holidays_are_closed_where_they_always_were_and_days_like_others_where_not():
    open_days = [date(2026, 2, day) for day in range(2, 28) if date(2026, 2, day).weekday() < 5]
    known = {date(2026, 2, 9): [HOLIDAY], date(2026, 3, 16): [HOLIDAY]}
    without = [day for day in open_days if day != date(2026, 2, 9)]

    assert date(2026, 3, 16) in days_ahead(open_days, known, date(2026, 3, 12), 4)[0]
    days, closed = days_ahead(without, known, date(2026, 3, 12), 4)
    assert days == [date(2026, 3, 13), date(2026, 3, 17), date(2026, 3, 18), date(2026, 3, 19)]
    assert closed == [date(2026, 3, 16)]


@pytest.mark.anyio
async def test_a_planner_makes_a_roster_and_takes_it_over(store, tenant):
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=14)
    await give_shifts(store, tenant)
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        page = await client.get("/workforce/roster?lang=es&make=1&hours=8&every=240")
        said = words(page)
        form = {name: page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "roster")}
        answer = await client.post("/workforce/roster", data=form | {"roster": form["roster"].replace("&#34;", '"')})
        wrong = words(await client.get("/workforce/roster?lang=es&make=1&hours=99"))
        async with office.memory["roster asked for"]:
            second = await client.get("/workforce/roster?lang=es&make=1")

    assert "Quién trabaja cuándo" in said
    assert "Irene Villaseñor" in said
    assert (answer.status_code, office.intake.acts[-1]["do"]) == (303, "take_roster")
    assert '"days":["2026-03-09"' in office.intake.acts[-1]["argument"]
    assert "las horas de un turno: un número de 1 a 12" in wrong
    assert (second.status_code, "se está haciendo otro cuadrante" in words(second)) == (409, True)
