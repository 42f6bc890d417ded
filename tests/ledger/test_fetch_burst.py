"""What a worker must find in memory when a burst is answered, and what it lets go once that is over."""

from datetime import timedelta

import pytest

from rapport.ledger.entry import New
from rapport.ledger.fetch import fetch
from rapport.ledger.keeping import let_go
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.burst import Burst
from rapport.model.conversation import Conversation, State
from rapport.model.fact import BurstBegan
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.need import Need
from rapport.model.person import Handle
from rapport.model.shift_ask import ShiftAsk
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio


async def test_a_burst_leads_to_itself_and_to_whoever_waits_with_their_handle_and_message(store, tenant):
    talk, handle, message, burst = (an_id(name) for name in ("talk", "handle", "message", "burst"))
    kept = (
        Conversation(
            talk, an_id("person"), handle, State.OPEN, ChannelKind.CHAT, "webchat", "webchat", Reach.PRIVATE, NOW, NOW,
            message=message,
        ),
        Handle(handle, "webchat:one"),
        Message(message, NOW, Direction.IN, Standing.RECEIVED, Reach.PRIVATE, handle=handle),
        Burst(burst, NOW, NOW, ended_at=NOW),
    )  # fmt: skip
    rows = Rows(NOW)
    rows.hold(Need(talk, "it-first", NOW, slot="chat"))
    began = BurstBegan(burst, NOW, "real", 4.0, 40, 36, 30, 5400.0, 0, 38, 1, 60.0)
    async with store.within(tenant) as db:
        for row in kept:
            await write_rows(db, tenant, {type(row): {row.id: row}})
        await fetch(db, tenant, rows, [New(an_id("entry"), NOW, burst, began)], ())

    assert [rows.get(type(row), row.id) is not None for row in kept] == [True] * 4


def test_bursts_and_asks_that_are_settled_leave_memory():
    rows = Rows(NOW)
    over, runs = Burst(an_id("over"), NOW, NOW, ended_at=NOW), Burst(an_id("runs"), NOW, NOW)
    asked = ShiftAsk(an_id("ask"), "swap", "ana", "ben", "2026-03-05", 540, 1020, NOW + timedelta(days=2), NOW)
    done = ShiftAsk(an_id("done"), "swap", "ana", "ben", "2026-03-05", 540, 1020, NOW, NOW, state="done")
    for row in (over, runs, asked, done):
        rows.hold(row)
    let_go(rows)

    assert [*rows.all(Burst), *rows.all(ShiftAsk)] == [runs, asked]
