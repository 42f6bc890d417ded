"""An event of a kind with an end leaves the journey then; a hold keeps it, a merge and a rebuild change nothing of it."""

from datetime import timedelta

import pytest
from tests.people.test_merging import START, Centre

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.model.fact import PersonHeld, Words
from rapport.model.person import Handle, JourneyEvent, PersonEvents
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
ANA, ANITA, BEA = "email:ana@example.org", "sms:+5215512345678", "email:bea@example.org"


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("retaining", FakeClock(START)) as house:
        kind = b'{"id": "shop.visited", "keep_days": 30}'
        await house.intake.set_things(house.tenant, [("event_kind", "shop.visited", kind)])
        await house.settle()
        yield Centre(house)


async def later(centre, days: float) -> None:
    centre.house.clock.move(timedelta(days=days))
    await centre.house.settle()


async def left(centre) -> tuple[list[str], list[str]]:
    """The kinds of events in the journey, and in the latest of each person."""
    events = await centre.rows(JourneyEvent)
    return sorted(e.kind for e in events), sorted(e.kind for row in await centre.rows(PersonEvents) for e in row.events)


async def test_an_event_ends_with_the_days_of_its_kind_and_a_hold_keeps_it_until_it_is_lifted(centre):
    await centre.event(ANA, "shop.visited", item="suit")
    await centre.event(ANA, "till.paid", item="suit")
    await centre.event(BEA, "shop.visited", item="hat")
    bea, [handle] = await centre.person(BEA), [h.id for h in await centre.rows(Handle) if h.name == BEA]
    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(bea, "law"), Words("case 1"))
    await centre.house.settle()

    await later(centre, 29)
    before = await left(centre)
    await later(centre, 2)
    ended = await left(centre)
    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(bea, "law", lifted=True))
    await centre.house.settle()
    await later(centre, 31)

    assert before == (["shop.visited", "shop.visited", "till.paid"],) * 2
    assert ended == (["shop.visited", "till.paid"],) * 2
    assert await left(centre) == (["till.paid"],) * 2


async def test_a_hold_on_one_keeps_it_for_all_who_are_one_and_a_rebuild_says_the_same(centre):
    ana, anita = await centre.hear(ANA, name="Ana"), await centre.hear(ANITA, name="Anita")
    await centre.event(ANITA, "shop.visited", item="suit")
    await centre.do("merge_person", anita, ana)
    [handle] = [h.id for h in await centre.rows(Handle) if h.name == ANA]
    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(ana, "law"), Words("case 2"))
    await centre.house.settle()

    await later(centre, 31)
    held = await left(centre)
    await centre.house.intake.tell_of(centre.tenant, handle, PersonHeld(ana, "law", lifted=True))
    await centre.house.settle()
    await later(centre, 31)

    assert held == (["shop.visited"], ["shop.visited"] * 2)
    assert await left(centre) == ([], [])
    everything = await centre.everything()
    async with centre.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)
    assert await centre.everything() == everything
