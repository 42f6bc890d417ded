"""The loop that listens: it looks at the centre's accounts every few seconds, and at once when they change."""

import asyncio
import contextlib

import pytest

from rapport.pipeline.hear import Hear

pytestmark = pytest.mark.anyio


class AccountsThatAreAskedFor:
    """A centre without accounts, which counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()

    async def accounts(self, tenant: int) -> list[object]:
        self.asked += 1
        self.again.set()
        return []


async def test_accounts_are_looked_at_as_soon_as_the_centre_changes():
    centre, changed = AccountsThatAreAskedFor(), asyncio.Event()
    hear = Hear(None, None, None, centre, None, lambda: [1])
    task = asyncio.create_task(hear.run(60.0, changed))
    async with asyncio.timeout(30):
        await centre.again.wait()
        centre.again.clear()

        changed.set()

        await centre.again.wait()
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert centre.asked == 2
