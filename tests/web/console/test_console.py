"""The console: who does what now, why nobody has what waits, and each form is the action that it says."""

import re
from datetime import timedelta

import msgspec
import pytest

from browser.filled import NOW, an_id
from rapport.ledger.tables import write_rows
from rapport.model.call import Call, CallState
from rapport.model.centre import Thing
from rapport.model.need import Plan, Step
from rapport.model.telling import Telling
from rapport.model.today import Today
from web.officework import PAGE, a_browser, a_token, an_office, body, sign_in
from web.test_pages import (
    own_desk as own_desk,  # noqa: PLC0414  # the fixture: a filled desk, and whoever sits there
    posted,
    words,
)

pytestmark = pytest.mark.anyio
WIFI = an_id("c", "wifi").hex()
PLAN = Plan("by-skill", (Step("team == 'Sistemas'", seconds=60.0), Step("")))
TODAY = Today(
    "plan/by-skill", {"priority": 5}, {"priority": 0}, "irene", "Llueve", NOW - timedelta(hours=1), NOW + timedelta(hours=3)
)  # fmt: skip


@pytest.fixture
async def centre(own_desk, store):
    """The hotel with a plan, something said to Ana alone, and something that is otherwise for today."""
    said = Telling(
        an_id("t", 1), bytes.fromhex(WIFI), "ana", "irene", "whisper", NOW - timedelta(minutes=1), "Ofrézcale el cable"
    )
    things = [
        Thing("plan/by-skill", msgspec.json.encode(PLAN), NOW),
        Thing("today/plan/by-skill", msgspec.json.encode(TODAY), NOW),
    ]
    async with store.within(own_desk.tenant) as db:
        await write_rows(db, own_desk.tenant, {Thing: {one.id: one for one in things}, Telling: {said.id: said}})
    return own_desk


async def test_the_console_shows_who_has_what_what_waits_and_why_and_what_is_otherwise(centre):
    said = words(await centre.get("/console?lang=en"))

    assert "Otherwise for today Plan By skill until" in said
    assert "Llueve · Irene Villaseñor" in said
    assert "Noor Baptiste-Oyelaran" in said
    assert "nobody who is here may be asked" in said or "may be asked" in said or "put to" in said


@pytest.mark.parametrize(("language", "called"), [("es", "Por habilidad"), ("en", "By skill")])
async def test_a_plan_that_we_ship_is_called_as_the_reader_speaks(centre, language, called):
    console, plan, listed = [
        await centre.get(f"{page}?lang={language}") for page in ("/console", "/console/plans/by-skill", "/centre/plan")
    ]

    assert re.search(rf'href="/console/plans/by-skill">.*{called}</a>', console.text)
    assert called in plan.text.partition("<h1")[2].partition("</h1>")[0]
    assert f'<td dir="auto">{called}</td>' in listed.text


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(
    "at",
    [
        "/console",
        "/console/part/now",
        "/console/agents/noor",
        "/console/agents/lupe",
        "/console/plans/by-skill",
        "/tellings/part",
    ]
    + [
        f"/console/watch/{WIFI}",
        f"/console/watch/{WIFI}/part/beside",
        f"/console/watch/{WIFI}/part/thread",
        f"/tellings/{WIFI}",
    ],
)
async def test_each_page_of_the_console_is_there_in_both_languages(centre, at, language):
    answer = await centre.get(f"{at}?lang={language}")

    assert answer.status_code == 200
    assert f'lang="{language}"' in answer.text or "<html" not in answer.text


async def test_who_waits_can_be_given_to_who_is_here(centre):
    page = (await centre.get("/console?lang=en")).text
    need = page.split("/console/needs/")[1][:32]
    await posted(centre, f"/console/needs/{need}", do="assign", to="noor", reason="Lo conoce")

    said = words(await centre.get(f"/console/needs/{need}?lang=en"))
    act = centre.office.intake.acts[-1]
    assert "Noor Baptiste-Oyelaran ·" in said
    assert (act["do"], act["argument"], act["reason"]) == ("assign", "noor", "Lo conoce")


async def test_the_editor_shows_what_was_set_and_says_that_it_is_otherwise(centre):
    said = words(await centre.get("/centre/plan/by-skill?lang=en"))

    assert "Otherwise until" in said
    assert "Llueve" in said


async def test_reading_along_is_on_record(centre):
    await centre.get(f"/console/watch/{WIFI}")

    act = centre.office.intake.acts[-1]
    assert (act["do"], act["conversation"].hex()) == ("watch", WIFI)


@pytest.mark.parametrize(
    ("at", "form", "do", "argument"),
    [
        ("/console/agents/noor", {"do": "away"}, "set_presence", "noor away"),
        ("/console/agents/noor", {"do": "home"}, "set_presence", "noor offline"),
        (f"/console/watch/{WIFI}", {"do": "whisper", "text": "x"}, "whisper", ""),
        (f"/console/watch/{WIFI}", {"do": "take_over", "text": "x"}, "take_over", ""),
        ("/console/today", {"id": "plan/by-skill"}, "end_today", "plan/by-skill"),
        (f"/tellings/{WIFI}", {"do": "seen", "tellings": "ab"}, "seen_tellings", "ab"),
        (f"/tellings/{WIFI}", {"do": "answer", "telling": "ab", "text": "x"}, "whisper_back", "ab"),
    ],
)
async def test_a_form_of_the_console_is_the_action_that_it_says(centre, at, form, do, argument):
    answer = await posted(centre, at, **form)

    act = centre.office.intake.acts[-1]
    assert answer.status_code == 303
    assert (act["do"], act.get("argument", "")) == (do, argument)


async def test_a_plan_of_the_form_says_only_what_differs_in_the_zone_of_the_centre(own_desk, store):
    async with store.within(own_desk.tenant) as db:
        thing = Thing("plan/by-skill", msgspec.json.encode(PLAN), NOW)
        await write_rows(db, own_desk.tenant, {Thing: {thing.id: thing}})
    form = {"seconds-0": "10", "also-0": "Recepción y estancia", "until": "2026-03-04T02:00", "why": "Llueve"}
    await posted(own_desk, "/console/plans/by-skill", **form)

    asked = msgspec.json.decode(own_desk.office.intake.acts[-1]["argument"])
    require = "(team == 'Sistemas') or team == 'Recepción y estancia'"
    assert asked["until"] == "2026-03-04T02:00:00-06:00"
    assert asked["set"].keys() == {"steps"}
    assert (asked["set"]["steps"][0]["seconds"], asked["set"]["steps"][0]["require"]) == (10.0, require)


async def test_who_is_sent_home_can_be_called_back_with_what_they_had(centre):
    gone = await posted(centre, "/console/agents/ana", do="home")
    undo = (await centre.get(gone.headers["location"])).text.split('name="undo" value="')[1].split('"')[0]
    before = len(centre.office.intake.acts)
    await posted(centre, "/console/undo", undo=undo)

    done = [(act["do"], act["argument"]) for act in centre.office.intake.acts[before:]]
    assert done[0][0] == "set_presence"
    assert all(one == ("give_back", "ana") for one in done[1:] if one[0] != "set_presence")
    assert len(done) > 1


async def test_programs_see_the_console_and_change_what_is_otherwise(centre, store):
    key = await a_token(centre.office, centre.tenant, role="supervisor", agent="irene")
    said = body(await centre.get("/api/console", headers=key))
    wanted = {"set": {"priority": 7}, "until": "2026-03-04T06:00:00Z", "why": "Llueve"}
    put = await centre.put("/api/console/today/plan/by-skill", json=wanted, headers=key)
    gone = await centre.delete("/api/console/today/plan/by-skill", headers=key)
    moved = await centre.post("/api/console/agents/noor/presence", json={"presence": "away"}, headers=key)

    told = said["today"][0]
    assert (told["thing"], told["name"], told["by"], told["fields"]) == ("plan", "by-skill", "irene", {"priority": ["0", "5"]})
    assert {"noor", "irene"} & {agent["id"] for agent in said["agents"]}
    assert [answer.status_code for answer in (put, gone, moved)] == [200, 200, 200]
    assert [act["do"] for act in centre.office.intake.acts[-3:]] == ["change_today", "end_today", "set_presence"]


async def test_an_agent_sees_what_was_said_to_them_alone_and_nobody_else_does(centre, store):
    mine = words(await centre.get("/tellings/part?lang=en"))
    async with a_browser(an_office(store, clock=centre.office.clock)) as other:
        await sign_in(other, centre.office, centre.tenant, "agent", "noor")
        theirs = words(await other.get(f"/tellings/{WIFI}?lang=en"))
        denied = await other.get("/console", headers=PAGE)

        key = await a_token(centre.office, centre.tenant, role="agent", agent="noor")
        by_program = body(await other.get(f"/api/conversations/{WIFI}/tellings", headers=key))

    assert by_program == []
    assert "Irene Villaseñor whispers to you" in mine
    assert "Ofrézcale el cable" in mine
    assert "Ofrézcale el cable" not in theirs
    assert denied.status_code == 403


async def test_a_running_call_is_not_taken_over_and_the_page_says_how_to_come_into_it(centre, store):
    call = Call(
        an_id("call", 1), "tel", "voice", "key", bytes.fromhex(WIFI), an_id("h", 1), NOW, CallState.TALKING, agent="ana"
    )
    async with store.within(centre.tenant) as db:
        await write_rows(db, centre.tenant, {Call: {call.id: call}})
        await db.execute(
            "update conversation set agent = 'noor' where tenant = $1 and id = $2", centre.tenant, bytes.fromhex(WIFI)
        )
    page = await centre.get(f"/console/watch/{WIFI}?lang=en")

    assert "A running call is not taken over" in words(page)
    assert 'value="take_over"' not in page.text
    assert "Please bring me into the call: call" in page.text
