"""What networks tell of messages afterwards goes through intake, ledger and worker; a rebuild says the same again."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from rapport.app.rehearsing import rehearsal_house
from rapport.app.stages import VIEWS
from rapport.audit.verify import verify
from rapport.clock import FakeClock
from rapport.ledger.checkpoint import grow
from rapport.ledger.rebuild import rebuild
from rapport.ledger.tables import read_rows, read_where
from rapport.ledger.views import TABLES
from rapport.model.centre import Account
from rapport.model.conversation import Conversation
from rapport.model.message import ChannelKind, Incoming, Message, Reach, Standing
from rapport.model.need import Offer
from rapport.model.news import Deletion, Delivery, Edit, Reaction, Report
from rapport.model.reply import Outgoing, OutgoingState
from rapport.model.sequel import Sequel, sequel_id
from rapport.settings import Settings

pytestmark = pytest.mark.anyio
START = datetime(2026, 3, 3, 16, tzinfo=UTC)
WALL = Account("wall", "mastodon")
GUEST = "mastodon:@guest@example.social"


@pytest.fixture
async def house(database_url):
    """A house of one agent, under a clock that stands still until it is moved."""
    async with rehearsal_house(Settings(), database_url) as open_one, open_one("afterwards", FakeClock(START)) as house:
        body = {"id": "ana", "presence": "available", "role": "supervisor"}
        await house.intake.set_things(house.tenant, [("agent", "ana", json.dumps(body).encode())])
        await house.settle()
        yield house


async def hear(house, *told):
    await house.intake.hear(house.tenant, WALL, ChannelKind.SOCIAL, told)
    await house.settle()


async def all_of(house, table):
    async with house.within(house.tenant) as db:
        return await read_where(db, house.tenant, table, "true order by id")


async def the_sequel(house, key):
    async with house.within(house.tenant) as db:
        return (await read_rows(db, house.tenant, Sequel, [sequel_id("wall", key)]))[0]


async def do(house, what, **asked):
    action = await house.intake.act(house.tenant, "ana", what, **asked)
    await house.settle()
    return await house.intake.outcome(house.tenant, action, timeout=0)


async def answered(house):
    """A message that was edited before it came and after, and our answer, of which a report came before our own receipt."""
    at = house.clock.now()
    await hear(house, Edit("e1", "m1", GUEST, "El wifi se cae (1)", at), Report("p1", "unknown-yet", Delivery.READ, at))
    await hear(house, Incoming("m1", GUEST, "El wifi", Reach.PUBLIC, at - timedelta(minutes=1), name="guest"))
    await hear(
        house, Edit("e2", "m1", GUEST, "El wifi se cae (2)", at + timedelta(minutes=1)), Reaction("r1", "m1", GUEST, "like", at)
    )
    [offer] = await all_of(house, Offer)
    await do(house, "accept", offer=offer.id)
    await do(house, "reply", conversation=offer.conversation, text="Vamos para allá.", reach="public")
    [part] = await all_of(house, Outgoing)
    house.clock.move(timedelta(minutes=5))
    return offer.conversation, part


async def test_what_is_edited_before_and_after_it_comes_says_what_it_said_last_and_keeps_the_rest(house):
    conversation, _ = await answered(house)

    message = next(m for m in await all_of(house, Message) if m.key == "m1")
    assert message.text == "El wifi se cae (2)"
    assert [v.text for v in (await the_sequel(house, "m1")).versions] == ["El wifi", "El wifi se cae (1)", "El wifi se cae (2)"]
    assert (await the_sequel(house, "m1")).shown == (("like", 1),)
    [row] = [c for c in await all_of(house, Conversation) if c.id == conversation]
    assert row.id == message.conversation


async def test_a_report_of_ours_moves_it_on_and_a_failure_is_told_and_sent_anew(house):
    conversation, part = await answered(house)
    await hear(house, Report("p2", part.key, Delivery.FAILED, house.clock.now(), "the number does not exist"))
    failed = next(o for o in await all_of(house, Outgoing) if o.id == part.id)
    message = next(m for m in await all_of(house, Message) if m.id == part.message)
    await do(house, "retry_send", outgoing=part.id)
    again = next(o for o in await all_of(house, Outgoing) if o.id == part.id)

    assert (failed.state, failed.reason) == (OutgoingState.REFUSED, "the number does not exist")
    assert (message.standing, message.reason) == (Standing.REFUSED, "the number does not exist")
    assert (again.state, again.anew) == (OutgoingState.SENT, 1)


async def test_a_takedown_is_asked_given_to_the_network_and_what_it_answers_is_on_record(house):
    """The network of a rehearsal takes no operation: what it refuses is shown, and the message stays as it is."""
    _, part = await answered(house)
    outcome = await do(house, "moderate", message=part.message, argument="delete", reason="named the room")
    [asked] = [o for o in await all_of(house, Outgoing) if o.op]
    message = next(m for m in await all_of(house, Message) if m.id == part.message)

    assert outcome.ok
    assert (asked.op, asked.target, asked.by, asked.state) == ("delete", part.key, "ana", OutgoingState.REFUSED)
    assert "must be done there by hand" in asked.reason
    assert message.standing is Standing.SENT


async def test_everything_rebuilt_from_zero_is_as_it_was_kept_and_the_record_is_whole(house):
    _, part = await answered(house)
    now = house.clock.now()
    await hear(
        house,
        Deletion("d1", "m1", now, GUEST),
        Report("p2", part.key, Delivery.DELIVERED, now),
        Reaction("r2", part.key, GUEST, "👍", now),
    )
    await do(house, "moderate", message=part.message, argument="delete", reason="named the room")
    kept = {name: await all_of(house, row) for name, row in TABLES.items()}

    async with house.within(house.tenant) as db:
        await rebuild(db, house.house.keys, house.tenant, VIEWS, house.clock)
        await grow(db, house.house.keys, house.tenant, house.clock.now())
        verdict = await verify(db, house.house.keys, house.tenant)

    again = {name: await all_of(house, row) for name, row in TABLES.items()}
    assert {name: again[name] for name in TABLES if again[name] != kept[name]} == {}
    assert len(kept["sequel"]) == 3
    assert verdict.whole, verdict.faults


async def test_an_edited_message_is_understood_anew_on_its_row_and_in_its_conversation(house):
    at = house.clock.now()
    await hear(house, Incoming("m1", GUEST, "Hola", Reach.PUBLIC, at, name="guest"))
    [before] = await all_of(house, Conversation)
    await hear(house, Edit("e1", "m1", GUEST, "Hola", at))
    await hear(house, Edit("e2", "m1", GUEST, "The wifi in my room is down again, please help", at + timedelta(minutes=1)))

    [message] = await all_of(house, Message)
    [conversation] = await all_of(house, Conversation)
    assert (message.language, "wifi" in message.words, "wifi" in before.words) == ("en", True, False)
    assert (conversation.language, "wifi" in conversation.words) == ("en", True)
