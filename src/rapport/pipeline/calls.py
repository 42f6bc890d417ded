"""Calling: a reply that waits for approval is told to approvers who are not at their desk, as a signed link."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from rapport.clock import Clock
from rapport.ledger.intake import Intake, Within
from rapport.replies.calling import Called, claim_calls, mark_told

log = structlog.get_logger()
Call = Callable[[int, Called], Awaitable[str]]  # tells them; the account that did, "" where they have no address
AT_MOST = 30.0  # seconds that one call may take
AT_ONCE = 8  # calls


@dataclass(slots=True)
class Calls:
    """Looks every few seconds for replies whose approvers cannot see that they wait."""

    within: Within
    clock: Clock
    intake: Intake
    call: Call

    async def round(self, tenant: int) -> int:
        """Tell who is to be told; how many were. Who cannot be reached holds nobody up and is tried again later."""
        async with self.within(tenant) as db:
            waiting = await claim_calls(db, tenant, self.clock.now())
        places = asyncio.Semaphore(AT_ONCE)
        return sum(await asyncio.gather(*(self._one(tenant, one, places) for one in waiting)))

    async def _one(self, tenant: int, one: Called, places: asyncio.Semaphore) -> bool:
        try:
            async with places, asyncio.timeout(AT_MOST):
                account = await self.call(tenant, one)
            if not account:
                return False
            async with self.within(tenant) as db:
                await mark_told(db, tenant, one, self.clock.now())
            await self.intake.act(
                tenant, one.agent.id, "tell_approver", draft=one.draft, conversation=one.conversation, argument=account
            )
        except Exception as error:
            log.warning("calls.not_told", tenant=tenant, error=repr(error)[:200])
            return False
        return True
