"""The page of agents and the console where there are many of them: somebody is found, and nobody scrolls for ever."""

import json

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.agent import Agent, AgentNow, Presence
from rapport.web.centre import agents_page
from rapport.web.centre.agents_page import found_by
from rapport.web.measures import wallboard
from web.officework import a_browser, an_office, sign_in
from web.test_pages import words

TEAMS = [f"Cobranza {n:02}" for n in range(15)]
ANA = Agent("ana", "Ana Peña", team="Soporte técnico", attributes={"languages": ["es"], "skills": {"wifi": 0.9}})
BRUNO = Agent("bruno", "Bruno Salas", team="Ventas", attributes={"languages": ["en"], "skills": {"billing": 0.5}})


@pytest.fixture
async def admin(store, tenant):
    """An administrator's browser over a centre of fifteen teams, one agent each."""
    office = an_office(store)
    things = [
        ("agent", f"a{n:02}", json.dumps({"id": f"a{n:02}", "name": f"Xóchitl {n:02}", "team": team}).encode())
        for n, team in enumerate(TEAMS)
    ]
    await office.intake.set_things(tenant, things)
    async with a_browser(office) as client:
        await sign_in(client, office, tenant, "administrator", "root")
        yield client


@pytest.mark.pure
@pytest.mark.parametrize(
    ("asked", "team", "found"),
    [
        ("", "", ["ana", "bruno"]),
        ("pena", "", ["ana"]),
        ("TECNICO wifi", "", ["ana"]),
        ("en", "Ventas", ["bruno"]),
        ("wifi", "Ventas", []),
    ],
)
def test_agents_are_found_by_name_skill_and_team_accents_aside(asked, team, found):
    assert [one.id for one in found_by([ANA, BRUNO], asked, team)] == found


@pytest.mark.anyio
async def test_somebody_is_found_among_many_and_leads_to_what_is_set_of_them(admin):
    answer = await admin.get("/agents?lang=es&q=xochitl+07")

    said = words(answer)
    assert "1 de 15" in said
    assert "Xóchitl 07" in said
    assert "Xóchitl 08" not in said
    assert 'href="/centre/agent/a07"' in answer.text
    assert 'value="xochitl 07"' in answer.text


@pytest.mark.anyio
async def test_whoever_finds_nobody_is_told_so(admin):
    said = words(await admin.get("/agents?lang=en&q=nobody&team=Cobranza+01"))

    assert "No agent has that name or skill in that team." in said


@pytest.mark.anyio
async def test_of_very_many_agents_the_first_are_shown(admin, monkeypatch):
    monkeypatch.setattr(agents_page, "MOST_SHOWN", 5)

    said = words(await admin.get("/agents?lang=en"))

    assert "The first 5 of them; search to see fewer." in said
    assert "Xóchitl 05" not in said


@pytest.mark.anyio
async def test_many_teams_are_folded_on_the_console_but_the_one_that_is_looked_at(admin):
    many = await admin.get("/console?lang=en")
    one_of_them = await admin.get("/console?lang=en&team=Cobranza+03")

    assert "15 more teams" in words(many)
    assert "14 more teams" in words(one_of_them)
    assert "Cobranza 03" in one_of_them.text.partition("<details")[0]


@pytest.mark.anyio
async def test_the_wallboard_shows_the_first_of_many_who_are_present_and_how_many_more_there_are(
    admin, store, tenant, monkeypatch
):
    monkeypatch.setattr(wallboard, "MOST_ROWS", 2)
    present = {f"a{n:02}": AgentNow(f"a{n:02}", Presence.AVAILABLE) for n in range(5)}
    async with store.within(tenant) as db:
        await write_rows(db, tenant, {AgentNow: present})

    said = words(await admin.get("/wallboard?lang=en"))

    assert "Xóchitl 01" in said
    assert "Xóchitl 02" not in said
    assert "and 3 more; the console shows each team" in said
