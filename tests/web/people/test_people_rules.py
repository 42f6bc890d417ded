"""Agents say what is so of a person; what the record proposes from it is to be read, switched on, switched off and declined."""

import json
from datetime import timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.attribute import Attribute
from rapport.model.fact import AttributeNoted, PersonData
from rapport.model.noted import Noted, noted_id
from rapport.model.person import Handle, JourneyEvent, Person
from web.officework import NOW, a_browser, an_office, sign_in

pytestmark = pytest.mark.anyio


def of(n: int) -> bytes:
    return bytes([n] * 16)


@pytest.fixture
async def desk(store, tenant):
    """An administrator's browser; thirty persons, six of whom agents confirmed an interest of after they bought a kilt."""
    rows = [
        Person(of(n), f"P{n}", "es", NOW, NOW, 1, attributes=(Attribute("segment", "gold", "crm", NOW),)) for n in range(1, 31)
    ]
    rows += [Handle(of(100 + n), f"email:p{n}@example.org", of(n)) for n in range(1, 31)]
    rows += [
        JourneyEvent(
            of(150 + n), NOW - timedelta(1), "shop.bought", "shop", of(n), of(100 + n), {"item": "kilt" if n < 7 else "hat"}
        )
        for n in range(1, 31)
    ]
    rows += [Noted(noted_id(of(n), "interests"), of(n), "interests", (["highland-games"],), "ana", NOW) for n in range(1, 7)]
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    office = an_office(store)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "administrator")
        client.office, client.tenant, client.db = office, tenant, store
        yield client


@pytest.mark.parametrize(
    ("language", "said"), [("es", "6 de 6 de quienes los agentes"), ("en", "6 of 6 of whom agents confirmed it")]
)
async def test_a_proposed_rule_says_its_counts_and_holds_when_somebody_switches_it_on(desk, language, said):
    plain = await desk.get(f"/people/rules?lang={language}")
    looked = await desk.get(f"/people/rules?look=1&lang={language}")
    [rule] = (await desk.get("/api/people/rules")).json()
    on = await desk.post("/people/rules", data={"csrf": desk.csrf, "rule": rule["id"], "do": "on", "look": "1"})
    after = await desk.get(f"/people/rules?look=1&lang={language}")
    async with desk.db.within(desk.tenant) as db:
        body = await db.fetchval("select body from thing where tenant = $1 and id = $2", desk.tenant, f"signal/{rule['id']}")

    assert said not in plain.text
    assert said in looked.text
    assert (rule["event"], rule["where"], rule["had"], rule["of"], rule["others"]) == ("shop.bought", {"item": "kilt"}, 6, 6, 0)
    assert on.status_code in (302, 303)
    assert said not in after.text
    assert "item = kilt" in after.text
    assert json.loads(body)["set"] == {"interests": ["highland-games"]}


async def test_a_declined_rule_is_not_proposed_again_and_the_api_says_what_is_wrong(desk):
    [rule] = (await desk.get("/api/people/rules")).json()
    head = {"x-csrf-token": desk.csrf}
    wrong = await desk.post("/api/people/rules", json={"id": rule["id"], "do": "maybe"}, headers=head)
    gone = await desk.post("/api/people/rules", json={"id": "learnt-nothing-000000", "do": "on"}, headers=head)
    declined = await desk.post("/api/people/rules", json={"id": rule["id"], "do": "decline"}, headers=head)

    assert (wrong.status_code, "'maybe'" in wrong.text) == (400, True)
    assert gone.status_code == 409
    assert declined.json() == {"id": rule["id"], "enabled": False}
    assert (await desk.get("/api/people/rules")).json() == []


async def test_an_agent_confirms_denies_and_notes_from_the_persons_page(desk):
    page = await desk.get(f"/people/{of(1).hex()}?lang=es")
    for form in (
        {"do": "confirm", "name": "segment"},
        {"do": "deny", "name": "segment"},
        {"do": "note", "name": "Shoe size", "value": "43"},
        {"do": "note", "name": "interests", "value": "Running, Open water"},
    ):
        await desk.post(f"/people/{of(1).hex()}/noted", data={"csrf": desk.csrf, **form})
    unknown = await desk.post(
        "/api/people/email:p1@example.org/attributes",
        json={"name": "colour", "denied": True},
        headers={"x-csrf-token": desk.csrf},
    )

    assert "Es cierto: segment" in page.text
    assert desk.office.intake.told == [
        (of(101), AttributeNoted(of(1), "administrator"), PersonData(attributes={"segment": "gold"})),
        (of(101), AttributeNoted(of(1), "administrator", denied=True), PersonData(attributes={"segment": "gold"})),
        (of(101), AttributeNoted(of(1), "administrator"), PersonData(attributes={"shoe_size": 43.0})),
        (
            of(101),
            AttributeNoted(of(1), "administrator"),
            PersonData(attributes={"interests": ["running", "open-water"]}),
        ),
    ]
    assert (unknown.status_code, "'colour'" in unknown.text) == (400, True)


async def test_who_may_not_change_the_centre_sees_no_button_and_is_refused(desk):
    desk.cookies.clear()
    csrf = await sign_in(desk, desk.office, desk.tenant, "auditor")
    page = await desk.get("/people/rules?look=1&lang=en")

    assert ("6 of 6" in page.text, "Switch on" in page.text) == (True, False)
    assert (await desk.post("/people/rules", data={"csrf": csrf, "rule": "learnt-x-1", "do": "on"})).status_code == 403
