"""The loop that listens to networks: what an account gives is taken into the ledger together with the account's cursor.

A push or a stream only wakes the pull; the pull is the truth. An account that fails waits and tries again; it stops no other.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from rapport.channels.budget import back_filling
from rapport.channels.channel import Channel, Event, Listens, Page, Probe, Pulls, Verifies
from rapport.channels.media import MediaKeeper
from rapport.clock import Clock
from rapport.errors import Refused, StoreError, Unavailable
from rapport.ledger.blobs import keep_blob
from rapport.ledger.intake import Intake, Within
from rapport.model.centre import Account
from rapport.pipeline import health
from rapport.pipeline.fitting import fitting
from rapport.pipeline.profiles import Profiles

log = structlog.get_logger()
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries of an account that fails
LOOK_EVERY = 10.0  # seconds between two looks whether an account that cannot be read is opened anew
SAY_EVERY = timedelta(seconds=20)  # between two marks that an account was read and had nothing new
PROBE_EVERY = timedelta(minutes=15)


class Opens(Protocol):
    """How the loops get at a channel: opened once per account as the centre says it now."""

    async def accounts(self, tenant: int) -> list[Account]:
        """The accounts that are not paused."""
        ...

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The channel of an account. Raises BadInput where it cannot be opened."""
        ...

    def probed(self, tenant: int, account: str) -> Probe | None:
        """What the network said when the account was opened here."""
        ...


@dataclass(slots=True)
class Hear:
    """Listens to every account of the tenants that this process has. `tenants()` names them."""

    intake: Intake
    within: Within
    clock: Clock
    channels: Opens
    media: MediaKeeper
    tenants: Callable[[], list[int]]
    _said: dict[tuple[int, str], tuple[tuple[bool, str], datetime]] = field(default_factory=dict)
    _running: dict[tuple[int, str], tuple[Account, "asyncio.Task[None]"]] = field(default_factory=dict)
    _hints: defaultdict[tuple[int, str], asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    _told: dict[tuple[int, str], tuple[datetime | None, datetime | None]] = field(default_factory=dict)  # hinted at, pushed at
    _hurried: set[tuple[int, str]] = field(default_factory=set)  # what a first reading may spend was too little for them
    profiles: Profiles = field(init=False)

    def __post_init__(self) -> None:
        self.profiles = Profiles(self.intake, self.within, self.clock)

    async def run(self, every: float = 2.0, changed: asyncio.Event | None = None) -> None:
        """Keep one listener for each account until cancelled; the centre is looked at every few seconds, and when `changed`."""
        changed = changed or asyncio.Event()
        try:
            while True:
                changed.clear()
                try:
                    await self._reconcile()
                    await self._look_for_hints()
                except Exception as error:
                    log.warning("hear.looking_failed", error=repr(error)[:200])
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        await changed.wait()
        finally:
            for _, task in self._running.values():
                task.cancel()

    async def _reconcile(self) -> None:
        wanted = {(tenant, a.id): a for tenant in self.tenants() for a in await self.channels.accounts(tenant)}
        for key, (account, task) in list(self._running.items()):
            if wanted.get(key) != account or task.done():
                task.cancel()
                del self._running[key]
        for key, account in wanted.items():
            if key not in self._running:
                self._running[key] = account, asyncio.create_task(self._listen(key[0], account))

    async def _look_for_hints(self) -> None:
        """Wake the reading of accounts whose network has called: the web takes calls, the worker reads."""
        for tenant in self.tenants():
            async with self.within(tenant) as db:
                for account, hinted, pushed in await db.fetch(health.HINTS, tenant):
                    before = self._told.get((tenant, account), (hinted, pushed))
                    self._told[tenant, account] = hinted, pushed
                    if hinted != before[0]:
                        self._hints[tenant, account].set()

    async def _listen(self, tenant: int, account: Account) -> None:
        pause = FIRST_PAUSE
        self._hurried.discard((tenant, account.id))
        while True:
            try:
                channel = await self.channels.channel(tenant, account)
                await self._keep_probe(tenant, account, channel, self.channels.probed(tenant, account.id))
                pause = FIRST_PAUSE
                await (self._pull_for_ever if isinstance(channel, Pulls) else self._look_after)(tenant, account, channel)
                continue
            except (Unavailable, Refused) as error:
                await self._say(tenant, account, ok=False, detail=str(error))
                if isinstance(error, Unavailable) and error.retry_after is not None:
                    pause = max(pause, error.retry_after.total_seconds())
            except Exception as error:
                log.warning("hear.account_failed", tenant=tenant, account=account.id, error=repr(error)[:200])
                await self._say(tenant, account, ok=False, detail=f"{type(error).__name__}: {error}"[:300])
            await asyncio.sleep(min(pause, LONGEST_PAUSE))
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _pull_for_ever(self, tenant: int, account: Account, channel: Channel) -> None:
        """Read until the account is opened anew; probe it now and then."""
        hint = self._hints[tenant, account.id]
        listening = asyncio.create_task(_hints(channel, hint)) if isinstance(channel, Listens) else None
        probed_at = self.clock.now()
        try:
            async with self.within(tenant) as db:
                cursor = await db.fetchval("select cursor from position where tenant = $1 and account = $2", tenant, account.id)
            # until the first reading has come to its end, or its lane was too narrow for it
            is_past = cursor is None and (tenant, account.id) not in self._hurried
            while await self.channels.channel(tenant, account) is channel:
                hint.clear()
                page = await self._next_page(tenant, account, channel, cursor, is_past)
                cursor, is_past = page.cursor, is_past and page.more
                if self.clock.now() - probed_at > PROBE_EVERY:
                    probed_at = self.clock.now()
                    await self._keep_probe(tenant, account, channel, await channel.probe())
                if not page.more:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._pause(tenant, account, channel)):
                            await hint.wait()
        finally:
            if listening is not None:
                listening.cancel()

    async def _next_page(self, tenant: int, account: Account, channel: Channel, cursor: bytes | None, is_past: bool) -> Page:
        """As `take_page`; where what is left for the past was too little for it, the next try spends as any reading does."""
        try:
            with back_filling(is_past):
                return await self.take_page(tenant, account, channel, cursor)
        except Unavailable:
            if is_past:
                self._hurried.add((tenant, account.id))
            raise

    async def _look_after(self, tenant: int, account: Account, channel: Channel) -> None:
        """Probe now and then what cannot be read, until the account is opened anew."""
        probed_at = self.clock.now()
        while await self.channels.channel(tenant, account) is channel:
            if self.clock.now() - probed_at > PROBE_EVERY:
                probed_at = self.clock.now()
                await self._keep_probe(tenant, account, channel, await channel.probe())
            await asyncio.sleep(LOOK_EVERY)

    def _pause(self, tenant: int, account: Account, channel: Channel) -> float:
        """Seconds until the next reading. While its network pushes, the reading only sweeps up what was lost on the way."""
        _, pushed = self._told.get((tenant, account.id), (None, None))
        pace = channel.capabilities.poll or 5.0
        if pushed is not None and self.clock.now() - pushed < health.LATELY:
            return max(pace, health.SWEEP.total_seconds())
        return pace

    async def _keep_probe(self, tenant: int, account: Account, channel: Channel, probe: Probe | None) -> None:
        if probe is None:
            return
        self._said.pop((tenant, account.id), None)
        with contextlib.suppress(OSError, StoreError):
            async with self.within(tenant) as db:
                await health.probed(db, tenant, account.id, channel, probe, isinstance(channel, Verifies))

    async def take_page(self, tenant: int, account: Account, channel: Channel, cursor: bytes | None) -> Page:
        """Read once and take in what came, durable when it returns.

        Raises:
            Unavailable, Refused: the network would not be read.
        """
        assert isinstance(channel, Pulls)
        page = await channel.pull(cursor)

        async def store(name: str, data: bytes) -> None:
            async with self.within(tenant) as db:
                await keep_blob(db, tenant, data)

        events = await fitting(self.within, tenant, await self.media.settle(page, store))
        new: list[bool] = []
        if events or page.cursor != cursor:
            new = await self.intake.hear(tenant, account, channel.capabilities.kind, events, page.cursor)
            await self.profiles.take(tenant, account, [event for event, is_new in zip(events, new, strict=True) if is_new])
        await self._count_gaps(tenant, account, channel, cursor, events, new)
        await self._say(tenant, account, ok=True, heard=any(new))
        return page

    async def _count_gaps(
        self, tenant: int, account: Account, channel: Channel, cursor: bytes | None, events: list[Event], new: list[bool]
    ) -> None:
        """Where a network pushes what it has, what only the reading finds was lost on the way."""
        hinted, pushed = self._told.get((tenant, account.id), (None, None))
        if pushed is None or cursor is None or not isinstance(channel, Verifies) or not any(new):
            return
        count = health.gaps_in(events, new, self.clock.now(), hinted)
        if count:
            async with self.within(tenant) as db:
                await health.missed(db, tenant, account.id, count, self.clock.now())

    async def _say(self, tenant: int, account: Account, *, ok: bool, detail: str = "", heard: bool = False) -> None:
        now = self.clock.now()
        before = self._said.get((tenant, account.id))
        if ok and not heard and before is not None and before[0] == (ok, detail) and now - before[1] < SAY_EVERY:
            return
        self._said[tenant, account.id] = (ok, detail), now
        with contextlib.suppress(OSError, StoreError):
            async with self.within(tenant) as db:
                await health.said(db, tenant, account.id, now, ok=ok, detail=detail, heard=heard, fetched=ok)


async def _hints(channel: Listens, hint: asyncio.Event) -> None:
    while True:
        try:
            async for _ in channel.listen():
                hint.set()
        except Unavailable:
            hint.set()
        except Exception as error:
            log.warning("hear.hint_failed", error=repr(error)[:200])
        await asyncio.sleep(5)
