"""Places: how they are written and read, and what one lacks of another."""

import pytest
from hypothesis import given, strategies as st

from rapport.ledger.append import append_rows, prepare
from rapport.ledger.entry import New
from rapport.ledger.place import Place, place_now, read_place
from rapport.ledger.seal import Keys
from rapport.model.fact import PresenceChanged
from rapport.model.ids import named_id
from web.officework import NOW

places = st.builds(Place, st.integers(0, 10**17), st.integers(0, 10**17))


@given(places)
def test_a_place_that_was_written_is_read_as_it_was(place):
    assert read_place(str(place)) == place


@pytest.mark.parametrize("text", ["", "5", "5.", ".5", "a.b", "-1.2", "1.2.3", "٣.٤", "1" * 40 + ".1"])
def test_what_is_no_place_is_none(text):
    assert read_place(text) is None


@given(places, places)
def test_together_they_lack_nothing_of_either(one, other):
    both = one.with_all(other)

    assert not both.lacks(one)
    assert not both.lacks(other)
    assert one.lacks(other) == (both != one)
    assert (one.behind(other) > 0) == one.lacks(other)


@pytest.mark.anyio
async def test_the_place_now_is_the_head_and_what_a_worker_digested(store, tenant):
    empty = await _now(store, tenant)
    keys = Keys(bytes(32))
    rows = [prepare(keys, tenant, New(named_id(NOW, str(n)), NOW, bytes(16), PresenceChanged("ana", "away"))) for n in range(3)]
    async with store.within(tenant) as db:
        await append_rows(db, tenant, rows)
        await db.execute("update cursor set seq = 2 where tenant = $1 and name = 'pipeline'", tenant)

    assert empty == Place(0, 0)
    assert await _now(store, tenant) == Place(3, 2)


async def _now(store, tenant):
    async with store.within(tenant, readonly=True) as db:
        return await place_now(db, tenant)
