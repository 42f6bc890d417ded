"""What a worker that has just begun must find in memory of persons, before it says who is who. Against the real database."""

import pytest

from rapport.ledger.entry import New
from rapport.ledger.fetch import fetch
from rapport.ledger.tables import write_rows
from rapport.ledger.views import Rows
from rapport.model.fact import ActionTaken, PersonsMerged
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.naming import key_id, keys_of
from rapport.model.person import Apart, Handle, Hold, KnownBy, Person, PersonEvents
from stagework import START as NOW, an_id

pytestmark = pytest.mark.anyio
NUMBER = "sms:+5215512345678"
ANA, ANITA = an_id("ana"), an_id("anita")
FAMILY = (ANA, ANITA)


async def rows_for(store, tenant, fact, *kept) -> Rows:
    rows = Rows(NOW)
    async with store.within(tenant) as db:
        for row in kept:
            await write_rows(db, tenant, {type(row): {row.id: row}})
        await fetch(db, tenant, rows, [New(an_id("entry"), NOW, an_id("entry"), fact)], ())
    return rows


def a_family():
    yield from (Person(id, family=FAMILY) for id in FAMILY)
    yield from (PersonEvents(id) for id in FAMILY)
    yield from (Apart(ANA, Person(ANA)), Apart(ANITA, Person(ANITA), into=ANA))
    yield Hold(ANITA, "case 12", "law", NOW)


async def test_a_released_message_leads_to_its_handle_and_to_who_else_is_known_by_its_number(store, tenant):
    [key] = keys_of((NUMBER,))
    handle = Handle(an_id(NUMBER), NUMBER, blocked=True)
    held = Message(an_id("held"), NOW, Direction.IN, Standing.HELD, Reach.PRIVATE, handle=handle.id)
    release = ActionTaken(an_id("action"), "ana", "release", held.id)

    rows = await rows_for(store, tenant, release, held, handle, KnownBy(key_id(key), (ANA,)), *a_family())

    assert rows.get(Handle, handle.id) == handle
    assert rows.get(KnownBy, key_id(key)).persons == (ANA,)
    assert [rows.get(table, id) is not None for table in (PersonEvents, Apart) for id in FAMILY] == [True] * 4


async def test_a_merge_leads_to_all_that_is_known_of_whom_it_goes_on_in(store, tenant):
    rows = await rows_for(store, tenant, PersonsMerged(an_id("new"), ANITA), *a_family())

    assert [rows.get(table, id) is not None for table in (Person, PersonEvents, Apart) for id in FAMILY] == [True] * 6
    assert rows.get(Hold, ANITA) is not None
