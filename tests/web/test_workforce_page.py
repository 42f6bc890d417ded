"""The workforce page: forecast, people needed and there, what if, and the look back; with history and without."""

from datetime import UTC, datetime

import pytest

from browser.filled import fill
from rapport.clock import FakeClock
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words
from web.workforcework import fill_weeks, give_shifts

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)  # Tuesday, 12:05 in Mexico City


@pytest.fixture
async def planner(store, tenant):
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=14)
    await give_shifts(store, tenant)
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        yield client


async def test_a_planner_sees_the_forecast_who_is_needed_and_the_shifts(planner):
    said = words(await planner.get("/workforce?lang=es"))

    assert "Pronóstico del día" in said
    assert "con 12 días de historia" in said
    assert "Irene Villaseñor · 08:00–16:00" in said
    assert "Ana Quiroz ·" not in said


async def test_an_agent_sees_no_shifts_but_their_own(planner, store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "agent", "irene")
        said = words(await client.get("/workforce?lang=en"))
        await sign_in(client, office, tenant, "agent", "ofelia")
        without = words(await client.get("/workforce?lang=es"))

    assert "Your shifts of today" in said
    assert "Irene Villaseñor · 08:00–16:00" in said
    assert "Noor" not in said
    assert "Hoy no tiene turno." in without


async def test_fewer_people_are_tried_and_other_chance_confirms_the_verdict(planner):
    said = words(await planner.get("/workforce?lang=en&more=-3&after=12"))

    assert "Answered in time:" in said
    assert "Other chance gave the same verdict." in said


async def test_nobody_more_changes_nothing_and_says_so(planner):
    said = words(await planner.get("/workforce?lang=en&more=0&after=12"))

    assert "Nothing can be promised" in said


async def test_the_look_back_stands_beside_what_planners_do(planner):
    said = words(await planner.get("/workforce/look-back?lang=en"))

    assert "over 2 days, each half-hour" in said
    assert "Mean of four weeks instead" in said


@pytest.mark.parametrize(("more", "after"), [("many", "18"), ("4", "25"), ("9999", "18"), ("", "4")])
async def test_what_cannot_be_tried_is_refused_with_the_value(planner, more, after):
    answer = await planner.get(f"/workforce?lang=en&more={more}&after={after}")

    assert answer.status_code == 400


async def test_without_history_the_page_says_what_is_missing(store, tenant):
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        said = words(await client.get("/workforce?lang=en"))

    assert "There is not enough history for a forecast yet." in said


async def test_a_burst_is_told_with_what_to_do(store, tenant):
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=14, burst=4.0, level=4.0)
    office = an_office(store, clock=FakeClock(NOON))
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        said = words(await client.get("/workforce?lang=es"))

    assert "Una avalancha desde las" in said
    assert "respuesta de espera" in said
