"""What a department calls an event never names a person in the open; what came under its plain name before is known."""

from datetime import timedelta

import pytest

from ledger.ledgerwork import NOW, an_intake
from rapport.ledger.entry import New
from rapport.ledger.journey import EventTold, nameless, seen
from rapport.ledger.seal import Keys


@pytest.mark.pure
@pytest.mark.parametrize(
    ("handle", "named", "plain"),
    [
        ("sms:+34600111222", "34600111222/booking/7", "34600/booking/7"),
        ("whatsapp:34600111222", "booking +34 600-111-222", "booking 7"),
        ("mastodon:@anaperez@example.social", "anaperez-7", "ana-7"),
        ("matrix:@AnaPerez:example.org", "7/anaperez", "7/perez"),
        ("matrix:@ana:example.org", "ana@example.org/7", "banana-7"),
        ("email:anaperez@example.org", "AnaPerez.7", "7"),
    ],
)
def test_a_name_or_a_telephone_in_what_something_is_called_does_not_stand_in_the_open(handle, named, plain):
    keys = Keys(bytes(32))

    assert nameless(keys, 1, named, (handle,)) == keys.digest(1, f"called|{named}").hex()
    assert nameless(keys, 1, plain, (handle,)) == plain


@pytest.mark.anyio
async def test_an_event_that_stands_there_under_its_plain_name_is_not_taken_a_second_time(store, tenant):
    told = EventTold("sms:+34600111222", "hotel.booked", "pms", "34600111222/booking/7", NOW - timedelta(days=1), {})
    other = EventTold("sms:+34600111222", "hotel.booked", "pms", "34600111222/booking/8", NOW - timedelta(days=1), {})
    async with an_intake(store) as intake:
        owner = (await intake.owners(tenant, {told.handle}))[told.handle]
        new = seen(intake.keys, tenant, told, owner, NOW)
        before = New(new.id, NOW, new.id, new.fact, new.content, owner, new.source, told.source_id)
        await intake.append(tenant, [before])

        assert await intake.take_events(tenant, [told, other, told]) == [False, True, False]
        assert await intake.take_events(tenant, [told, other]) == [False, False]
        assert await intake.take_events(tenant, []) == []
