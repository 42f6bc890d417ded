"""Who asked us to stop is not written to any more, until they take it back; by what they wrote, even where it was held."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.model.conversation import Conversation, State
from rapport.model.ids import named_id
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.person import Handle
from rapport.people.stopping import has_stopped

pytestmark = pytest.mark.anyio
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
ANA = "sms:+525555500117"
HANDLE, PERSON, TALK = (named_id(NOON, name) for name in ("handle", "person", "talk"))


def a_message(n: int, text: str, **changes: object) -> Message:
    given = {"conversation": TALK, "handle": HANDLE, "text": text} | changes
    at = NOON + timedelta(minutes=n)
    return Message(named_id(at, n), at, Direction.IN, Standing.RECEIVED, Reach.PRIVATE, **given)


@pytest.fixture
def stopped(store, tenant):
    """`await stopped(*messages)`: whether Ana, who wrote them, asked us to stop."""

    async def stopped(*messages: Message) -> bool:
        talk = Conversation(TALK, PERSON, HANDLE, State.OPEN, ChannelKind.SMS, "main", "sms", Reach.PRIVATE, NOON, NOON)
        rows = [Handle(HANDLE, ANA, PERSON), talk, *messages]
        async with store.within(tenant) as db:
            for row in rows:
                await write_rows(db, tenant, {type(row): {row.id: row}})
            return await has_stopped(db, tenant, ANA)

    return stopped


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Hola", "ALTO", "¿siguen ahí?"], True),
        (["stop", "START"], False),
        (["start", "baja"], True),
        (["Hola, quiero dar de baja mi contrato de internet por favor"], False),
        ([], False),
    ],
)
async def test_the_last_wish_counts(stopped, texts, expected):
    assert await stopped(*(a_message(n, text) for n, text in enumerate(texts))) is expected


async def test_a_wish_that_the_guard_holds_counts(stopped):
    held = {"standing": Standing.HELD, "conversation": None}
    message = a_message(1, "STOP")
    given = {f: getattr(message, f) for f in message.__struct_fields__} | held

    assert await stopped(Message(**given))


async def test_what_somebody_else_or_we_wrote_does_not_count(stopped):
    theirs = a_message(1, "STOP", handle=named_id(NOON, "other"))
    ours = a_message(2, "STOP")
    given = {f: getattr(ours, f) for f in ours.__struct_fields__} | {"direction": Direction.OUT}

    assert not await stopped(theirs, Message(**given))
