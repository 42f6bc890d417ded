"""The loop that sends: claims parts of approved replies under a lease, gives each to its network, records what became of it.

Sent at most once, or known to be unknown: the lease outlasts the longest send, the attempt number is the fence, and whoever
finds a part that its network may have asks the network (`locate`) before anything else. What stays unknown goes to a person.
No account waits for another: each has its own few parts under way.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
import structlog

from rapport.channels.channel import GESTURES, Channel, File, Gestures, Idempotency, Locates, Moderates, Op, Part
from rapport.clock import Clock
from rapport.errors import BadInput, OutcomeUnknown, Refused, Unavailable
from rapport.ledger.intake import Intake, Within
from rapport.model.centre import Account
from rapport.model.fact import MessageSent, OperationDone, SendPutOff, SendRefused, SendUnknown
from rapport.model.ids import show_id
from rapport.model.reply import Outgoing
from rapport.pipeline.hear import Opens
from rapport.replies.attachments import read_files
from rapport.replies.outbox import Claimed, claim, hold

log = structlog.get_logger()
OPEN_AT_MOST = timedelta(seconds=10)
GIVE_AT_MOST = timedelta(seconds=20)
ASK_AT_MOST = timedelta(seconds=5)
SEND_AT_MOST = GIVE_AT_MOST + 2 * ASK_AT_MOST  # asked before, given, and asked afterwards where the outcome is unknown
SETTLING = timedelta(seconds=30)  # after which every network can say what it has
LEASE = OPEN_AT_MOST + SEND_AT_MOST + SETTLING  # so no two workers hold one part, and who comes next can be told
RECORD_AT_MOST = timedelta(seconds=20)  # for the database to come back; less than SETTLING
FIRST_PAUSE = timedelta(seconds=2)
MOST_TRIES = 12
AT_ONCE = 64  # parts under way in this process
EACH = 8  # of one account, and of one claim
Fact = MessageSent | OperationDone | SendPutOff | SendRefused | SendUnknown


class NotToldYet(OutcomeUnknown):
    """The network may have it, and cannot say so now; it is asked again after `pause`."""

    def __init__(self, reason: str, pause: timedelta | None) -> None:
        super().__init__(reason)
        self.pause = pause


@dataclass(slots=True)
class Deliver:
    """Sends what waits for the tenants that this process has."""

    intake: Intake
    within: Within
    clock: Clock
    channels: Opens
    tenants: Callable[[], list[int]]
    _under_way: dict["asyncio.Task[None]", tuple[int, str]] = field(default_factory=dict)

    async def run(self, woken: asyncio.Event) -> None:
        """Send until cancelled; `woken` is set when something may wait, it looks by itself every second."""
        try:
            while True:
                try:
                    begun = [len(await self._begin(tenant, woken.set)) for tenant in self.tenants()]
                except Exception as error:
                    log.warning("deliver.round_failed", error=repr(error)[:200])
                    await asyncio.sleep(0.5)
                    continue
                if not sum(begun):
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(1.0):
                            await woken.wait()
                    woken.clear()
        finally:
            for task in self._under_way:
                task.cancel()

    async def round(self, tenant: int) -> int:
        """Send what one tenant has waiting, a few at once; how many parts that were."""
        begun = await self._begin(tenant, lambda: None)
        await asyncio.gather(*begun)
        return len(begun)

    async def _begin(self, tenant: int, ended: Callable[[], None]) -> "list[asyncio.Task[None]]":
        """Begin to send a few parts; `ended` is called as each is done with."""
        room = min(EACH, AT_ONCE - len(self._under_way))
        if room <= 0:
            return []
        busy = [account for (of, account), n in Counter(self._under_way.values()).items() if of == tenant and n >= EACH]
        async with self.within(tenant) as db:
            claimed = await claim(db, tenant, room, LEASE, now=self.clock.now(), busy=busy)
        accounts = {a.id: a for a in await self.channels.accounts(tenant)} if claimed else {}
        begun = []
        for one in claimed:
            task = asyncio.create_task(self._send(tenant, one, accounts))
            self._under_way[task] = tenant, one.outgoing.account
            task.add_done_callback(lambda task: self._ended(task, ended))
            begun.append(task)
        return begun

    def _ended(self, task: "asyncio.Task[None]", ended: Callable[[], None]) -> None:
        self._under_way.pop(task, None)
        ended()

    async def _send(self, tenant: int, claimed: Claimed, accounts: Mapping[str, Account]) -> None:
        out = claimed.outgoing
        try:
            try:
                channel = await self._channel(tenant, out, accounts)
                files = await self._files(tenant, out)
                whose = await self._whose(tenant, out) if isinstance(channel, Gestures) and out.op in GESTURES else ""
            except (Refused, BadInput) as error:
                if claimed.first:
                    raise
                raise OutcomeUnknown(f"it was tried before, and nobody can ask what became of it: {error}") from error
            fact = await _given(channel, claimed, files, whose, self.clock)
        except Exception as error:
            await self._failed(tenant, claimed, error)
        else:
            await self._record(tenant, claimed, fact)

    async def _files(self, tenant: int, out: Outgoing) -> tuple[File, ...]:
        """What goes with a part. Raises Refused where a file is not there any more."""
        if not out.files:
            return ()
        try:
            async with self.within(tenant) as db:
                found = await read_files(db, self.intake.keys, tenant, [file.blob for file in out.files])
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable("its files cannot be read now") from error
        if gone := next((file for file in out.files if file.blob not in found), None):
            raise Refused(f"the file {gone.name!r} is not there any more; attach it again and write the reply anew")
        return tuple(File(file.name, file.type, found[file.blob], file.alt) for file in out.files)

    async def _whose(self, tenant: int, out: Outgoing) -> str:
        """The handle's name of the message to which something is done. Raises Refused where nobody is called so any more."""
        try:
            async with self.within(tenant) as db:
                name = await db.fetchval("select name from handle where tenant = $1 and id = $2", tenant, out.handle)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable("whose message it is cannot be read now") from error
        if not name:
            raise Refused("nobody knows any more whose message it was")
        return str(name)

    async def _channel(self, tenant: int, out: Outgoing, accounts: Mapping[str, Account]) -> Channel:
        account = accounts.get(out.account)
        if account is None:
            raise Refused(f"no account is called {out.account!r}: connect it again, or answer on another channel")
        try:
            async with asyncio.timeout(OPEN_AT_MOST.total_seconds()):
                return await self.channels.channel(tenant, account)
        except TimeoutError as error:
            raise Unavailable(f"the account {out.account!r} cannot be opened now") from error

    async def _failed(self, tenant: int, claimed: Claimed, error: Exception) -> None:
        out, attempt = claimed.outgoing, claimed.attempt
        reason = str(error) or type(error).__name__
        if isinstance(error, NotToldYet) and attempt < MOST_TRIES:
            with contextlib.suppress(Exception):  # the lease that stands then is longer still
                async with self.within(tenant) as db:
                    await hold(db, tenant, claimed, error.pause or SETTLING * 2 ** min(attempt - 1, 5))
            return
        if isinstance(error, Unavailable) and attempt < MOST_TRIES:
            pause = error.retry_after or FIRST_PAUSE * 2 ** min(attempt, 8)
            fact: Fact = SendPutOff(out.id, attempt, self.clock.now() + pause)
        elif out.op and isinstance(error.__cause__, OutcomeUnknown | TimeoutError):  # tried often, and nobody can say
            fact = SendUnknown(out.id, attempt)
        elif isinstance(error, Refused | Unavailable | BadInput):
            fact = SendRefused(out.id, attempt)
        else:
            fact = SendUnknown(out.id, attempt)
            if not isinstance(error, OutcomeUnknown):
                log.error("deliver.send_failed", tenant=tenant, account=out.account, error=repr(error)[:200])
        await self._record(tenant, claimed, fact, reason)

    async def _record(self, tenant: int, claimed: Claimed, fact: Fact, reason: str = "") -> None:
        """Record it, again and again while the database is away: what is known of a send should not have to be asked."""
        out, loop = claimed.outgoing, asyncio.get_running_loop()
        until = loop.time() + RECORD_AT_MOST.total_seconds()
        while True:
            try:
                await self.intake.receipt(tenant, out.id, out.handle, claimed.attempt, fact, reason)
            except Exception as error:
                if loop.time() > until:
                    log.warning("deliver.not_recorded", tenant=tenant, account=out.account, error=repr(error)[:200])
                    return
                await asyncio.sleep(0.5)
            else:
                return


async def _given(
    channel: Channel, claimed: Claimed, files: tuple[File, ...], whose: str, clock: Clock
) -> MessageSent | OperationDone:
    """What came of giving it to the network. Raises SendError, BadInput."""
    out = claimed.outgoing
    once = show_id(out.id) + (f"-{out.anew}" if out.anew else "")
    if out.op:
        await _moderate(channel, out, whose, once)
        return OperationDone(out.id, clock.now(), out.reach in channel.capabilities.one_sign)
    key, located = await _deliver(channel, claimed, files, once, clock)
    return MessageSent(out.id, key, clock.now(), located, out.account, claimed.attempt)


async def _moderate(channel: Channel, out: Outgoing, whose: str, once: str) -> None:
    if not isinstance(channel, Moderates) or out.op not in channel.capabilities.ops:
        raise Refused(f"this account cannot {out.op} a message on {out.channel}; it must be done there by hand")
    try:
        async with asyncio.timeout((SEND_AT_MOST if out.op == Op.CALL else GIVE_AT_MOST).total_seconds()):  # it rings
            if whose and isinstance(channel, Gestures):
                await channel.gesture(Op(out.op), out.target, whose, out.text, once)
            else:
                await channel.moderate(Op(out.op), out.target, out.text, once)
    except (OutcomeUnknown, TimeoutError) as error:  # done twice is done once
        raise Unavailable(str(error) or "the network did not answer in time") from error


async def _deliver(channel: Channel, claimed: Claimed, files: tuple[File, ...], once: str, clock: Clock) -> tuple[str, bool]:
    """(the network's key, whether it was found rather than sent)."""
    out = claimed.outgoing
    part = Part(out.text, out.to, out.reach, out.in_reply_to, out.thread, out.subject, files)
    if not claimed.first and (found := await _located(channel, part, once, out.at)) is not None:
        return found, True
    near = clock.now()
    try:
        async with asyncio.timeout(GIVE_AT_MOST.total_seconds()):
            receipt = await channel.deliver(part, once)
    except (Refused, Unavailable, BadInput):
        raise
    except Exception as error:
        if not isinstance(error, OutcomeUnknown | TimeoutError):
            log.error("deliver.channel_failed", account=out.account, error=repr(error)[:200])
        if (found := await _located(channel, part, once, near, error)) is not None:
            return found, True
        raise Unavailable("the network does not have it") from error
    return receipt.key, False


async def _located(channel: Channel, part: Part, once: str, near: datetime, after: Exception | None = None) -> str | None:
    """What the network calls a part that it may have been given; None: it does not have it, or takes it once anyway.

    `after`: what came of giving it just now; None: that was an earlier claim.
    Raises:
        NotToldYet: the network cannot say now.
        OutcomeUnknown: nobody can say.
    """
    if not isinstance(channel, Locates):
        if channel.capabilities.idempotency is Idempotency.NATIVE:
            return None
        raise OutcomeUnknown(str(after or "") or "it was tried before, and this network cannot be asked what became of it")
    try:
        async with asyncio.timeout(ASK_AT_MOST.total_seconds()):
            return await channel.locate(part, once, near)
    except (Unavailable, TimeoutError) as error:
        raise NotToldYet(f"{after or 'it was tried before'}; {error}", getattr(error, "retry_after", None)) from error
    except Exception as error:
        raise OutcomeUnknown(f"{after or 'it was tried before'}; {error}") from error
