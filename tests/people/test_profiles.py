"""What networks show everybody of who writes to us: kept only where the centre keeps it, with its end, and refused by them."""

from datetime import timedelta

import msgspec
import pytest
from tests.people.test_merging import START, Centre

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.model.centre import Account, Profile
from rapport.model.fact import ConsentNoted, Words
from rapport.model.message import ChannelKind, Incoming, Reach, Shown
from rapport.model.person import Handle, Person
from rapport.pipeline.profiles import Profiles
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
ANA, OURS = "mastodon:@ana@a.example", Account("our-mastodon", "mastodon")
RUNNER = Shown("Corro maratones", 1200.0, True, "2019-05-01")


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("profiles", FakeClock(START)) as house:
        yield Centre(house)


async def keeps(centre, **said) -> None:
    body = msgspec.json.encode(Profile(public_profiles="on", **said))
    await centre.house.intake.set_things(centre.tenant, [("centre", "centre", body)])
    await centre.house.settle()


async def heard(centre, shown: Shown = RUNNER, *, reach: Reach = Reach.PUBLIC, by: str = ANA, known: bool = True) -> None:
    """Somebody writes, and their network shows who they are. `known` False: only the profile comes."""
    house, centre.count = centre.house, centre.count + 1
    said = Incoming(f"p{centre.count}", by, f"hola {centre.count}", reach, house.clock.now(), name="Ana", author=shown)
    if known:
        await house.intake.hear(centre.tenant, OURS, ChannelKind.SOCIAL, [said])
        await house.settle()
    await Profiles(house.intake, house.house.within, house.clock).take(centre.tenant, OURS, [said])
    await house.settle()


async def believed(centre) -> dict[str, object]:
    [person] = await centre.rows(Person)
    return {a.name: a.value for a in person.attributes if a.source == "profile:mastodon"}


async def test_nothing_of_a_profile_is_written_where_the_centre_does_not_keep_it(centre):
    await heard(centre)
    async with centre.house.house.within(centre.tenant) as db:
        written = await db.fetchval("select count(*) from entry where tenant = $1 and kind = 188", centre.tenant)

    assert (await believed(centre), written) == ({}, 0)


async def test_a_profile_is_believed_with_its_source_until_its_end_and_then_nothing_of_it_is_kept(centre):
    await keeps(centre, profile_days=30)
    await heard(centre)
    [person] = await centre.rows(Person)
    ends = {a.name: a.expires for a in person.attributes}
    first = await believed(centre)
    centre.house.clock.move(timedelta(days=31))
    await centre.house.settle()

    assert first == {"bio": "Corro maratones", "followers": 1200.0, "verified": True, "on_network_since": "2019-05-01"}
    assert set(ends.values()) == {START + timedelta(days=30)}
    assert await believed(centre) == {}
    before = await centre.rows(Person)
    async with centre.house.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
    assert await centre.rows(Person) == before


async def test_who_writes_again_is_believed_for_longer(centre):
    await keeps(centre, profile_days=30)
    await heard(centre)
    centre.house.clock.move(timedelta(days=20))
    await heard(centre)
    centre.house.clock.move(timedelta(days=15))
    await centre.house.settle()

    assert (await believed(centre))["followers"] == 1200.0


async def test_who_has_not_written_to_us_or_wrote_in_private_has_no_profile(centre):
    await keeps(centre)
    await heard(centre, by="mastodon:@eva@a.example", known=False)
    assert [p for p in await centre.rows(Person) if p.attributes] == []

    await heard(centre, reach=Reach.PRIVATE)

    assert await believed(centre) == {}


async def test_who_refuses_loses_the_profile_and_has_none_again_until_they_agree(centre):
    await keeps(centre)
    await heard(centre)
    seen = [len(await believed(centre))]
    [person], [handle] = await centre.rows(Person), await centre.rows(Handle)
    for given in (False, True):
        fact = ConsentNoted(person.id, "public-profile", "", given, "self")
        await centre.house.intake.tell_of(centre.tenant, handle.id, fact, Words("on their own page"))
        await centre.house.settle()
        await heard(centre)
        seen.append(len(await believed(centre)))

    assert seen == [4, 0, 4]


async def test_a_departments_word_is_not_replaced_by_a_profile(centre):
    await keeps(centre)
    await centre.house.intake.declare(centre.tenant, [ANA], "Ana", {"followers": 5}, "crm", "1")
    await heard(centre)
    [person] = await centre.rows(Person)

    assert {a.name: a.value for a in person.attributes if a.name == "followers"} == {"followers": 5.0}
