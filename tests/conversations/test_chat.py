"""What a visitor of the chat sees of what was said. Against the real database."""

from datetime import UTC, datetime

import pytest

from rapport.conversations.chat import answers_to, words_of
from rapport.ledger.tables import write_rows
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.person import Handle, Person
from rapport.model.reply import Outgoing, OutgoingState
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio
EVA = "webchat:eva"


async def test_a_visitor_whose_person_was_merged_sees_both_sides_still(store, tenant):
    handle, merged, other, conversation = (an_id(name) for name in (EVA, "merged", "other", "conversation"))
    said = {"account": "webchat", "channel": "webchat", "conversation": conversation}
    rows = [
        Handle(handle, EVA, merged),
        *(Person(id, family=(other, merged)) for id in (other, merged)),
        Conversation(
            conversation, other, handle, State.OPEN, ChannelKind.CHAT, "webchat", "webchat", Reach.PRIVATE, NOW, NOW
        ),
        Message(an_id("in"), NOW, Direction.IN, Standing.RECEIVED, Reach.PRIVATE, handle=handle, text="Hola", **said),
        Message(an_id("out"), NOW, Direction.OUT, Standing.SENT, Reach.PRIVATE, author="Ana", text="Buenas", **said),
        Outgoing(
            an_id("part"), an_id("out"), conversation, "webchat", "webchat", Reach.PRIVATE, NOW,
            OutgoingState.SENT, text="Buenas", handle=handle,
        ),
    ]  # fmt: skip
    async with store.within(tenant) as db:
        for row in rows:
            await write_rows(db, tenant, {type(row): {row.id: row}})
        ours = await answers_to(db, tenant, EVA, "webchat", (datetime.fromtimestamp(0, UTC), bytes(16)), NOW)
        theirs = await words_of(db, tenant, EVA, "webchat")

    assert [(one.text, one.author) for one in ours] == [("Buenas", "Ana")]
    assert [one.text for one in theirs] == ["Hola"]
