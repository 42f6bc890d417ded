"""What a device or a system tells again after an upgrade is known by the name that it had before."""

from datetime import timedelta

import pytest

from ledger.ledgerwork import NOW, an_intake
from rapport.ledger.journey import EventTold
from rapport.model.centre import Account
from rapport.model.message import ChannelKind
from rapport.model.news import Happening

pytestmark = pytest.mark.anyio
SHOP = Account("crm", "webhook")
AT = NOW - timedelta(hours=1)


def happened(key: str, was: str = "", handle: str = "email:ana@example.org", **changes) -> Happening:
    return Happening(key, handle, "till.paid", **({"source": "till", "at": AT, "was": was} | changes))


@pytest.fixture
async def hear(store, tenant):
    """`await hear(*told)`, and what earlier versions took in: two events by their numbers, one by a digest of its name."""
    async with an_intake(store) as intake:
        before = [
            ("7", "email:ana@example.org"),
            ("8", "email:ana@example.org"),
            ("ana@example.org/9", "email:ana@example.org"),
        ]
        await intake.take_events(tenant, [EventTold(handle, "till.paid", "till", name, AT, {}) for name, handle in before])

        async def hear(*told):
            return await intake.hear(tenant, SHOP, ChannelKind.CHAT, told)

        yield hear


async def test_what_was_taken_in_under_its_earlier_name_is_not_taken_a_second_time(hear):
    again = [happened("crm#7", "7"), happened("crm#8", "8"), happened("crm#ana@example.org/9", "ana@example.org/9")]

    assert await hear(*again, happened("crm#10", "10")) == [False, False, False, True]
    assert await hear(*again, happened("crm#10", "10")) == [False] * 4


async def test_the_same_number_of_another_moment_is_another_accounts_and_is_taken(hear):
    later = happened("crm#7", "7", at=AT + timedelta(minutes=1))

    assert await hear(later) == [True]
    assert await hear(later) == [False]


async def test_a_key_of_one_source_says_nothing_of_the_same_key_of_another(hear):
    again, first = happened("crm#7", "7"), happened("crm#7", source="stock")

    assert await hear(again, first) == [False, True]
    assert await hear(first) == [False]
