"""What a person asks by right has a day, is said to be near and late, is answered once, and goes with them."""

from datetime import timedelta

import pytest
from tests.people.test_merging import START, Centre

from rapport.app.erasing import erasing
from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.clock import FakeClock
from rapport.ledger.rebuild import rebuild
from rapport.model.fact import Words
from rapport.model.fact_rights import RightAnswered, RightAsked
from rapport.model.ids import derived_id
from rapport.model.person import Handle, RightRequest
from rapport.people.export import export
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
MAIL, CANARY = "email:ana@example.org", "zorzalino"
DAY = timedelta(days=1)


@pytest.fixture
async def centre(database_url):
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("rights", FakeClock(START)) as house:
        yield Centre(house)


async def told(centre, fact, text: str = "") -> None:
    [handle] = [handle.id for handle in await centre.rows(Handle) if handle.name == MAIL]
    await centre.house.intake.tell_of(centre.tenant, handle, fact, Words(text) if text else None)
    await centre.house.settle()


async def asked(centre, kind: str, days: int = 30) -> tuple[bytes, bytes]:
    """The person and what they ask; it is near three days before its end."""
    person, now = await centre.hear(MAIL, name="Ana"), centre.house.clock.now()
    id = derived_id(person, "request", kind)
    await told(centre, RightAsked(id, person, kind, "eu", now + days * DAY, now + (days - 3) * DAY, "eva"), f"{CANARY} asks")
    return person, id


async def only(centre) -> RightRequest:
    [request] = await centre.rows(RightRequest)
    return request


async def test_a_request_is_said_to_be_near_then_late_and_the_record_gives_the_same_rows_again(centre):
    await asked(centre, "export")
    seen = []
    for days in (26, 2, 3):
        centre.house.clock.move(days * DAY)
        await centre.house.settle()
        seen.append(((await only(centre)).near, (await only(centre)).late))
    before = await centre.rows(RightRequest)
    async with centre.house.house.within(centre.tenant) as db:
        await rebuild(db, centre.house.house.keys, centre.tenant, VIEWS, centre.house.clock)

    assert seen == [(False, False), (True, False), (True, True)]
    assert await centre.rows(RightRequest) == before
    assert before[0].words == f"{CANARY} asks"


async def test_what_is_answered_falls_due_no_more_and_is_answered_once(centre):
    person, id = await asked(centre, "export")
    await told(centre, RightAnswered(id, person, "done", "eva"), "sent by post")
    await told(centre, RightAnswered(id, person, "refused", "bob"), "too late")
    centre.house.clock.move(60 * DAY)
    await centre.house.settle()

    request = await only(centre)

    assert (request.state, request.closed_by, request.answer, request.near, request.late) == (
        "done", "eva", "sent by post", False, False,
    )  # fmt: skip


async def test_a_request_is_put_off_once_and_is_near_again_at_its_new_end(centre):
    person, id = await asked(centre, "correction")
    ends = (await only(centre)).due_at
    await told(centre, RightAnswered(id, person, "extended", "eva", ends + 60 * DAY, ends + 50 * DAY), "many of them")
    await told(centre, RightAnswered(id, person, "extended", "eva", ends + 90 * DAY, ends + 80 * DAY), "again")
    centre.house.clock.move(40 * DAY)
    await centre.house.settle()
    still = await only(centre)
    centre.house.clock.move(50 * DAY)
    await centre.house.settle()

    assert (still.due_at, still.extended, still.near) == (ends + 60 * DAY, True, False)
    assert (await only(centre)).near


async def test_an_erasure_answers_its_request_ends_the_others_and_leaves_no_word_of_them(centre):
    person, _ = await asked(centre, "erasure")
    await asked(centre, "objection")
    house = centre.house.house
    async with house.within(centre.tenant) as db:
        found = await export(db, centre.tenant, person, centre.house.clock.now())
    await erasing(house)(centre.tenant, person, "eva")
    await centre.house.advance.lease(centre.tenant)
    await centre.house.settle()
    after = {request.kind: request for request in await centre.rows(RightRequest)}
    async with house.within(centre.tenant) as db:
        await rebuild(db, house.keys, centre.tenant, VIEWS, centre.house.clock)

    assert {(one.kind, one.words) for one in found.asked} == {("erasure", f"{CANARY} asks"), ("objection", f"{CANARY} asks")}
    assert {kind: (one.state, one.words, one.closed_by) for kind, one in after.items()} == {
        "erasure": ("done", "", "eva"), "objection": ("ended", "", "eva"),
    }  # fmt: skip
    assert {request.kind: request for request in await centre.rows(RightRequest)} == after
