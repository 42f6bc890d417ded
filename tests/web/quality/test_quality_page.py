"""Pages of quality reviews: who sees what and when, what a form becomes, what is refused, and the same for programs."""

from datetime import timedelta

import msgspec
import pytest

from browser.filled import NOW, an_id, fill
from rapport.clock import FakeClock
from rapport.ledger.tables import write_rows
from rapport.measures.quality.drawing import Draw
from rapport.model.interaction import Interaction
from rapport.model.reviewed import review_id, sample_id
from rapport.web.api import quality as api_quality
from web.officework import PAGE, a_browser, a_token, an_office, body, sign_in
from web.qualitywork import FAIR, GOOD, SAMPLE, fill_quality
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
TWICE, ENDED, OWN, SESSION = (an_id("item", name) for name in ("twice", "ended", "own", "session"))


@pytest.fixture
async def quality(store, tenant):
    """An office over the hotel with its reviews; `as_one(role, agent)` is a browser of somebody's."""
    await fill(store, tenant)
    await fill_quality(store, tenant)
    office = an_office(store, clock=FakeClock(NOW))
    async with a_browser(office) as client:

        async def as_one(role, agent):
            client.csrf = await sign_in(client, office, tenant, role, agent)
            return client

        client.as_one, client.office, client.tenant, client.db = as_one, office, tenant, store
        yield client


def acts(quality):
    return [(act["do"], act.get("argument", "").partition(" ")[0]) for act in quality.office.intake.acts]


async def test_a_reviewer_finds_what_others_did_and_never_their_own(quality):
    desk = await quality.as_one("reviewer", "ana")

    page = await desk.get("/quality?lang=es")

    assert TWICE.hex() in page.text
    assert SESSION.hex() in page.text
    assert OWN.hex() not in page.text
    assert "dos revisores, a ciegas" in words(page)
    assert "Sacarla" not in words(page)  # a reviewer draws nothing
    assert (await desk.get("/quality/agreement")).status_code == 403


async def test_the_second_reviewer_sees_nothing_of_the_first_and_neither_do_agent_and_supervisor(quality):
    for role, agent in (("reviewer", "ana"), ("supervisor", "sue"), ("supervisor", "noor")):
        page = await (await quality.as_one(role, agent)).get(f"/quality/items/{TWICE.hex()}?lang=en")
        assert "Only Irene and no other" not in page.text
    own = await (await quality.as_one("reviewer", "irene")).get(f"/quality/items/{TWICE.hex()}?lang=en")

    assert "Only Irene and no other" in own.text
    assert 'name="a.matter"' not in own.text


async def test_reviews_that_all_have_given_are_seen_by_who_took_part_and_by_the_agent(quality):
    desk = await quality.as_one("agent", "noor")

    listed = await desk.get("/quality/mine?lang=en")
    page = await desk.get(f"/quality/mine/{review_id(ENDED, 'irene').hex()}?lang=en")
    early = await desk.get(f"/quality/mine/{review_id(TWICE, 'irene').hex()}")

    assert review_id(ENDED, "irene").hex() in listed.text
    assert review_id(TWICE, "irene").hex() not in listed.text
    assert "Muy claro; falta decir cuándo." in page.text
    assert "Media respuesta." in page.text
    assert "I do not agree" not in words(page)  # appealed already
    assert early.status_code == 404
    assert acts(quality) == [("see_review", review_id(ENDED, "irene").hex())]
    stranger = await (await quality.as_one("agent", "lupe")).get(f"/quality/mine/{review_id(ENDED, 'irene').hex()}")
    assert stranger.status_code == 404


async def test_a_form_becomes_a_review_with_its_evidence_by_message(quality):
    desk = await quality.as_one("reviewer", "ana")
    page = await desk.get(f"/quality/items/{TWICE.hex()}")
    lines = page.text.partition('name="lines" value="')[2].partition('"')[0]
    answers = {f"a.{name}": said for name, said in GOOD.items()}

    given = await posted(
        desk, f"/quality/items/{TWICE.hex()}", lines=lines, do="give", coaching="Bien.",
        **answers, **{"e.right": "#2, 1 2", "n.right": " claro "},
    )  # fmt: skip

    assert given.status_code == 303
    (act,) = quality.office.intake.acts
    item, _, said = act["argument"].partition(" ")
    said = msgspec.json.decode(said)
    assert (act["do"], item, act["conversation"], act["text"]) == ("give_review", TWICE.hex(), an_id("c", "wifi"), "Bien.")
    assert said["answers"] == GOOD
    assert said["evidence"] == {"right": [an_id("m", "wifi", 1).hex(), an_id("m", "wifi", 0).hex()]}
    assert act["values"] == {"right": "claro"}


async def test_what_is_refused_comes_back_with_everything_that_was_typed(quality):
    desk = await quality.as_one("reviewer", "ana")

    typed = {"a.matter": "no", "e.matter": "7", "n.matter": "mi nota"}
    no_line = await posted(desk, f"/quality/items/{TWICE.hex()}?lang=es", lines="", **typed)
    quality.office.intake.refusal = "This review is finished: somebody else gave it meanwhile."
    late = await posted(desk, f"/quality/items/{TWICE.hex()}?lang=es", coaching="mi consejo", **{"a.matter": "no"})

    assert (no_line.status_code, late.status_code) == (409, 409)
    assert "no es el número de ninguna línea" in words(no_line)
    assert "mi nota" in no_line.text
    assert "mi consejo" in late.text
    assert "otra persona la dio entretanto" in words(late)


async def test_of_an_erased_person_nothing_is_shown_and_nothing_can_be_given(quality):
    desk = await quality.as_one("reviewer", "ana")
    async with quality.db.within(quality.tenant) as db:
        await db.execute(
            """update handle set name = '' where tenant = $1 and id = (select handle from conversation
            where tenant = $1 and id = $2)""",
            quality.tenant, an_id("c", "wifi"),
        )  # fmt: skip

    listed, page = await desk.get("/quality"), await desk.get(f"/quality/items/{TWICE.hex()}?lang=en")
    given = await posted(desk, f"/quality/items/{TWICE.hex()}", **{f"a.{name}": said for name, said in GOOD.items()})

    assert TWICE.hex() not in listed.text
    assert "Tercera noche" not in page.text
    assert "was erased" in words(page)
    assert (given.status_code, quality.office.intake.acts) == (409, [])


async def test_a_period_that_is_over_is_drawn_from_the_record_and_the_draw_is_the_same_for_everybody(quality):
    ended = NOW - timedelta(days=4)
    works = [
        Interaction(an_id("done", n), an_id("c", talk), agent, "chat", ended - timedelta(hours=1), ended_at=ended)
        for n, (talk, agent) in enumerate(
            (("wifi", "noor"), ("cots", "noor"), ("taxi", "lupe"), ("desayuno", "bot"), ("desayuno", "lupe"))
        )
    ]
    async with quality.db.within(quality.tenant) as db:
        await write_rows(db, quality.tenant, {Interaction: {one.id: one for one in works}})
        merged = "update conversation set merged_into = $3 where tenant = $1 and id = $2"
        await db.execute(merged, quality.tenant, an_id("c", "desayuno"), an_id("c", "wifi"))  # its work is no candidate
    draws = []
    for agent in ("sue", "irene"):
        desk = await quality.as_one("supervisor", agent)
        page = await desk.get("/quality?lang=en")
        starts = page.text.partition('name="starts" value="')[2].partition('"')[0]
        assert (await posted(desk, "/quality/draw", plan="weekly", starts=starts)).status_code == 303
        id, _, said = quality.office.intake.acts[-1]["argument"].partition(" ")
        draws.append(msgspec.json.decode(said, type=Draw))
        assert id == sample_id("weekly", draws[-1].starts, draws[-1].ends).hex()

    assert draws[0] == draws[1]
    assert sorted(pick.agent for pick in draws[0].picks) == ["lupe", "noor", "noor"]  # bots are nobody's colleagues
    assert (draws[0].candidates, draws[0].asked) == (3, 2)
    refused = await posted(desk, "/quality/draw?lang=es", plan="weekly", starts="2026-01-01T00:00:00")
    assert refused.status_code == 400
    assert "no saca ningún periodo" in words(refused)


async def test_the_pages_of_a_sample_and_of_agreement_say_what_they_rest_on(quality):
    desk = await quality.as_one("supervisor", "sue")

    sample = words(await desk.get(f"/quality/samples/{SAMPLE.hex()}?lang=en"))
    agreement = words(await desk.get("/quality/agreement?lang=en"))

    assert "18 of 184, of 6 agents; drawn by Irene Villaseñor." in sample
    assert "entry 812 of the record" in sample
    assert "2 conversations reviewed twice or more" in agreement
    assert "Noor Baptiste-Oyelaran 1 too few to show" in agreement


async def test_a_session_and_an_appeal_are_actions_of_who_decides(quality):
    desk = await quality.as_one("supervisor", "sue")
    address = f"https://desk.test/desk/{an_id('c', 'wifi').hex()}?view=mine#conversation"

    opened = await posted(desk, "/quality/calibrate", conversation=address, scorecard="service")
    wrong = await posted(desk, "/quality/calibrate?lang=es", conversation="nada", scorecard="service")
    closed = await posted(desk, f"/quality/items/{SESSION.hex()}/close")
    answered = await posted(desk, f"/quality/appeals/{review_id(ENDED, 'irene').hex()}", verdict="withdrawn", text="Cierto.")

    assert [one.status_code for one in (opened, wrong, closed, answered)] == [303, 400, 303, 303]
    assert "no es la dirección de ninguna conversación" in words(wrong)
    made = quality.office.intake.acts
    assert [act["do"] for act in made] == ["calibrate", "close_calibration", "answer_appeal"]
    assert msgspec.json.decode(made[0]["argument"]) == {"scorecard": "service", "agent": "ana"}
    assert made[2]["argument"] == f"{review_id(ENDED, 'irene').hex()} withdrawn"
    assert (await posted(await quality.as_one("reviewer", "rita"), f"/quality/items/{SESSION.hex()}/close")).status_code == 403


async def test_a_program_lists_and_gives_reviews_by_the_same_rules(quality):
    office, tenant = quality.office, quality.tenant
    given = {"answers": FAIR, "notes": {"right": "media"}, "coaching": "Falta."}
    token = await a_token(office, tenant, "supervisor")

    waiting = msgspec.json.decode(
        (await quality.get("/api/quality/waiting", headers=token)).content, type=list[api_quality.ItemTold]
    )
    cards = body(await quality.get("/api/quality/scorecards", headers=token))
    done = body(await quality.get("/api/quality/reviews?agent=noor&days=7", headers=token))
    sent = await quality.post(f"/api/quality/items/{TWICE.hex()}/review", json=given, headers=token)
    wrong = await quality.post(f"/api/quality/items/{TWICE.hex()}/review", json={"answer": {}}, headers=token)
    days = await quality.get("/api/quality/reviews?days=0", headers=token)

    assert {one.id for one in waiting} == {TWICE.hex(), OWN.hex(), SESSION.hex()}
    assert [card["id"] for card in cards] == ["service"]
    assert sorted(one["reviewer"] for one in done) == ["ana", "irene"]
    assert "Only Irene" not in str(done)
    assert sent.status_code == 200
    assert office.intake.acts[0]["values"] == {"right": "media"}
    assert (wrong.status_code, days.status_code) == (400, 400)
    assert (await quality.get("/api/quality/reviews", headers=PAGE)).status_code == 401
