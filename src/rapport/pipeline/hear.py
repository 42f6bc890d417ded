"""The loop that listens to networks: what an account gives is taken into the ledger together with the account's cursor.

A push or a stream only wakes the pull; the pull is the truth. An account that fails waits and tries again; it stops no other.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol

import structlog

from rapport.channels.channel import Channel, Listens, Page, Pulls
from rapport.channels.media import MediaKeeper
from rapport.clock import Clock
from rapport.errors import Refused, StoreError, Unavailable
from rapport.ledger.intake import Intake, Within
from rapport.model.centre import Account

log = structlog.get_logger()
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries of an account that fails
BLOB = "insert into blob (tenant, hash, type, size, data) values ($1, $2, $3, $4, $5) on conflict do nothing"
HEALTH = """insert into account_health (tenant, account, ok, at, detail, last_heard) values ($1, $2, $3, $4, $5, $6)
on conflict (tenant, account) do update set ok = excluded.ok, at = excluded.at, detail = excluded.detail,
last_heard = coalesce(excluded.last_heard, account_health.last_heard)"""


class Opens(Protocol):
    """How the loops get at a channel: opened once per account as the centre says it now."""

    async def accounts(self, tenant: int) -> list[Account]:
        """The accounts that are not paused."""
        ...

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The channel of an account. Raises BadInput where it cannot be opened."""
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
    _said: dict[tuple[int, str], tuple[bool, str]] = field(default_factory=dict)
    _running: dict[tuple[int, str], tuple[Account, "asyncio.Task[None]"]] = field(default_factory=dict)

    async def run(self, every: float = 2.0, changed: asyncio.Event | None = None) -> None:
        """Keep one listener for each account until cancelled; the centre is looked at every few seconds, and when `changed`."""
        changed = changed or asyncio.Event()
        try:
            while True:
                changed.clear()
                try:
                    await self._reconcile()
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

    async def _listen(self, tenant: int, account: Account) -> None:
        pause = FIRST_PAUSE
        while True:
            try:
                channel = await self.channels.channel(tenant, account)
                if not isinstance(channel, Pulls):
                    return
                pause = FIRST_PAUSE
                await self._pull_for_ever(tenant, account, channel)
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
        hint = asyncio.Event()
        listening = asyncio.create_task(_hints(channel, hint)) if isinstance(channel, Listens) else None
        try:
            async with self.within(tenant) as db:
                cursor = await db.fetchval("select cursor from position where tenant = $1 and account = $2", tenant, account.id)
            while True:
                hint.clear()
                page = await self.take_page(tenant, account, channel, cursor)
                cursor = page.cursor
                if not page.more:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(channel.capabilities.poll or 5.0):
                            await hint.wait()
        finally:
            if listening is not None:
                listening.cancel()

    async def take_page(self, tenant: int, account: Account, channel: Channel, cursor: bytes | None) -> Page:
        """Read once and take in what came, durable when it returns.

        Raises:
            Unavailable, Refused: the network would not be read.
        """
        assert isinstance(channel, Pulls)
        page = await channel.pull(cursor)

        async def store(name: str, data: bytes) -> None:
            await self._keep(tenant, data)

        events = await self.media.settle(page, store)
        if events or page.cursor != cursor:
            await self.intake.hear(tenant, account, channel.capabilities.kind, events, page.cursor)
        await self._say(tenant, account, ok=True, heard=bool(page.events))
        return page

    async def _keep(self, tenant: int, data: bytes) -> None:
        """Keep a file's bytes; what type they are, the message's Media says."""
        async with self.within(tenant) as db:
            await db.execute(BLOB, tenant, sha256(data).digest(), "application/octet-stream", len(data), data)

    async def _say(self, tenant: int, account: Account, *, ok: bool, detail: str = "", heard: bool = False) -> None:
        now = self.clock.now()
        if ok and not heard and self._said.get((tenant, account.id)) == (ok, detail):
            return
        self._said[tenant, account.id] = ok, detail
        with contextlib.suppress(OSError, StoreError):
            async with self.within(tenant) as db:
                await db.execute(HEALTH, tenant, account.id, ok, now, detail, now if heard else None)


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
