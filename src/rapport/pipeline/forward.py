"""Forwarding: an offer whose agent has no browser open goes to their own address, as a signed link; presence from calendars."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from rapport.clock import Clock
from rapport.ledger.intake import Intake, Within
from rapport.matching.calendars import presences_due
from rapport.matching.forwarding import Waiting, claim_forwards

log = structlog.get_logger()
Forwarding = Callable[[int, Waiting], Awaitable[str]]  # sends it; the account that did, "" where the agent has no address


@dataclass(slots=True)
class Forward:
    """Looks every second for offers that their agents cannot see, and for what calendars say of their presence."""

    within: Within
    clock: Clock
    intake: Intake
    send: Forwarding

    async def round(self, tenant: int) -> int:
        """Send what waits; how many went out. One that cannot be sent is not tried again: the next agent is asked instead."""
        async with self.within(tenant) as db:
            waiting = await claim_forwards(db, tenant, self.clock.now())
            presences = await presences_due(db, tenant, self.clock.now())
        for agent, do in presences:
            await self.intake.act(tenant, agent, do, argument="calendar")
        sent = 0
        for one in waiting:
            try:
                account = await self.send(tenant, one)
            except Exception as error:
                log.warning("forward.not_sent", tenant=tenant, error=repr(error)[:200])
                continue
            if account:
                await self.intake.act(
                    tenant, one.agent, "forward_offer", offer=one.offer, conversation=one.conversation, argument=account
                )
                sent += 1
        return sent
