"""What a department calls an event never names a person in the open; what came under its plain name before is known."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from ledger.ledgerwork import NOW, an_intake
from rapport.ledger.entry import New
from rapport.ledger.journey import EventTold, nameless, seen
from rapport.ledger.owners import MANY
from rapport.ledger.seal import Keys
from rapport.model.fact import ContextRead


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


@pytest.mark.anyio
async def test_of_many_events_each_is_taken_once_whoever_is_known_already(store, tenant):
    many = [
        EventTold(f"sms:+346001{n:05}", "hotel.booked", "pms", f"b-{n}", NOW - timedelta(days=1), {}) for n in range(3 * MANY)
    ]
    many.append(many[0])
    async with an_intake(store) as intake:
        known = await intake.owners(tenant, {one.handle for one in many[:MANY]})
        await intake.take_events(tenant, many[:MANY:2])
        intake.keys.forget_all()

        taken = await intake.take_events(tenant, many)

        assert taken == [not (n < MANY and n % 2 == 0) for n in range(3 * MANY)] + [False]
        assert known.items() <= (await intake.owners(tenant, {one.handle for one in many})).items()
        assert not any(await intake.take_events(tenant, many))


@pytest.mark.anyio
async def test_nobody_is_rung_for_at_once_for_a_look_and_once_for_all_looks_of_a_moment(store, tenant, monkeypatch):
    monkeypatch.setattr("rapport.ledger.intake.SOON", 0.0)
    rang = asyncio.Queue()
    async with an_intake(store) as intake:
        intake.rang = rang.put_nowait
        look = partial(intake.record, tenant)
        await asyncio.gather(*(look([ContextRead(bytes([n] * 16), "ana", "service")]) for n in range(3)))

        assert await asyncio.wait_for(rang.get(), 30) == tenant
        monkeypatch.setattr("rapport.ledger.intake.SOON", 3600.0)
        await look([ContextRead(bytes(16), "bob", "service")])
        assert rang.empty()
