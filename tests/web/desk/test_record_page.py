"""The record as a whole: what it holds, what was changed, who looked, where a search leads, and the check of all of it."""

import base64

import msgspec
import pytest

from ledger.ledgerwork import ACCOUNT, an_incoming, an_intake
from rapport.ledger.checkpoint import grow
from rapport.ledger.entry import read_fact
from rapport.ledger.seal import Keys
from rapport.ledger.tables import write_rows
from rapport.measures import studies
from rapport.measures.studies import VERIFY, VerifyFound
from rapport.model.ids import case_number
from rapport.model.message import ChannelKind
from rapport.model.person import Glance, Handle, Person
from rapport.model.reply import Aside
from web.officework import NOW, a_browser, a_conversation, a_token, an_office, body, sign_in
from web.test_pages import posted, words

pytestmark = pytest.mark.anyio
KEYS = Keys(b"r" * 32)
ANA = bytes([1] * 16)


@pytest.fixture
async def auditor(store, tenant):
    """An auditor's browser over a record of two changes and three messages; `auditor.begun`: the checks that were asked for."""
    begun = []

    async def study(tenant, name, by):
        begun.append((tenant, name, by))
        return True

    async with an_intake(store, KEYS) as intake:
        await intake.set_things(tenant, [("brand", "reforma", b'{"id":"reforma","name":"Reforma"}')], by="eva")
        await intake.set_things(tenant, [("brand", "reforma", b'{"id":"reforma","name":"Hotel Reforma"}')], by="eva")
        await intake.hear(tenant, ACCOUNT, ChannelKind.SOCIAL, [an_incoming(f"k{n}", text="hush") for n in range(3)])
    rows = [
        Person(ANA, "Ana López", "es", NOW, NOW, 2),
        Handle(bytes([3] * 16), "email:ana@example.org", ANA),
        Glance(bytes([4] * 16), ANA, "eva", "page", NOW),
        Aside(bytes([5] * 16), 4, NOW, "understanding", "boom"),
    ]
    async with store.within(tenant) as db:
        await grow(db, KEYS, tenant, NOW)
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    office = an_office(store, study=study)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "auditor")
        client.office, client.tenant, client.begun = office, tenant, begun
        yield client


async def told_that(store, tenant, found=None, *, going=False):
    async with store.within(tenant) as db:
        await studies.begin(db, tenant, VERIFY, "eva", NOW)
        if not going:
            await studies.end(db, tenant, VERIFY, NOW, found=msgspec.json.encode(found))


SEEN = {
    "en": ("The record", "Entries 5", "Who looked at whom", "their page", "Brands · reforma eva · Entry 2", "Check all"),
    "es": ("El registro", "Entradas 5", "Quién miró a quién", "su página", "Marcas · reforma eva · Entrada 2", "Revisarlo"),
}


@pytest.mark.parametrize("language", SEEN)
async def test_an_auditor_sees_what_is_on_record_changed_set_aside_and_looked_at(auditor, language):
    answer = await auditor.get(f"/audit?lang={language}")
    page = words(answer)

    assert [part for part in (*SEEN[language], "understanding boom") if part not in page] == []
    assert '<del dir="auto">&#34;Reforma&#34;</del> <ins dir="auto">&#34;Hotel Reforma&#34;</ins>' in answer.text
    assert f"rapport/ledger/{auditor.tenant} 5" in page


async def test_what_a_check_found_is_told_in_the_language_of_who_reads_and_a_fault_is_no_whole_record(auditor, store):
    await told_that(store, auditor.tenant, VerifyFound(5, 3, 0, 1, "ab" * 32, ("entry 3 is missing",)))

    page = words(await auditor.get("/audit?lang=es"))

    assert "No está íntegro." in page
    assert "falta la entrada 3" in page


async def test_a_check_is_begun_once_and_its_page_looks_again_while_it_goes_on(auditor, store):
    begun = await posted(auditor, "/audit/verify")
    await told_that(store, auditor.tenant, going=True)

    part = await auditor.get("/audit/part/verify?lang=en")

    assert (begun.status_code, auditor.begun) == (303, [(auditor.tenant, VERIFY, "auditor")])
    assert "Hashing every entry anew" in part.text
    assert 'hx-trigger="every 2s"' in part.text


async def test_a_search_leads_to_an_entry_a_day_a_conversation_a_case_or_who_looked(auditor, store):
    id = await a_conversation(store, auditor.tenant, "asked")
    asked = ("4", "2020-01-01", id.hex(), case_number(id), "email:ana@example.org", ANA.hex(), "nobody@nowhere")

    answers = [await auditor.get("/audit", params={"q": one}) for one in asked]

    looks, case = f"/people/reads?person={ANA.hex()}", f"/audit/{id.hex()}"
    assert [one.headers.get("location") for one in answers] == [
        "/audit/entries/4", "/audit/entries?before=1", case, case, looks, looks, None,
    ]  # fmt: skip
    assert "nobody@nowhere" in words(answers[-1])


async def test_entries_are_listed_by_kind_latest_first_and_one_is_shown_whole_without_its_words(auditor):
    listed = words(await auditor.get("/audit/entries?kind=MessageReceived"))
    changed = words(await auditor.get("/audit/entries/2?lang=en"))
    heard = await auditor.get("/audit/entries/4?lang=en")

    assert listed.index("5 ") < listed.index("4 ") < listed.index("3 ")
    assert "Hotel Reforma" in changed
    assert "lies sealed beside it" in words(heard)
    assert "hush" not in heard.text


async def test_what_is_not_on_record_is_said_to_be_not_there(auditor):
    answers = [await auditor.get(url) for url in ("/audit/entries/6", "/audit/entries/x", "/audit/entries?kind=Nothing")]

    assert [one.status_code for one in answers] == [404, 404, 404]


async def test_a_program_reads_the_record_and_has_it_checked(auditor, store):
    token = await a_token(auditor.office, auditor.tenant, "auditor")

    held = body(await auditor.get("/api/ledger", headers=token))
    page = body(await auditor.get("/api/ledger/entries?limit=2", headers=token))
    rest = body(await auditor.get(f"/api/ledger/entries?before={page['next']}&kind=CentreSet", headers=token))
    wrong = [await auditor.get(f"/api/ledger/entries?{one}", headers=token) for one in ("limit=0", "kind=Nothing")]
    begun = await auditor.post("/api/ledger/verify", headers=token)

    assert (held["entries"], held["checked"]["state"]) == (5, "none")
    assert [one["seq"] for one in page["entries"]] == [5, 4]
    assert [read_fact(10, base64.b64decode(one["body"])).by for one in rest["entries"]] == ["eva", "eva"]
    assert [one.status_code for one in wrong] == [400, 400]
    assert (begun.status_code, len(auditor.begun)) == (202, 1)
