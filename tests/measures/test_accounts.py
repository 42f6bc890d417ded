"""Accounts: health, what came in and what did not go out."""

from datetime import UTC, datetime, timedelta

import pytest

from rapport.ledger.tables import write_rows
from rapport.measures.accounts import AccountNow, accounts_now
from rapport.model.ids import named_id
from rapport.model.message import Direction, Message, Reach, Standing

pytestmark = pytest.mark.anyio

DAY = datetime(2026, 3, 3, tzinfo=UTC)
NOON = DAY + timedelta(hours=12)


def a_message(name: str, direction: Direction, standing: Standing) -> Message:
    return Message(named_id(NOON, name), NOON, direction, standing, Reach.PRIVATE, account="mail")


async def test_an_account_says_what_came_and_what_did_not_go_out(store, tenant):
    rows = (
        a_message("a", Direction.IN, Standing.RECEIVED),
        a_message("b", Direction.IN, Standing.HELD),
        a_message("c", Direction.OUT, Standing.SENT),
        a_message("d", Direction.OUT, Standing.REFUSED),
        a_message("e", Direction.OUT, Standing.UNKNOWN),
    )

    async with store.within(tenant) as db:
        await write_rows(db, tenant, {Message: {row.id: row for row in rows}})
        found = await accounts_now(db, tenant, since=DAY)

    assert found == {"mail": AccountNow("mail", last_in=NOON, received=2, failed=2)}


async def test_an_account_that_was_looked_at_is_there_without_messages(store, tenant):
    async with store.within(tenant) as db:
        await db.execute(
            "insert into account_health(tenant, account, ok, at, detail) values ($1, 'mail', false, $2, 'wrong password')",
            tenant,
            DAY,
        )
        found = await accounts_now(db, tenant, since=DAY)

    assert (found["mail"].ok, found["mail"].detail) == (False, "wrong password")
