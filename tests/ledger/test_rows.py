"""Memory is ahead of the tables while a round is on its way: what it says holds until the round is written."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from rapport.ledger.entry import Entry, New
from rapport.ledger.fetch import fetch
from rapport.ledger.keeping import KEPT, let_go
from rapport.ledger.round import Tenant
from rapport.ledger.seal import Keys
from rapport.ledger.views import Rows
from rapport.model.conversation import Conversation
from rapport.model.correction import Correction
from rapport.model.fact import EntryDigested
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.need import Offer, OfferState
from rapport.model.reply import Aside

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
ROW = Aside(bytes(16), 7, NOW, "guard", "cannot be read")
NAMES_IT = New(b"n" * 16, NOW, ROW.id, EntryDigested(ROW.id))


class ATableThatStillHasIt:
    """A database in which the row still stands."""

    def __init__(self) -> None:
        self.asked = 0

    async def fetch(self, *_: object) -> list[tuple[object, ...]]:
        self.asked += 1
        return []


async def test_a_row_whose_dropping_is_on_its_way_is_not_fetched_again():
    rows, table = Rows(NOW), ATableThatStillHasIt()
    rows.drop(Aside, ROW.id)
    rows.writing = rows.take_changes()

    await fetch(table, 1, rows, [NAMES_IT], ())

    assert table.asked == 0


async def test_a_row_that_memory_does_not_know_is_fetched():
    rows, table = Rows(NOW), ATableThatStillHasIt()

    await fetch(table, 1, rows, [NAMES_IT], ())

    assert table.asked == 1


async def test_what_the_next_round_has_fetched_stays_when_the_one_before_lands():
    async def execute(*_):
        """Written."""

    rows = Rows(NOW)
    rows.hold(ROW)

    await Tenant(1, 1, Keys(bytes(32)), rows).write(SimpleNamespace(execute=execute), SimpleNamespace(statement="", values=[]))

    assert KEPT[Aside] == 0
    assert rows.get(Aside, ROW.id) == ROW


def test_a_row_that_is_not_written_yet_is_not_let_go():
    rows = Rows(NOW)
    rows.put(ROW)
    rows.forget(Aside, [ROW.id])
    kept = rows.get(Aside, ROW.id)
    rows.writing = rows.take_changes()
    rows.forget(Aside, [ROW.id])
    flying = rows.get(Aside, ROW.id)
    rows.writing = {}

    rows.forget(Aside, [ROW.id])

    assert (kept, flying, rows.get(Aside, ROW.id)) == (ROW, ROW, None)


def an_offer(number, state=OfferState.OPEN):
    return Offer(number.to_bytes(16), bytes(16), "ana", "chat", NOW, NOW, state)


def test_of_offers_only_those_that_have_ended_are_let_go():
    rows = Rows(NOW)
    rows.hold(an_offer(1))
    rows.hold(an_offer(2, OfferState.EXPIRED))
    rows.hold(an_offer(3))
    rows.change(Offer, an_offer(3).id, state=OfferState.ACCEPTED)
    rows.put(an_offer(4, OfferState.REVOKED))
    rows.writing = {Offer: {an_offer(4).id: None}}
    rows.take_changes()

    let_go(rows)
    flying = [offer.id[-1] for offer in rows.all(Offer)]
    rows.writing = {}
    let_go(rows)

    assert flying == [1, 4]
    assert [offer.id[-1] for offer in rows.all(Offer)] == [1]


def test_rows_beyond_their_bound_are_let_go_again_and_again():
    rows = Rows(NOW)
    for turn in range(3):
        for number in range(KEPT[Message] + 1):
            id = (turn * 10_000 + number).to_bytes(16)
            rows.hold(Message(id, NOW, Direction.IN, Standing.RECEIVED, Reach.PUBLIC))
        let_go(rows)

        assert rows.count(Message) == 0


def test_corrections_are_not_gone_through_each_round_and_those_that_teach_no_more_go_with_the_next_hundred():
    rows = Rows(NOW)
    for number in range(2):
        rows.hold(Correction(number.to_bytes(16), bytes(16), None, "ana", NOW, "wifi", learns=bool(number)))
    let_go(rows)
    kept = [one.id[-1] for one in rows.all(Correction)]
    rows.hold(Correction((2).to_bytes(16), bytes(16), None, "ana", NOW, "wifi", learns=False))
    let_go(rows)
    between = rows.count(Correction)
    for number in range(3, 103):
        rows.hold(Correction(number.to_bytes(16), bytes(16), None, "ana", NOW, "wifi", learns=False))
    let_go(rows)

    assert (kept, between, rows.count(Correction)) == ([1], 2, 1)


def test_the_collector_of_cycles_passes_over_facts_and_the_largest_rows():
    passed_over = [kind.__struct_config__.gc for kind in (New, Entry, EntryDigested, Message, Conversation, Offer)]

    assert passed_over == [False] * 6
