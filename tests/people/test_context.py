"""What anyone in the enterprise may know of a person now. Against the real database."""

from datetime import timedelta

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.errors import BadInput, NotAllowed
from rapport.ledger.tables import write_rows
from rapport.model.centre import Centre
from rapport.model.fact import ConsentNoted, Words
from rapport.model.journey import EventKind
from rapport.model.message import Reach
from rapport.model.person import Handle
from rapport.model.purpose import PURPOSES, Purpose
from rapport.people.context import context, find_person, purpose_for
from rapport.people.stage import stage
from stagework import START as NOW, Stagework, an_id

pytestmark = pytest.mark.anyio

ANA = "mastodon:@ana@example.social"
MAIL = "email:ana@example.org"


@pytest.fixture
async def work(store, tenant) -> Stagework:
    """A person with two handles who was in hospital, has a bank question, wrote, and was served."""
    work = Stagework(stage(), conversations())
    work.agents("bob")
    work.declare(ANA, MAIL, name="Ana López", loyalty="gold")
    work.event("care.visit", by=MAIL, ago=timedelta(days=3), topic="knee surgery")
    work.event("bank.question", by=ANA, ago=timedelta(days=2), topic="spending")
    message = work.hear("I would like to save more", language="en", intent="advice", reach=Reach.PRIVATE)
    work.later(minutes=1)
    work.accept("bob", work.conversation_of(message))
    async with store.within(tenant) as db:
        await write_rows(db, tenant, work.rows.take_changes())
    return work


async def known(store, tenant, purpose: str):
    async with store.within(tenant) as db:
        person = await find_person(db, tenant, ANA)
        return await context(db, tenant, person, PURPOSES[purpose], Centre(), NOW)


async def test_a_person_is_found_by_any_handle_and_nobody_by_none(work, store, tenant):
    async with store.within(tenant) as db:
        assert await find_person(db, tenant, ANA) == await find_person(db, tenant, MAIL) == work.row(Handle, an_id(ANA)).person
        assert await find_person(db, tenant, "") is None
        assert await find_person(db, tenant, "sms:+525500000000") is None


async def test_service_knows_the_person_their_attributes_and_their_issue(work, store, tenant):
    found = await known(store, tenant, "service")

    assert (found.name, found.language, found.handles, found.agents) == ("Ana López", "en", (MAIL, ANA), ("bob",))
    assert {a.name for a in found.attributes} == {"loyalty", "topics"}
    assert [(c.intent, c.agent, c.preview) for c in found.conversations] == [("advice", "bob", "I would like to save more")]


@pytest.mark.parametrize(
    ("purpose", "kinds"),
    [("service", ["bank.question"]), ("sales", ["bank.question"]), ("shop", []), ("care", ["bank.question", "care.visit"])],
)
async def test_what_is_medical_is_seen_by_care_alone_and_what_is_the_banks_not_by_the_shop(work, store, tenant, purpose, kinds):
    found = await known(store, tenant, purpose)

    assert [e.kind for e in found.events] == kinds


async def test_the_shop_sees_that_there_is_an_issue_and_not_what_was_said(work, store, tenant):
    found = await known(store, tenant, "shop")

    assert [c.preview for c in found.conversations] == [""]


async def test_what_an_event_taught_is_hidden_with_the_event(store, tenant):
    work = Stagework(stage())
    work.event("care.visit", by=ANA, topic="knee surgery")
    async with store.within(tenant) as db:
        await write_rows(db, tenant, work.rows.take_changes())

    assert (await known(store, tenant, "sales")).attributes == ()
    assert [a.name for a in (await known(store, tenant, "care")).attributes] == ["topics"]


def test_a_purpose_that_is_none_is_refused_with_those_there_are_and_one_of_others_with_whose_it_is():
    centre = Centre(purposes={"fraud": Purpose("fraud", roles=("auditor",))})

    with pytest.raises(BadInput, match=", ".join(PURPOSES)):
        purpose_for(centre, "curiosity", ("service",))
    with pytest.raises(NotAllowed, match="auditor"):
        purpose_for(centre, "fraud", ("service",))
    assert purpose_for(centre, "fraud", ("auditor",)).id == "fraud"


async def test_what_asks_for_consent_is_told_of_those_alone_who_agreed_and_have_not_taken_it_back(work, store, tenant):
    purpose = Purpose("marketing", consent=True)
    person = work.row(Handle, an_id(ANA)).person

    async def told() -> bool:
        async with store.within(tenant) as db:
            await write_rows(db, tenant, work.rows.take_changes())
            try:
                return await context(db, tenant, person, purpose, Centre(), work.now) is not None
            except NotAllowed:
                return False

    before = await told()
    work.tell(ConsentNoted(person, "marketing", "", True, "ana"), Words("ticked at the till"), an_id(ANA))
    agreed = await told()
    work.later(minutes=1)
    work.tell(ConsentNoted(person, "marketing", "sms", False, "ana"))

    assert (before, agreed, await told()) == (False, True, False)


async def test_an_event_is_told_for_as_long_as_its_kind_says(work, store, tenant):
    person = work.row(Handle, an_id(ANA)).person
    centre = Centre(events={"bank.question": EventKind("bank.question", keep_days=1)})
    async with store.within(tenant) as db:
        found = await context(db, tenant, person, PURPOSES["care"], centre, work.now)

    assert [event.kind for event in found.events] == ["care.visit"]


async def test_nobody_has_no_context(store, tenant):
    async with store.within(tenant) as db:
        assert await context(db, tenant, an_id("nobody"), PURPOSES["service"], Centre(), NOW) is None
