"""A person's rights on pages and by the API, and their own page by a signed link."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from rapport.access import tokens
from rapport.access.profile_links import profile_link
from rapport.errors import Conflict
from rapport.ledger.tables import write_rows
from rapport.model.attribute import Attribute
from rapport.model.fact import AttributeCorrected, ConsentNoted, ContextRead, PersonHeld
from rapport.model.person import Certificate, Consent, Handle, Hold, Person, consent_id
from rapport.model.purpose import Purpose
from rapport.model.survey import Survey
from rapport.web.api import people as api_people
from rapport.web.security import Who
from web.officework import NOW, PAGE, a_browser, a_token, an_office, sign_in

pytestmark = pytest.mark.anyio
ANA, HANDLE = bytes([1] * 16), bytes([2] * 16)
AT = f"/people/{ANA.hex()}"


@pytest.fixture
async def desk(store, tenant):
    """A browser of a supervisor's; one person of whom something is believed."""
    rows = [
        Person(
            ANA, "Ana López", "es", NOW, NOW, 2,
            attributes=(Attribute("topics", {"formal-wear": 0.88}, "message", NOW, 0.7, NOW + timedelta(days=9)),),
        ),
        Handle(HANDLE, "email:ana@example.org", ANA),
        Consent(consent_id(ANA, "marketing", ""), ANA, "marketing", "", True, NOW, "eva", "ticked <i>it</i>"),
    ]  # fmt: skip
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    erased: list[tuple[bytes, str]] = []

    async def erase(tenant: int, person: bytes, by: str) -> Certificate:
        async with store.within(tenant) as db:
            if await db.fetchval("select 1 from hold where tenant = $1 and id = $2", tenant, person):
                raise Conflict("A legal hold keeps this person's record; it must be lifted before anything is erased.")
        erased.append((person, by))
        return Certificate(bytes([9] * 16), person, datetime.now(UTC), by, 1, 1, 12, 0.2)

    office = an_office(store, erase=erase)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.db, client.erased = office, tenant, store, erased
        yield client


async def posted(desk, url: str, **data: str):
    return await desk.post(url, data={"csrf": desk.csrf, **data}, headers=PAGE)


async def test_the_page_of_rights_shows_what_they_agreed_to_and_each_form_becomes_a_fact(desk):
    page = await desk.get(f"{AT}/rights?lang=es")
    consent = await posted(desk, f"{AT}/consent", purpose="survey", evidence="said so on the phone", given="no")
    held = await posted(desk, f"{AT}/hold", reason="case 12/2026")

    assert "ticked &lt;i&gt;" in page.text
    assert "A qué dio su consentimiento" in page.text
    assert [consent.status_code, held.status_code] == [303, 303]
    assert [(handle, fact, words.text) for handle, fact, words in desk.office.intake.told] == [
        (HANDLE, ConsentNoted(ANA, "survey", "", False, "supervisor"), "said so on the phone"),
        (HANDLE, PersonHeld(ANA, "supervisor"), "case 12/2026"),
    ]


async def test_an_erasure_asks_twice_and_ends_with_its_certificate(desk):
    unsure = await posted(desk, f"{AT}/erase?lang=es")
    sure = await posted(desk, f"{AT}/erase?lang=es", sure="yes")

    assert (unsure.status_code, "Diga que está seguro" in unsure.text) == (409, True)
    assert desk.erased == [(ANA, "supervisor")]
    assert "Certificado de borrado" in sure.text


async def test_a_legal_hold_is_said_on_the_page_and_by_the_api(desk):
    async with desk.db.within(desk.tenant) as db:
        await write_rows(db, desk.tenant, {Hold: {ANA: Hold(ANA, "case 12/2026", "law", NOW)}})
    token = await a_token(desk.office, desk.tenant, "supervisor")

    page = await posted(desk, f"{AT}/erase?lang=es", sure="yes")
    told = await desk.post("/api/people/email:ana@example.org/erasure", headers=token)

    assert (page.status_code, told.status_code, desk.erased) == (409, 409, [])
    assert "conservación legal" in page.text


async def test_an_export_is_read_or_taken_as_a_file_and_that_is_on_record(desk):
    page = await desk.get(f"{AT}/export?lang=es")
    file = await desk.get(f"{AT}/export?as=json")

    assert "formal-wear" in page.text
    assert file.json()["handles"] == ["email:ana@example.org"]
    assert "attachment" in file.headers["content-disposition"]
    assert desk.office.intake.recorded == [ContextRead(ANA, "supervisor", "export")]


@pytest.mark.parametrize(("language", "said"), [("es", "Lo que creemos de usted"), ("en", "What we believe of you")])
async def test_a_person_sees_what_is_believed_of_them_by_a_signed_link_alone(desk, language, said):
    made = await posted(desk, f"{AT}/link")
    link = made.text.partition("/my/")[2].partition("<")[0]
    desk.cookies.clear()

    own = await desk.get(f"/my/{link}?lang={language}")
    forged = await desk.get(f"/my/{link[:-1]}{'0' if link[-1] != '0' else '1'}")
    late = profile_link(desk.tenant, ANA, NOW - timedelta(seconds=1), key=desk.office.key)

    assert (own.status_code, said in own.text, "formal-wear" in own.text) == (200, True, True)
    assert [forged.status_code, (await desk.get(f"/my/{late}")).status_code] == [400, 400]


@pytest.mark.parametrize(
    ("consent", "button", "said"),
    [
        ("unless-withdrawn", 'value="refuse"', "Que le preguntemos cómo le fue"),
        ("given", 'value="agree"', "Being asked how it was"),
    ],
)
async def test_a_person_says_on_their_own_page_whether_they_are_asked_how_it_was(desk, consent, button, said):
    link = profile_link(desk.tenant, ANA, NOW + timedelta(days=1), key=desk.office.key)
    desk.cookies.clear()
    refused = {"name": "surveys", "do": "refuse"}
    await desk.post(f"/my/{link}", data=refused, headers=PAGE)
    survey = msgspec.json.encode(Survey("after", consent=consent))
    await desk.office.intake.set_things(desk.tenant, [("survey", "after", survey)])
    desk.office.clock.move(timedelta(seconds=2))
    page = await desk.get(f"/my/{link}?lang={'es' if said.startswith('Que') else 'en'}")
    await desk.post(f"/my/{link}", data=refused, headers=PAGE)

    form = page.text.partition('name="name" value="surveys"')[2].partition("</form>")[0]
    assert said in form
    assert button in form
    assert [fact for _, fact, _ in desk.office.intake.told] == [ConsentNoted(ANA, "surveys", "", False, "self")]


async def test_a_person_corrects_takes_back_and_agrees_on_their_own_page(desk):
    link = profile_link(desk.tenant, ANA, NOW + timedelta(days=1), key=desk.office.key)
    desk.cookies.clear()
    for form in (
        {"name": "topics", "do": "correct", "value": "gardening, formal-wear"},
        {"name": "topics", "do": "withdraw"},
        {"name": "marketing", "do": "refuse"},
        {"name": "topics", "do": "correct", "value": "\0golf\0 "},
        {"name": "sale of my data", "do": "agree"},  # nobody asked for it
        {"name": "salary", "do": "correct", "value": "1"},  # nothing is believed of it
    ):
        answer = await desk.post(f"/my/{link}", data=form, headers=PAGE)
        assert answer.status_code == 303

    facts = [(fact, getattr(content, "attributes", None)) for _, fact, content in desk.office.intake.told]
    assert facts == [
        (AttributeCorrected(ANA, "topics"), {"topics": {"gardening": 1.0, "formal-wear": 0.88}}),
        (AttributeCorrected(ANA, "topics", withdrawn=True), {}),
        (ConsentNoted(ANA, "marketing", "", False, "self"), None),
        (AttributeCorrected(ANA, "topics"), {"topics": {"golf": 1.0}}),
    ]


@pytest.mark.parametrize("by", ["token", "session"])
async def test_the_stream_of_a_context_ends_when_whoever_reads_may_no_more(desk, monkeypatch, by):
    monkeypatch.setattr(api_people, "QUIET", 0.02)
    token = await a_token(desk.office, desk.tenant, "supervisor") if by == "token" else {}
    url = f"/api/people/{ANA.hex()}/stream?purpose=service"

    let_in = asyncio.Event()

    async def on_record(*_: object) -> None:
        let_in.set()

    monkeypatch.setattr(api_people, "on_record", on_record)
    reading = asyncio.create_task(desk.get(url, headers=token))
    async with asyncio.timeout(30):
        await let_in.wait()
        async with desk.db.within(desk.tenant) as db:
            await db.execute("update token set revoked_at = $2 where tenant = $1", desk.tenant, NOW)
            await db.execute("delete from session where tenant = $1", desk.tenant)
        desk.office.clock.move(tokens.FRESH)
        told = await reading

    assert told.status_code == 200
    assert told.text.count("event: context") <= 1


async def test_the_stream_of_a_context_ends_without_a_fault_when_a_consent_is_taken_back(desk):
    who = Who(desk.tenant, "eva", "supervisor", "Eva", "", frozenset())
    first = await api_people._read(desk.office, who, ANA.hex(), Purpose("service"))

    async def still() -> bool:
        return True

    stream = api_people._changes(desk.office, who, first, Purpose("survey", consent=True), still)

    assert [part async for part in stream] == []
