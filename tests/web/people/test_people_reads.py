"""Who looked: each page that shows a person is on record before it is shown, and the looks are to be read."""

from datetime import timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.fact import ContextRead
from rapport.model.person import Glance, Handle, Person
from web.officework import NOW, a_browser, an_office, sign_in

pytestmark = pytest.mark.anyio
ANA, BEA = bytes([1] * 16), bytes([2] * 16)


@pytest.fixture
async def desk(store, tenant):
    """A supervisor's browser; two persons, one of whom Eva looked at."""
    rows = [
        Person(ANA, "Ana López", "es", NOW, NOW, 2),
        Person(BEA, "Bea Ruiz", "es", NOW, NOW, 1),
        Handle(bytes([3] * 16), "email:ana@example.org", ANA),
        Glance(bytes([4] * 16), ANA, "eva", "shop-floor", NOW - timedelta(hours=2)),
    ]
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
    office = an_office(store)
    async with a_browser(office) as client:
        client.csrf = await sign_in(client, office, tenant, "supervisor")
        client.office, client.tenant, client.db = office, tenant, store
        yield client


async def test_a_look_at_a_person_is_on_record_once_in_ten_minutes_for_each_purpose(desk):
    for _ in range(2):
        assert (await desk.get(f"/people/{ANA.hex()}")).status_code == 200
        await desk.get(f"/people/{ANA.hex()}/rights")
        await desk.get(f"/people/{ANA.hex()}/with/{BEA.hex()}")
    desk.office.clock.move(timedelta(minutes=10))
    await desk.get(f"/people/{ANA.hex()}")

    assert desk.office.intake.recorded == [
        ContextRead(ANA, "supervisor", "page"),
        ContextRead(ANA, "supervisor", "rights"),
        ContextRead(ANA, "supervisor", "compare"),
        ContextRead(BEA, "supervisor", "compare"),
        ContextRead(ANA, "supervisor", "page"),
    ]


async def test_nothing_is_on_record_of_somebody_who_is_not_there(desk):
    gone = await desk.get(f"/people/{bytes([9] * 16).hex()}")

    assert (gone.status_code, desk.office.intake.recorded) == (404, [])


@pytest.mark.parametrize(("language", "said"), [("es", "Quién miró"), ("en", "Who looked")])
async def test_the_persons_page_and_a_page_of_its_own_say_who_looked_and_what_for(desk, language, said):
    own = await desk.get(f"/people/{ANA.hex()}?lang={language}")
    looks = await desk.get(f"/people/reads?person=email:ana@example.org&by=eva&lang={language}")
    others = await desk.get(f"/people/reads?person={BEA.hex()}&lang={language}")
    unknown = await desk.get("/people/reads?person=email:nobody@example.org&before=yesterday")

    assert all(said in page.text for page in (own, looks))
    assert ["shop floor" in page.text for page in (own, looks, others, unknown)] == [True, True, False, False]


async def test_who_reads_no_context_sees_nobodys_looks(desk):
    desk.cookies.clear()
    await sign_in(desk, desk.office, desk.tenant, "agent")

    assert (await desk.get("/people/reads")).status_code == 403
    assert "shop floor" not in (await desk.get(f"/people/{ANA.hex()}")).text
