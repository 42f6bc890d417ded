"""Two who are nearly known by the same are put before somebody, once, and never across tenants. On the real pipeline."""

import pytest
from tests.people.test_merging import START, Centre

from rapport.app.erasing import erasing
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS, likeness_of
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.model.person import Alike, Person
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
ANA, MISTYPED = "email:ana.lopez@example.org", "email:ana.lopes@example.org"


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("likeness", FakeClock(START)) as house:
        yield Centre(house)


async def looked(centre) -> list[Alike]:
    """The pairs, after a look."""
    house = centre.house.house
    await likeness_of(house).look(centre.tenant)
    await centre.house.settle()
    return await centre.rows(Alike)


async def declared(centre, handle: str, name: str, **told: str) -> bytes:
    await centre.house.intake.declare(centre.tenant, [handle], name, told, "crm", handle)
    await centre.house.settle()
    return await centre.person(handle)


async def test_a_letter_typed_wrong_in_a_mailbox_puts_two_of_one_name_before_somebody_and_merges_nobody(centre):
    one = await centre.hear(ANA, name="Ana López Ibarra")
    other = await centre.hear(MISTYPED, name="Ana López Ibarra")

    [pair] = await looked(centre)

    assert {pair.one, pair.other} == {one, other}
    assert (pair.state, set(pair.why)) == ("open", {"email_near", "name_same"})
    assert 0.8 < pair.probability < 0.99
    assert all(not person.family for person in await centre.rows(Person))


async def test_what_somebody_decided_is_not_asked_again_and_nothing_new_is_found_twice(centre):
    one, other = await centre.hear(ANA, name="Ana López Ibarra"), await centre.hear(MISTYPED, name="Ana López Ibarra")
    await looked(centre)
    assert (await centre.do("keep_apart", one, other)).ok

    await declared(centre, MISTYPED, "Ana López Ibarra", city="Monterrey")
    [pair] = await looked(centre)

    assert (pair.state, pair.by) == ("apart", "ana")


async def test_one_employer_and_one_town_are_no_reason_and_a_birthday_besides_is(centre):
    await declared(centre, "email:jsalgado@one.example", "Jimena Salgado", city="Mérida", company="Acme")
    await declared(centre, "email:jimena.s@two.example", "Jimena Salgado", city="Mérida", company="ACME")
    assert await looked(centre) == []

    born = {"city": "Mérida", "company": "Acme", "birth_date": "1990-02-03"}
    await declared(centre, "email:quintero.o@one.example", "Otilia Quintero", **born)
    await declared(centre, "email:oti77@two.example", "Otilia Quintero", **born)
    [pair] = await looked(centre)

    assert {"name_same", "born_same", "place_same", "work_same"} <= set(pair.why)


async def test_a_rebuild_gives_the_same_pairs_and_who_is_erased_is_found_by_nothing(centre):
    one, _ = await centre.hear(ANA, name="Ana López Ibarra"), await centre.hear(MISTYPED, name="Ana López Ibarra")
    before = await looked(centre)
    house = centre.house.house
    async with house.within(centre.tenant) as db:
        await rebuild(db, house.keys, centre.tenant, VIEWS, centre.house.clock)
    again = await centre.rows(Alike)
    await erasing(house)(centre.tenant, one, "ana")
    async with house.within(centre.tenant) as db:
        kept = await db.fetchval("select count(*) from likeness where tenant = $1 and person = $2", centre.tenant, one)

    assert (again, kept) == (before, 0)


async def test_persons_of_two_tenants_are_never_compared_and_their_digests_differ(database_url):
    digests: list[set[bytes]] = []
    async with rehearsal_house(Settings(), database_url) as open_one:
        for name, handle in (("first", ANA), ("second", MISTYPED), ("third", ANA)):
            async with open_one(name, FakeClock(START)) as house:
                centre = Centre(house)
                await centre.hear(handle, name="Ana López Ibarra")

                assert await looked(centre) == []
                digests.append(await _blocks(centre))

    assert [len(one) for one in digests] == [len(digests[0]), len(digests[1]), len(digests[0])]
    assert digests[0] & digests[2] == set()


async def test_every_pair_of_a_look_is_told_however_many_they_are(centre):
    for nth in range(8):  # each beside each: 28 pairs
        handle, told = f"crm:{nth}", {"email": f"ana.lope{'zsxyvwtr'[nth]}@example.org"}
        await centre.house.intake.declare(centre.tenant, [handle], "Ana López Ibarra", told, "crm", handle)
    await centre.house.settle()

    assert len(await looked(centre)) == 28


async def _blocks(centre) -> set[bytes]:
    async with centre.house.house.within(centre.tenant) as db:
        return {bytes(block) for (block,) in await db.fetch("select block from likeness where tenant = $1", centre.tenant)}
