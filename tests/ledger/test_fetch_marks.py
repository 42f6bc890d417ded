"""What a worker must find in memory when an agent reads: whether the network was told so before."""

from collections.abc import Iterator

import msgspec
import pytest

from rapport.ledger.entry import New
from rapport.ledger.fetch import fetch
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.centre import Account, Thing
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.reply import Outgoing, reading_mark
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio
TALK, HANDLE, MESSAGE = an_id("talk"), an_id("handle"), an_id("message")
MARK = reading_mark(MESSAGE)


def kept() -> Iterator[msgspec.Struct]:
    """A conversation whose last message was told as read."""
    yield Conversation(
        TALK, an_id("person"), HANDLE, State.OPEN, ChannelKind.CHAT, "ours", "whatsapp", Reach.PRIVATE, NOW, NOW,
        message=MESSAGE,
    )  # fmt: skip
    yield Message(
        MESSAGE, NOW, Direction.IN, Standing.RECEIVED, Reach.PRIVATE, handle=HANDLE, account="ours", conversation=TALK
    )
    yield Outgoing(MARK, MESSAGE, TALK, "ours", "whatsapp", Reach.PRIVATE, NOW, op="mark_read", target="k", by="bob")


@pytest.mark.parametrize("do", ["read", "open_link"])
async def test_who_reads_leads_to_the_mark_of_the_last_message(store, tenant, do):
    rows = Rows(NOW)
    account = Account("ours", "whatsapp", settings={"mark_read": "yes"})
    rows.hold(Thing("account/ours", msgspec.json.encode(account), NOW))
    act = ActionTaken(an_id("act"), "bob", do, conversation=TALK)
    async with store.within(tenant) as db:
        for row in kept():
            await write_rows(db, tenant, {type(row): {row.id: row}})
        await fetch(db, tenant, rows, [New(an_id("entry"), NOW, TALK, act)], ())

    assert (rows.get(Outgoing, MARK) is not None) == (do == "read")
