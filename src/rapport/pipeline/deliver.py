"""The loop that sends: claims parts of approved replies under a lease, gives each to its network, records what became of it.

Sent at most once, or known to be unknown: the lease outlasts the longest send, the attempt number is the fence, and whoever
finds a part that was tried before asks the network (`locate`) before anything else. What stays unknown goes to a person.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from rapport.channels.channel import Channel, Idempotency, Locates, Part
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.ledger.intake import Intake, Within
from rapport.model.fact import MessageSent, SendPutOff, SendRefused, SendUnknown
from rapport.model.ids import show_id
from rapport.model.reply import Outgoing
from rapport.pipeline.hear import Opens
from rapport.replies.outbox import Claimed, claim

log = structlog.get_logger()
SEND_AT_MOST = timedelta(seconds=30)
LEASE = SEND_AT_MOST + timedelta(seconds=15)  # longer than the longest send, so that no two workers hold one part
FIRST_PAUSE = timedelta(seconds=2)
MOST_TRIES = 12
AT_ONCE = 16


@dataclass(slots=True)
class Deliver:
    """Sends what waits for the tenants that this process has."""

    intake: Intake
    within: Within
    clock: Clock
    channels: Opens
    tenants: Callable[[], list[int]]

    async def run(self, woken: asyncio.Event) -> None:
        """Send until cancelled; `woken` is set when something may wait, it looks by itself every second."""
        while True:
            try:
                sent = [await self.round(tenant) for tenant in self.tenants()]
            except Exception as error:
                log.warning("deliver.round_failed", error=repr(error)[:200])
                await asyncio.sleep(0.5)
                continue
            if not sum(sent):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await woken.wait()
                woken.clear()

    async def round(self, tenant: int) -> int:
        """Send what one tenant has waiting, a few at once; how many parts that were."""
        async with self.within(tenant) as db:
            claimed = await claim(db, tenant, AT_ONCE, LEASE)
        if claimed:
            accounts = {a.id: a for a in await self.channels.accounts(tenant)}
            await asyncio.gather(*(self._send(tenant, one, accounts) for one in claimed))
        return len(claimed)

    async def _send(self, tenant: int, claimed: Claimed, accounts: dict) -> None:  # type: ignore[type-arg]
        out, attempt = claimed.outgoing, claimed.attempt
        try:
            account = accounts.get(out.account)
            if account is None:
                raise Refused(f"no account is called {out.account!r}: connect it again, or answer on another channel")
            channel = await self.channels.channel(tenant, account)
            async with asyncio.timeout(SEND_AT_MOST.total_seconds()):
                key, located = await _deliver(channel, claimed)
        except Exception as error:
            await self._record_failure(tenant, out, attempt, error)
        else:
            fact = MessageSent(out.id, key, self.clock.now(), located)
            await self.intake.receipt(tenant, out.id, out.handle, attempt, fact)

    async def _record_failure(self, tenant: int, out: Outgoing, attempt: int, error: Exception) -> None:
        reason = str(error) or type(error).__name__
        if isinstance(error, Unavailable) and attempt < MOST_TRIES:
            pause = error.retry_after or FIRST_PAUSE * 2 ** min(attempt, 8)
            fact: SendPutOff | SendRefused | SendUnknown = SendPutOff(out.id, attempt, self.clock.now() + pause)
        elif isinstance(error, Refused | Unavailable | BadInput):
            fact = SendRefused(out.id, attempt)
        else:
            fact = SendUnknown(out.id, attempt)
            if not isinstance(error, OutcomeUnknown | TimeoutError):
                log.error("deliver.send_failed", tenant=tenant, account=out.account, error=repr(error)[:200])
        await self.intake.receipt(tenant, out.id, out.handle, attempt, fact, reason)


async def _deliver(channel: Channel, claimed: Claimed) -> tuple[str, bool]:
    """(the network's key, whether it was found rather than sent)."""
    out = claimed.outgoing
    once = show_id(out.id)
    part = Part(out.text, out.to, out.reach, out.in_reply_to, out.thread, out.subject)
    if not claimed.first:
        found = await channel.locate(part, once, out.at) if isinstance(channel, Locates) else None
        if found is not None:
            return found, True
        if channel.capabilities.idempotency is Idempotency.NONE and not isinstance(channel, Locates):
            raise OutcomeUnknown("it was tried before and this network cannot be asked what became of it")
    receipt = await channel.deliver(part, once)
    return receipt.key, False
