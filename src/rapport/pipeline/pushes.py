"""What networks push with files: kept sealed as it came before the network is answered, completed and taken in by a worker.

A network waits a few seconds for its answer. A file may take longer, and what fetches it may need the account's own token.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
import structlog

from rapport.channels.channel import Channel, Event, Page
from rapport.channels.completing import Completes
from rapport.channels.media import MediaKeeper
from rapport.ledger.blobs import keep_blob
from rapport.ledger.intake import Intake, Within
from rapport.ledger.seal import Keys
from rapport.model.message import Incoming
from rapport.pipeline.hear import Opens

log = structlog.get_logger()
AT_ONCE = 50
MOST_TRIES = 5  # then it is taken in without its files
COMPLETE_AT_MOST = 60.0  # seconds
PURPOSE = "pushed"
KEEP = "insert into pushed (tenant, account, sealed) values ($1, $2, $3)"
WAITING = """update pushed set tries = tries + 1
where tenant = $1 and id in (select id from pushed where tenant = $1 order by at limit $2)
returning at, id, account, tries, sealed"""
DONE = "delete from pushed where tenant = $1 and id = $2"


def has_files(events: Sequence[Event]) -> bool:
    """Whether something of it must be fetched."""
    return any(isinstance(event, Incoming) and any(not media.blob for media in event.media) for event in events)


async def keep(db: asyncpg.Connection, keys: Keys, tenant: int, account: str, raw: bytes) -> None:
    """Keep what was pushed until a worker takes it."""
    await db.execute(KEEP, tenant, account, keys.wrap_secret(tenant, PURPOSE, raw))


@dataclass(slots=True)
class Pushes:
    """Takes in what was kept, for the tenants that this process has."""

    intake: Intake
    within: Within
    channels: Opens
    media: MediaKeeper
    tenants: Callable[[], list[int]]
    _busy: set[int] = field(default_factory=set)

    async def run(self, every: float = 1.0) -> None:
        """Look until cancelled; one tenant's slow files do not keep another's waiting."""
        running: set[asyncio.Task[None]] = set()
        try:
            while True:
                for tenant in set(self.tenants()) - self._busy:
                    self._busy.add(tenant)
                    task = asyncio.create_task(self._look(tenant))
                    running.add(task)
                    task.add_done_callback(running.discard)
                await asyncio.sleep(every)
        finally:
            for task in running:
                task.cancel()

    async def _look(self, tenant: int) -> None:
        try:
            await self.take(tenant)
        except Exception as error:
            log.warning("pushes.failed", tenant=tenant, error=repr(error)[:200])
        finally:
            self._busy.discard(tenant)

    async def take(self, tenant: int) -> int:
        """Take in what waits, oldest first; how many that were. What fails is tried again, at last without its files."""
        async with self.within(tenant) as db:
            waiting = sorted(tuple(row) for row in await db.fetch(WAITING, tenant, AT_ONCE))
        accounts = {a.id: a for a in await self.channels.accounts(tenant)} if waiting else {}
        taken = 0
        for _, id, account, tries, sealed in waiting:
            if account not in accounts:
                continue  # paused, or gone: it is kept
            try:
                channel = await self.channels.channel(tenant, accounts[account])
                raw = self.intake.keys.unwrap_secret(tenant, PURPOSE, sealed)
                events = await self._completed(tenant, channel, channel.parse(raw), tries)
                await self.intake.hear(tenant, accounts[account], channel.capabilities.kind, events)
            except Exception as error:
                log.warning("pushes.not_taken", tenant=tenant, account=account, tries=tries, error=repr(error)[:200])
                continue
            async with self.within(tenant) as db:
                await db.execute(DONE, tenant, id)
            taken += 1
        return taken

    async def _completed(self, tenant: int, channel: Channel, events: Sequence[Event], tries: int) -> Sequence[Event]:
        """The events with our own copies of their files."""
        if tries > MOST_TRIES:
            return events

        async def store(name: str, data: bytes) -> None:
            async with self.within(tenant) as db:
                await keep_blob(db, tenant, data)

        async with asyncio.timeout(COMPLETE_AT_MOST):
            page = await channel.complete(events) if isinstance(channel, Completes) else Page(tuple(events), None)
            return await self.media.settle(page, store)
