"""What a rehearsal needs of a running house: one fresh tenant on the real pipeline, under a clock that the rehearsal moves."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

import asyncpg

from rapport.clock import FakeClock
from rapport.ledger.intake import Intake


class House(Protocol):
    """One fresh tenant. `intake` tells the time by the rehearsal's clock, and what is sent goes to a channel in memory."""

    tenant: int
    intake: Intake

    def within(self, tenant: int) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection inside the tenant's wall."""
        ...

    async def settle(self) -> None:
        """Run stages, reminders that are due and sending, until nothing is left to do at the clock's present time."""
        ...

    async def next_due(self) -> datetime | None:
        """When the next reminder falls due or the next put-off part may be sent; None: nothing waits for a time."""
        ...


OpenHouse = Callable[[str, FakeClock], AbstractAsyncContextManager[House]]
