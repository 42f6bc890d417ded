"""Companies and households: whose they are through merges, what an erasure leaves, and that the ledger makes them anew."""

import pytest
from tests.people.test_erasing import erased, hits
from tests.people.test_merging import START, Centre

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.app.uploads import Uploads
from rapport.clock import FakeClock
from rapport.ledger.bringing import take_people
from rapport.ledger.rebuild import rebuild
from rapport.model.group import Group, GroupTold, PersonTold
from rapport.model.person import Person
from rapport.people.export import export
from rapport.people.groups import reading as groups
from rapport.people.groups.domains import company_domain
from rapport.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("groups", FakeClock(START)) as house:
        yield Centre(house)


async def told(centre, handle: str, name: str, *belongs: GroupTold) -> bytes:
    """A person whom a file tells of, as they are on record."""
    await take_people(centre.house.intake, centre.tenant, [PersonTold((handle,), name, "crm", {}, belongs)], "eva")
    await centre.house.settle()
    return await centre.person(handle)


async def shown(centre, person: bytes) -> list[tuple[str, str]]:
    async with centre.house.within(centre.tenant) as db:
        known = await centre.rows(Person, f"id = '{person.hex()}'")
        return [(one.group.name, one.role) for one in await groups.groups_of(db, centre.tenant, known[0].ids)]


async def members(centre, group: bytes) -> list[str]:
    async with centre.house.within(centre.tenant) as db:
        return [member.person.name for member in await groups.members_of(db, centre.tenant, group)]


async def test_persons_who_are_one_share_their_groups_and_have_their_own_again_when_they_are_two(centre):
    acme, home = GroupTold("company", "Acme", role="compras"), GroupTold("household", "Casa López")
    one, two = await told(centre, "crm:1", "Ana López", acme), await told(centre, "crm:2", "Ana López", acme, home)

    await centre.do("merge_person", one, two)
    together = await shown(centre, one)
    [company] = [group.id for group in await centre.rows(Group) if group.kind == "company"]
    belong = await members(centre, company)
    await centre.do("unmerge_person", one)

    assert together == [("Acme", "compras"), ("Casa López", "")]
    assert belong == ["Ana López"]
    assert (await shown(centre, one), await shown(centre, two)) == ([("Acme", "compras")], together)


async def test_a_company_is_one_whoever_tells_of_it_by_its_name_or_its_domain(centre):
    uploads = Uploads(centre.house.house)
    await told(centre, "crm:1", "Ana", GroupTold("company", "Acme", "acme.example"))

    by_name = await told(centre, "crm:2", "Luis", GroupTold("company", "ACME"))
    by_domain = await uploads.make_group(centre.tenant, GroupTold("company", "Acme SA", "acme.example"), "eva")
    await centre.house.settle()

    [acme] = await centre.rows(Group)
    assert (acme.id, await shown(centre, by_name)) == (by_domain, [(acme.name, "")])


async def test_who_is_erased_belongs_to_nothing_and_the_name_of_an_empty_household_goes_too(centre):
    home, acme = GroupTold("household", "Casa Zorzalino", role="zorzalina"), GroupTold("company", "Acme", role="zorzalino")
    one, two = await told(centre, "crm:1", "Ana", home, acme), await told(centre, "crm:2", "Luis", home)
    async with centre.house.within(centre.tenant) as db:
        found = await export(db, centre.tenant, one, START)
    assert [(g.kind, g.role) for g in found.groups] == [("household", "zorzalina"), ("company", "zorzalino")]

    await erased(centre, one)
    left = {group.kind: group.name for group in await centre.rows(Group)}
    await erased(centre, two)

    assert left == {"household": "Casa Zorzalino", "company": "Acme"}
    assert {group.kind: group.name for group in await centre.rows(Group)} == {"household": "", "company": "Acme"}
    assert await hits(centre) == {}
    before = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
    after = await centre.everything()
    assert (after["people_group"], after["membership"]) == (before["people_group"], before["membership"])


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ana@mail.acme.co.uk", "acme.co.uk"),
        ("ana@ACME.com.mx", "acme.com.mx"),
        ("ana@gmail.com", ""),
        ("ana@yahoo.com.ar", ""),
        ("ana@prodigy.net.mx", ""),
        ("ana@localhost", ""),
        ("ana", ""),
    ],
)
def test_an_address_speaks_of_a_company_unless_anybody_may_have_mail_there(address, domain):
    assert company_domain(address) == domain
