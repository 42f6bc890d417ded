"""What every process of a centre has: the store, the keys, the way in, the channels, and the stages of a tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import asyncpg
import httpx

from rapport.app.accounts import Accounts, Secrets
from rapport.channels.channel import Fitted
from rapport.channels.sandbox import Sandbox
from rapport.clock import Clock
from rapport.conversations import stage as conversations
from rapport.conversations import view as conversation_views
from rapport.guard import stage as guard
from rapport.guard import view as guard_views
from rapport.ledger import folding
from rapport.ledger.append import Appender
from rapport.ledger.intake import Intake
from rapport.ledger.seal import Keys
from rapport.matching import stage as matching
from rapport.matching import view as matching_views
from rapport.model.message import Reach
from rapport.people import stage as people
from rapport.people import view as people_views
from rapport.pipeline.advance import Advance
from rapport.pipeline.deliver import Deliver
from rapport.pipeline.hear import Hear, Opens
from rapport.pipeline.order import Order
from rapport.pipeline.remind import Remind, write_for_ever
from rapport.replies import stage as replies
from rapport.replies import view as reply_views
from rapport.settings import Settings
from rapport.store.pool import Store, set_tenants
from rapport.understanding import stage as understanding
from rapport.understanding import view as understanding_views
from rapport.understanding.personal_data import find
from rapport.understanding.reader import Reader

VIEWS = (
    folding.FOLDS,
    guard_views.FOLDS,
    understanding_views.FOLDS,
    people_views.FOLDS,
    conversation_views.FOLDS,
    reply_views.FOLDS,
    matching_views.FOLDS,
)


class Fits(Opens, Protocol):
    """The channels of a house: opened for the loops, and asked what a text becomes on one."""

    def fit(self, tenant: int, account: str, channel: str, text: str, reach: Reach, to: str) -> Fitted:
        """The parts that a text becomes on an account."""
        ...

    async def aclose(self) -> None:
        """Let go of everything that is open."""
        ...


@dataclass(slots=True)
class House:
    """One process's share of a centre. Its tasks end with `aclose`."""

    store: Store
    keys: Keys
    clock: Clock
    appender: Appender
    intake: Intake
    secrets: Secrets
    accounts: Fits
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)
    _reader: Reader | None = None

    def within(self, tenant: int) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A transaction inside one tenant's walls."""
        return self.store.within(tenant)

    async def changed(self, tenant: int, seconds: float) -> None:
        """Returns when a tenant's ledger may have grown, or after so many seconds."""
        with self.store.bell.subscribe(tenant) as listening:
            await listening.wait(seconds)

    def order(self, tenant: int) -> Order:
        """The stages of one tenant, in the order in which they see a fact."""
        if self._reader is None:
            self._reader = Reader()

        def parts(account: str, channel: str, text: str, reach: Reach, to: str) -> tuple[str, ...]:
            return self.accounts.fit(tenant, account, channel, text, reach, to).parts

        stages = (
            guard.stage(),
            understanding.stage(self._reader.read),
            people.stage(),
            conversations.stage(),
            replies.stage(parts, lambda text: [(f.kind, f.start, f.end) for f in find(text)]),
            matching.stage(),
        )
        return Order(stages, VIEWS)

    def advance(self, holder: str, most: int = 200) -> Advance:
        """The loop that takes what came, for the tenants that it can lease."""

        async def connect() -> asyncpg.Connection:
            return await self.store.connect((), plan_cache_mode="force_custom_plan", name=f"rapport {holder}")

        return Advance(self.order, self.keys, self.clock, holder, connect, set_tenants, self.store.bell.ring, most)

    def start(self, *loops: Awaitable[None]) -> None:
        """Run loops until the house is closed."""
        self.tasks += [asyncio.ensure_future(loop) for loop in loops]

    async def end_loops(self) -> None:
        """End the loops; what they had begun is undone, or written already."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()

    async def aclose(self) -> None:
        """End the loops and let go of everything."""
        await self.end_loops()
        await self.accounts.aclose()
        if self.appender.db is not None and not self.appender.db.is_closed():
            await self.appender.db.close()
        await self.store.close()


async def open_house(settings: Settings, url: str, master: bytes, clock: Clock, *, pool: int = 8) -> House:
    """Connect to the database at `url` and begin to write. Raises StoreError."""
    store = await Store.open(url, size=pool)
    keys = Keys(master)
    appender = Appender(most_waiting=settings.max_waiting)
    secrets = Secrets(store.within, keys)
    client = httpx.AsyncClient(
        timeout=httpx.Timeout(20.0), proxy=settings.outbound_proxy or None, verify=settings.ca_file or True, trust_env=False
    )
    accounts = Accounts(store.within, clock, secrets, client, Sandbox())
    house: House

    async def changed(tenant: int, seconds: float) -> None:
        await house.changed(tenant, seconds)

    intake = Intake(appender, keys, store.within, clock, changed, store.bell.ring)
    house = House(store, keys, clock, appender, intake, secrets, accounts)
    house.start(write_for_ever(appender, partial(store.connect, (), name="rapport appender")))
    return house


def loops(house: House, advance: Advance, leased: Callable[[], list[int]]) -> tuple[Hear, Deliver, Remind]:
    """The loops beside `advance`, for the tenants that it has."""
    hear = Hear(house.intake, house.within, house.clock, house.accounts, leased)
    deliver = Deliver(house.intake, house.within, house.clock, house.accounts, leased)
    return hear, deliver, Remind(house.within, house.keys, house.clock, leased)
