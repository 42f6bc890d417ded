"""What persons ask by right, on pages of the house, on their own, and by the API."""

from datetime import timedelta

import msgspec
import pytest

from rapport.access.profile_links import profile_link
from rapport.ledger.tables import write_rows
from rapport.model.centre import Profile
from rapport.model.fact_rights import RightAnswered, RightAsked
from rapport.model.person import Handle, Hold, Person, RightRequest
from web.officework import NOW, PAGE, a_browser, a_token, an_office, sign_in

pytestmark = pytest.mark.anyio
ANA, HANDLE, ASKED = bytes([1] * 16), bytes([2] * 16), bytes([5] * 16)
DAY = timedelta(days=1)


@pytest.fixture
async def desk(store, tenant):
    """A supervisor in a centre under the law of Mexico; Ana asks for her erasure, under a legal hold, and is late."""
    rows = [
        Person(ANA, "Ana López", "es", NOW, NOW, 2),
        Handle(HANDLE, "email:ana@example.org", ANA),
        Hold(ANA, "case 12", "law", NOW),
        RightRequest(ASKED, ANA, "erasure", NOW - 40 * DAY, NOW - DAY, "self", "mx", "bórrenme <b>ya</b>", near=True),
    ]
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    office = an_office(store)
    profile = Profile(law="mx", rights_days={"export": 7}, public_profiles="on")
    await office.intake.set_things(tenant, [("centre", "centre", msgspec.json.encode(profile))])
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.db = office, tenant, store
        yield client


async def posted(desk, url: str, **data: str):
    return await desk.post(url, data={"csrf": desk.csrf, **data}, headers=PAGE)


@pytest.mark.parametrize(
    ("language", "said"),
    [("es", ("atrasada", "conservación legal", "su borrado")), ("en", ("late", "legal hold", "their erasure"))],
)
async def test_the_list_says_what_is_late_and_what_a_legal_hold_keeps(desk, language, said):
    page = await desk.get(f"/people/requests?lang={language}")

    assert all(word in page.text for word in (*said, "LFPDPPP", "bórrenme &lt;b&gt;ya"))
    assert "count hot" in page.text


async def test_a_request_that_is_noted_is_due_on_the_earlier_day_of_the_law_and_the_house(desk):
    noted = [await posted(desk, f"/people/{ANA.hex()}/request", kind=kind, words="hoy") for kind in ("export", "correction")]
    again = await posted(desk, f"/people/{ANA.hex()}/request?lang=es", kind="erasure")
    odd = await posted(desk, f"/people/{ANA.hex()}/request", kind="money")

    facts = [fact for _, fact, _ in desk.office.intake.told]
    assert [page.status_code for page in (*noted, again, odd)] == [303, 303, 409, 400]
    assert "Ya pidió esto" in again.text
    assert [(fact.kind, fact.law, fact.due_at - NOW, fact.by) for fact in facts if isinstance(fact, RightAsked)] == [
        ("export", "mx", 7 * DAY, "supervisor"),
        ("correction", "mx", 28 * DAY, "supervisor"),
    ]


async def test_an_answer_is_on_record_a_refusal_owes_a_reason_and_the_second_is_told_so(desk):
    silent = await posted(desk, f"/people/requests/{ASKED.hex()}?lang=es", do="refused")
    later = await posted(desk, f"/people/requests/{ASKED.hex()}", do="extended", answer="a court's case")
    async with desk.db.within(desk.tenant) as db:
        await db.execute("update right_request set state = 'done', closed_at = $1", NOW)
    late = await posted(desk, f"/people/requests/{ASKED.hex()}?lang=es", do="done")

    assert [page.status_code for page in (silent, later, late)] == [409, 303, 409]
    assert ("se le debe un motivo" in silent.text, "ya fue respondida" in late.text) == (True, True)
    [(_, fact, words)] = desk.office.intake.told
    assert (fact.state, fact.due_at, words.text) == ("extended", NOW - DAY + 28 * DAY, "a court's case")
    assert isinstance(fact, RightAnswered)


async def test_programs_note_list_and_answer_requests(desk):
    token = await a_token(desk.office, desk.tenant, "supervisor")
    noted = await desk.post("/api/people/email:ana@example.org/requests", json={"kind": "export"}, headers=token)
    listed = await desk.get("/api/people/requests", headers=token)
    answered = await desk.post(f"/api/people/requests/{ASKED.hex()}", json={"state": "done"}, headers=token)
    nobody = await desk.post("/api/people/email:x@example.org/requests", json={"kind": "export"}, headers=token)

    assert [answer.status_code for answer in (noted, answered, nobody)] == [202, 202, 404]
    assert [(one["kind"], one["late"], one["held"]) for one in listed.json()["requests"]] == [("erasure", True, True)]


async def test_somebody_asks_on_their_own_page_and_sees_how_it_stands(desk):
    link = profile_link(desk.tenant, ANA, NOW + DAY, key=desk.office.key)
    desk.cookies.clear()
    own = await desk.get(f"/my/{link}?lang=es")
    asked = await desk.post(f"/my/{link}", data={"do": "ask", "name": "objection", "words": "sin publicidad"}, headers=PAGE)
    twice = await desk.post(f"/my/{link}?lang=es", data={"do": "ask", "name": "erasure"}, headers=PAGE)

    assert all(said in own.text for said in ("que se borre todo lo mío", "LFPDPPP", "lo que su red muestra"))
    assert [asked.status_code, twice.status_code] == [303, 409]
    [(_, fact, words)] = desk.office.intake.told
    assert (fact.kind, fact.by, words.text) == ("objection", "self", "sin publicidad")


async def test_who_has_no_right_to_rights_sees_no_request(desk):
    desk.cookies.clear()
    await sign_in(desk, desk.office, desk.tenant, "agent")

    assert [(await desk.get(at)).status_code for at in ("/people/requests", "/api/people/requests")] == [403, 403]
    assert "count hot" not in (await desk.get("/people")).text
