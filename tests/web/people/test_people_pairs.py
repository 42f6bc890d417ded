"""Who is whom, on pages and by the API: what is listed, what stands side by side, and what each button becomes."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import Alike, Apart, Handle, JourneyEvent, Person, alike_id
from web.officework import PAGE, a_browser, a_token, an_office, sign_in

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
ANA, SHOP = bytes([1] * 16), bytes([2] * 16)


@pytest.fixture
async def desk(store, tenant):
    """A browser of an agent's; two persons share a telephone."""
    rows = [
        *(Person(ANA, "Ana López", "es", NOW, NOW, 2), Person(SHOP, "Anita <b>L</b>", "es", NOW, NOW, 1)),
        *(Handle(ANA, "sms:+525512345678", ANA, "Ana López"), Handle(SHOP, "whatsapp:525512345678", SHOP)),
        JourneyEvent(bytes([3] * 16), NOW, "shop.visited", "shop", SHOP, SHOP, {"item": "traje"}),
        Alike(alike_id(ANA, SHOP), ANA, SHOP, 0.67, ("phone_same", "name_part"), NOW),
    ]
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    office = an_office(store)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant)
        client.office, client.tenant, client.db = office, tenant, store
        yield client


@pytest.mark.parametrize(("language", "said"), [("es", "el mismo teléfono"), ("en", "the same telephone")])
async def test_pairs_are_listed_with_what_speaks_for_them_and_stand_side_by_side(desk, language, said):
    listed = await desk.get(f"/people?lang={language}")
    side = await desk.get(f"/people/{ANA.hex()}/with/{SHOP.hex()}?lang={language}")

    assert (listed.status_code, side.status_code) == (200, 200)
    assert all(said in page.text and "Anita &lt;b&gt;" in page.text for page in (listed, side))
    assert side.text.count("Shop, visited") == 2  # as it is, and as it would be


@pytest.mark.parametrize(("asked", "found"), [("", 0), ("?q=%2B5255", 1), ("?q=lopez", 1), ("?q=LÓPEZ", 1), ("?q=zz", 0)])
async def test_people_are_found_by_a_number_or_by_a_name_with_and_without_accents(desk, asked, found):
    page = (await desk.get(f"/people{asked}")).text

    assert page.count('class="slab"') == found


async def test_a_search_is_on_record_and_signs_of_a_pattern_are_letters(desk):
    found = (await desk.get("/people?q=lopez")).text
    nobody = (await desk.get("/people?q=%25%25")).text

    assert "525512345678" in found
    assert nobody.count('class="slab"') == 0
    assert [(fact.person, fact.purpose) for fact in desk.office.intake.recorded] == [(ANA, "directory")]


async def test_who_was_merged_stands_there_once_with_all_handles(desk):
    one, other = (Person(id, "Ana López", "es", NOW, NOW, 3, family=(ANA, SHOP)) for id in (ANA, SHOP))
    async with desk.db.within(desk.tenant) as db:
        await write_rows(db, desk.tenant, {Person: {ANA: one, SHOP: other}})

    page = (await desk.get("/people?q=5255")).text

    assert page.count('class="slab"') == 1
    assert "+525512345678" in page
    assert ">525512345678" in page


async def test_who_wrote_last_stands_first_without_any_word(desk):
    ids = (bytes([8] * 16), bytes([9] * 16))
    talks = [
        Conversation(
            id, person, person, State.OPEN, ChannelKind.SMS, "sms", "sms", Reach.PRIVATE, NOW, NOW + timedelta(hours=n)
        )
        for n, (id, person) in enumerate(zip(ids, (ANA, SHOP), strict=True))
    ]
    async with desk.db.within(desk.tenant) as db:
        await write_rows(db, desk.tenant, {Conversation: {one.id: one for one in talks}})

    page = (await desk.get("/people")).text

    assert page.count('class="slab"') == 2
    assert "525512345678" not in page
    assert desk.office.intake.recorded == []


async def test_a_decision_becomes_an_action_and_leads_to_the_person(desk):
    url = f"/people/{SHOP.hex()}/with/{ANA.hex()}"
    merged = await desk.post(url, data={"csrf": desk.csrf, "do": "merge_person"}, headers=PAGE)
    apart = await desk.post(url, data={"csrf": desk.csrf, "do": "keep_apart"}, headers=PAGE)
    alone = await desk.post(f"/people/{SHOP.hex()}/unmerge", data={"csrf": desk.csrf}, headers=PAGE)

    assert [(a["do"], a["argument"]) for a in desk.office.intake.acts] == [
        ("merge_person", f"{SHOP.hex()} {ANA.hex()}"),
        ("keep_apart", f"{SHOP.hex()} {ANA.hex()}"),
        ("unmerge_person", SHOP.hex()),
    ]
    where = [answer.headers["location"].partition("?")[0] for answer in (merged, apart, alone)]
    assert where == [f"/people/{ANA.hex()}", "/people", f"/people/{SHOP.hex()}"]


async def test_what_is_refused_comes_back_with_its_reason_in_the_readers_language(desk):
    desk.office.intake.refusal = "These two are one person already."

    answer = await desk.post(
        f"/people/{SHOP.hex()}/with/{ANA.hex()}?lang=es", data={"csrf": desk.csrf, "do": "merge_person"}, headers=PAGE
    )

    assert (answer.status_code, "Estas dos ya son una sola persona." in answer.text) == (409, True)


async def test_the_page_of_a_merged_person_shows_both_journeys_and_the_way_back(desk):
    family = (ANA, SHOP)
    known = [Person(id, "Ana López", messages=3, family=family) for id in family]
    async with desk.db.within(desk.tenant) as db:
        await write_rows(db, desk.tenant, {Person: {one.id: one for one in known}})
        parts = {ANA: Apart(ANA, Person(ANA, "Ana López")), SHOP: Apart(SHOP, Person(SHOP, "Anita"), (), ANA)}
        await write_rows(db, desk.tenant, {Apart: parts})

    page = await desk.get(f"/people/{ANA.hex()}?lang=es")

    assert "Shop, visited" in page.text
    assert f'action="/people/{SHOP.hex()}/unmerge"' in page.text
    assert f'action="/people/{ANA.hex()}/unmerge"' not in page.text


async def test_another_person_is_put_beside_this_one_by_a_handle_or_an_address(desk):
    for named in ("whatsapp:525512345678", f"https://desk.test/people/{SHOP.hex()}?only=event"):
        answer = await desk.post(f"/people/{ANA.hex()}/with", data={"csrf": desk.csrf, "other": named}, headers=PAGE)
        assert answer.headers["location"] == f"/people/{SHOP.hex()}/with/{ANA.hex()}"
    nobody = await desk.post(f"/people/{ANA.hex()}/with", data={"csrf": desk.csrf, "other": "sms:+1"}, headers=PAGE)
    assert nobody.status_code == 404


async def test_programs_list_pairs_and_decide_and_hear_what_is_wrong(desk):
    token = await a_token(desk.office, desk.tenant, "supervisor")
    listed = await desk.get("/api/people/pairs", headers=token)
    body = {"one": SHOP.hex(), "into": ANA.hex()}
    done = await desk.post("/api/people/pairs/merge", json=body, headers=token)
    wrong = [
        await desk.post("/api/people/pairs/marry", json=body, headers=token),
        await desk.post("/api/people/pairs/merge", json={"one": "ana"}, headers=token),
    ]

    assert [pair["why"] for pair in listed.json()] == [["phone_same", "name_part"]]
    assert (done.status_code, done.json()) == (200, {"done": True})
    assert [answer.status_code for answer in wrong] == [400, 400]
