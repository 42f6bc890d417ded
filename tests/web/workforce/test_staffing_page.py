"""Staffing, sites and what programs ask: people and the curve of what if, what a resolution costs where, bursts and swaps."""

import re
from datetime import UTC, datetime
from types import SimpleNamespace

import msgspec
import pytest

from browser.filled import fill
from rapport.clock import FakeClock
from rapport.errors import BadInput
from rapport.ledger.tables import write_rows
from rapport.measures.handling import AgentHandling, Handling
from rapport.model.agent import Agent
from rapport.model.burst import Burst
from rapport.model.centre import Profile
from rapport.model.ids import named_id
from rapport.model.site import Site
from rapport.web.languages import retell
from rapport.web.workforce.sites_page import compared, compared_now, load_asked, measured
from rapport.web.workforce.staffing_page import asked_for
from web.officework import a_browser, a_token, an_office, body, sign_in
from web.test_pages import words
from web.workforcework import fill_weeks, give_shifts

NOON = datetime(2026, 3, 3, 18, 5, tzinfo=UTC)  # Tuesday, 12:05 in Mexico City
HERE = Site("here", 20.0, resolved=0.9, languages=("es",), notes="Knows the hotels.")
FAR = Site("far", 14.0, shore="off_shore", slower=1.3, resolved=0.6)


def test_the_cheaper_hour_is_the_dearer_resolution_where_half_come_again():
    page = compared((FAR, HERE), 30.0, 300.0, 20.0)

    assert [one.site.id for one in page.sites] == ["here", "far"]
    assert page.by_hour == ("far", "here")
    assert page.sites[1].people > 1.5 * page.sites[0].people


def test_who_holds_three_at_a_time_makes_a_resolution_a_third_as_dear():
    # 60 conversations of 300 s in a half-hour, 120 in an hour: 3.33 erlangs of people who hold three, so four of them at 10.
    read = SimpleNamespace(handle_seconds=300.0, places=3.0, within=900.0)
    site = Site("here", 10.0, resolved=1.0, shrinkage=0.0)

    page = compared_now(read, Profile(sites=(site,), currency="MXN"), 60 * 300 / 1800 / 3, {})

    assert page.sites[0].people == 4
    assert page.sites[0].cost == pytest.approx(40 / 120)
    assert (page.handle_seconds, page.currency) == (300.0, "MXN")


def test_more_work_than_can_be_counted_up_is_refused_in_both_languages():
    with pytest.raises(BadInput, match="at far, 20 times as long .* are 2000000; 20000 are the most") as wrong:
        compared((Site("far", 14.0, slower=20.0, resolved=0.05),), 5000.0, 300.0, 20.0)

    assert "son 2000000; el máximo es 20000" in retell("es", str(wrong.value))


def test_what_agents_of_a_site_took_stands_beside_once_fifty_have_ended():
    agents = {name: Agent(name, attributes={"site": "here"}) for name in ("ana", "bob")} | {"eva": Agent("eva")}
    each = {
        "ana": AgentHandling("ana", handling=Handling(40, 200.0)),
        "bob": AgentHandling("bob", handling=Handling(20, 500.0)),
    }
    found = measured(agents, each)

    assert found == {"here": (2, 60, 300.0)}
    assert compared((HERE,), 5.0, 300.0, 20.0, found).sites[0].measured == 300.0
    assert compared((HERE,), 5.0, 300.0, 20.0, {"here": (2, 49, 300.0)}).sites[0].measured is None


@pytest.mark.parametrize("change", [{"cost_per_hour": 0}, {"resolved": 0.04}, {"shrinkage": 1}, {"slower": -1}])
def test_a_site_that_cannot_be_is_refused_with_its_name_and_the_limits(change):
    said = {"sites": [{"id": "far", "cost_per_hour": 10} | change]}

    with pytest.raises(msgspec.ValidationError, match="of site 'far' is .*above 0") as wrong:
        msgspec.json.decode(msgspec.json.encode(said), type=Profile)
    assert "de la sede 'far' es" in retell("es", f"this cannot be saved: {wrong.value}")


@pytest.mark.parametrize(("name", "value"), [("target", "100"), ("shrinkage", "-1"), ("patience", "x"), ("cost", "nan")])
def test_what_cannot_be_reckoned_with_is_refused_with_the_value(name, value):
    with pytest.raises(BadInput, match=f"{name} is a number from .*{value}"):
        asked_for({name: value}, 0.0)
    with pytest.raises(BadInput, match="load is a number of erlangs"):
        load_asked(value if name != "target" else "6000")


@pytest.fixture
async def office(store, tenant):
    await fill(store, tenant)
    await fill_weeks(store, tenant, NOON, days=14)
    await give_shifts(store, tenant)
    burst = Burst(named_id(NOON, "burst"), NOON, NOON, "real", usual=2.0, came=90, above=80)
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Burst: {burst.id: burst}})
    return an_office(store, clock=FakeClock(NOON))


@pytest.mark.anyio
async def test_a_planner_sees_people_to_schedule_the_curve_and_what_is_refused(office, tenant):
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        page = words(await client.get("/workforce/staffing?lang=es&target=90&cost=12"))
        none = words(await client.get("/workforce/sites?lang=es"))
        wrong = await client.get("/workforce/staffing?lang=en&target=200&cost=12&patience=7")
        busy = await client.get("/workforce/staffing?lang=es&at=03:07")

    assert "Personas por programar hoy:" in page
    assert "personas se cumple la meta." in page
    assert "El centro todavía no nombra ninguna sede." in none
    assert wrong.status_code == 400
    assert "target is a number from 1 to 99.9" in wrong.text
    assert 'value="200" required aria-invalid="true" aria-describedby="wrong-target"' in wrong.text
    assert re.search('name="cost"[^>]* value="12"', wrong.text)
    assert re.search('name="patience"[^>]* value="7"', wrong.text)
    assert "People to schedule today:" in words(wrong)
    assert busy.status_code == 400
    assert 'name="at" aria-invalid="true"' in busy.text


@pytest.mark.anyio
async def test_a_load_that_is_none_stands_again_beside_why(office, tenant):
    said = msgspec.json.encode({"id": "centre", "sites": [msgspec.to_builtins(HERE)]})
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "planner")
        await office.intake.set_things(tenant, [("centre", "centre", said)], by="test")
        answer = await client.get("/workforce/sites?lang=es&load=0")

    assert answer.status_code == 400
    assert 'value="0" required aria-invalid="true" aria-describedby="wrong-load"' in answer.text
    assert "y se recibió &#39;0&#39;" in words(answer)
    assert "<strong>" in answer.text.partition('id="sites"')[2]  # what a resolution costs, by the day's own load


@pytest.mark.anyio
async def test_programs_read_the_day_bursts_shifts_and_days_again_and_ask_for_swaps(office, tenant):
    planner = await a_token(office, tenant, "planner", "paula")
    agent = await a_token(office, tenant, "agent", "irene")
    async with a_browser(office) as client:
        day, bursts, shifts, everybody, again, sites = [
            body(await client.get(path, headers=planner))
            for path in (
                "/api/workforce",
                "/api/workforce/bursts",
                "/api/shifts",
                "/api/shifts/everybody?days=2",
                "/api/workforce/replay?day=2026-03-02&more=-3&after=12",
                "/api/workforce/sites?load=20",
            )
        ]
        asked = await client.post("/api/shifts/swaps", json={"day": "2026-03-06", "begin": 480}, headers=agent)
        nine = await client.post("/api/shifts/swaps", json={"day": "2026-03-06", "begin": "nine"}, headers=agent)
        not_theirs = await client.post(f"/api/shifts/swaps/{'0' * 32}/decide", json={"do": "approve"}, headers=agent)

    assert day["day"]["history"] == 12
    assert [(one["id"], one["came"]) for one in bursts] == [(named_id(NOON, "burst").hex(), 90)]
    assert shifts["to_decide"] == []
    assert {one["agent"] for one in everybody} == {"irene", "noor", "xo", "lupe"}
    assert again["verdict"]["changes"][0]["name"] == "in_time"
    assert isinstance(again["confirmed"], bool)
    assert sites["currency"] == Profile().currency
    assert (asked.status_code, nine.status_code, not_theirs.status_code) == (200, 400, 403)
    assert office.intake.acts[-1]["do"] == "ask_swap"
