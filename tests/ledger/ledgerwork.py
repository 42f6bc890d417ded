"""A ledger to test with: an intake over the real database, whose writer runs as long as the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial

from rapport.clock import FakeClock
from rapport.ledger.append import Appender
from rapport.ledger.intake import Intake
from rapport.ledger.seal import Keys
from rapport.model.centre import Account
from rapport.model.message import Incoming, Reach
from rapport.pipeline.remind import write_for_ever
from rapport.store.pool import Store

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)
ACCOUNT = Account("main", "mastodon")


def an_incoming(key: str = "k1", **changes: object) -> Incoming:
    """A message from a network; name only what the test is about."""
    given = {"handle": "mastodon:@ana@example.social", "text": "Hola", "reach": Reach.PUBLIC, "at": NOW} | changes
    return Incoming(key=key, **given)


@contextlib.asynccontextmanager
async def an_intake(store: Store, keys: Keys | None = None, most_waiting: int = 20_000) -> AsyncIterator[Intake]:
    """An intake whose appender writes until the block ends."""

    async def changed(tenant: int, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))

    appender = Appender(most_waiting=most_waiting)
    keys = keys or Keys(bytes(32))
    intake = Intake(appender, keys, store.within, store.bare, FakeClock(NOW), changed, lambda tenant: None)
    writing = asyncio.create_task(write_for_ever(appender, keys, partial(store.connect, ())))
    try:
        yield intake
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        if appender.db is not None:
            await appender.db.close()
