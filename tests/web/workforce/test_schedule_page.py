"""Who works when: a week of everybody's shifts, by team, with who is away and who has none."""

from datetime import UTC, date, datetime

import pytest

from browser.filled import fill
from rapport.clock import FakeClock
from rapport.errors import BadInput
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Profile
from rapport.web.workforce.schedule_page import week_asked, week_of
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words
from web.workforcework import give_shifts

MONDAY = date(2026, 3, 2)
EVA = Agent("eva", "Eva", team="desk", shift=("mon-fri 09:00-14:00", "mon 16:00-19:00", "2026-03-05 off"))
IKER = Agent("iker", "Iker", team="it", timezone="Europe/Madrid", shift=("sat 22:00-06:00",))
CENTRE = Centre(
    Profile(zone="America/Mexico_City"),
    agents={one.id: one for one in (EVA, IKER, Agent("noor", "Noor", team="it"), Agent("robi", bot=True))},
)


@pytest.mark.pure
def test_a_week_says_when_each_works_and_how_many_work_each_day():
    page = week_of(CENTRE, MONDAY, MONDAY, "")

    eva, iker = page.rows
    assert [cell.hours for cell in eva.cells][:2] == [("09:00–14:00", "16:00–19:00"), ("09:00–14:00",)]
    assert [cell.away for cell in eva.cells] == [False, False, False, True, False, False, False]
    assert (eva.hours, iker.hours, iker.zone, iker.cells[5].hours) == (23.0, 8.0, "Europe/Madrid", ("22:00–06:00",))
    assert page.people == (1, 1, 1, 0, 1, 1, 0)
    assert page.without == ("Noor",)


@pytest.mark.pure
def test_a_team_is_seen_alone():
    assert [row.id for row in week_of(CENTRE, MONDAY, MONDAY, "it").rows] == ["iker"]


@pytest.mark.pure
@pytest.mark.parametrize(("said", "monday"), [("", MONDAY), ("2026-03-08", MONDAY), ("2026-03-09", date(2026, 3, 9))])
def test_a_week_begins_on_its_monday(said, monday):
    assert week_asked(said, date(2026, 3, 3)) == monday


@pytest.mark.pure
@pytest.mark.parametrize("said", ["soon", "2029-01-01", "0001-01-01"])
def test_a_week_that_is_none_or_far_away_is_refused_with_the_value(said):
    with pytest.raises(BadInput, match=said):
        week_asked(said, date(2026, 3, 3))


@pytest.mark.anyio
@pytest.mark.parametrize(("language", "title"), [("es", "Quién trabaja cuándo"), ("en", "Who works when")])
async def test_a_planner_sees_the_week_and_an_agent_does_not(store, tenant, language, title):
    await fill(store, tenant)
    await give_shifts(store, tenant)
    office = an_office(store, clock=FakeClock(datetime(2026, 3, 3, 18, 5, tzinfo=UTC)))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        said = words(await client.get(f"/workforce/schedule?lang={language}"))
        await sign_in(client, office, tenant, "agent", "irene")
        refused = await client.get("/workforce/schedule")

    assert title in said
    assert "Irene Villaseñor" in said
    assert "08:00–16:00" in said
    assert refused.status_code == 403
