"""What we said to one of two who are one was said to both: it is compared with what is said to either. On the real pipeline."""

import pytest
from tests.people.test_merging import START, Centre

from rapport.app.rehearsing import rehearsal_house
from rapport.clock import FakeClock
from rapport.model.centre import Centre as Said
from rapport.model.conversation import Conversation
from rapport.replies.record import read_known, recorded
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
PROMISED = "Le devolvemos 500 pesos el 10 de marzo."


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("promised", FakeClock(START)) as house:
        yield Centre(house)


async def told(centre, person: bytes) -> list[str]:
    """The claims of ours that a reply to this person is compared with."""
    house, now = centre.house.house, centre.house.clock.now()
    [conversation] = [c for c in await centre.rows(Conversation) if c.person == person]
    async with house.within(centre.tenant) as db:
        known = await read_known(db, centre.tenant, conversation, "Hola", now)
    kinds = [
        claim.kind for one in recorded(known, conversation, "Hola", Said(), now, 14, lambda _: []).told for claim in one.claims
    ]
    return sorted(kinds)


async def test_a_promise_to_one_is_on_record_for_the_other_while_they_are_one(centre):
    agent = b'{"id": "ana", "presence": "available", "attributes": {"languages": ["es"]}}'
    await centre.house.intake.set_things(centre.tenant, [("agent", "ana", agent)])
    await centre.house.settle()
    one = await centre.hear("email:ana@example.org", name="Ana")
    [conversation] = [c.id for c in await centre.rows(Conversation)]
    for do, text in (("take", ""), ("reply", PROMISED)):
        await centre.house.intake.act(
            centre.tenant, "ana", do, conversation=conversation, text=text, reach="private" if text else ""
        )
        await centre.house.settle()
    other = await centre.hear("mastodon:@ana@a.example", "hola, soy yo", name="Ana")
    seen = [await told(centre, other)]
    assert (await centre.do("merge_person", other, one)).ok
    seen.append(await told(centre, other))
    assert (await centre.do("unmerge_person", other)).ok
    seen.append(await told(centre, other))

    assert seen == [[], ["amount", "date"], []]
