"""What every process of a centre has: the store, the keys, the way in and the channels."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Protocol

import asyncpg
import httpx

from rapport.app.accounts import Accounts, Secrets
from rapport.app.budgets import Budgets
from rapport.channels.channel import Eligibility, Exchange, Fitted, MediaRules
from rapport.channels.guarded import Guarded, guarded_client, plain_transport
from rapport.channels.media import MediaKeeper
from rapport.channels.sandbox import Sandbox
from rapport.channels.trust import trusted
from rapport.clock import Clock
from rapport.ledger.append import Appender
from rapport.ledger.forgetting import forget_for_ever
from rapport.ledger.intake import Intake
from rapport.ledger.seal import Keys
from rapport.model.message import Reach
from rapport.pipeline.hear import Opens
from rapport.pipeline.remind import write_for_ever
from rapport.settings import Settings
from rapport.store.pool import Store
from rapport.understanding.encoder.second import Second


class Fits(Opens, Protocol):
    """The channels of a house: opened for the loops, and asked what a text becomes on one."""

    def fit(self, tenant: int, account: str, channel: str, text: str, reach: Reach, to: str) -> Fitted:
        """The parts that a text becomes on an account."""
        ...

    def carries(self, tenant: int, account: str, channel: str) -> MediaRules:
        """What files an account takes."""
        ...

    def eligible(self, tenant: int, account: str, exchange: Exchange, now: datetime) -> Eligibility:
        """Whether the network's rules let us answer now."""
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
    media: MediaKeeper
    second: Second | None = None  # an encoder of the user's own, where the reader is unsure
    origin: str = ""  # where people outside reach us; "": nowhere that we know of
    tasks: list["asyncio.Task[None]"] = field(default_factory=list)

    def within(self, tenant: int) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A transaction inside one tenant's walls."""
        return self.store.within(tenant)

    async def changed(self, tenant: int, seconds: float) -> None:
        """Returns when a tenant's ledger may have grown, or after so many seconds."""
        with self.store.bell.subscribe(tenant) as listening:
            await listening.wait(seconds)

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
        await self.media.http.aclose()
        if self.appender.db is not None and not self.appender.db.is_closed():
            await self.appender.db.close()
        await self.store.close()


async def open_house(settings: Settings, url: str, master: bytes, clock: Clock, *, pool: int = 8) -> House:
    """Connect to the database at `url` and begin to write. Raises StoreError."""
    store = await Store.open(url, size=pool)
    keys = Keys(master)
    appender = Appender(most_waiting=settings.max_waiting)
    secrets = Secrets(store.within, keys)
    tls = trusted(settings.ca_file)
    client = httpx.AsyncClient(timeout=httpx.Timeout(20.0), proxy=settings.outbound_proxy or None, verify=tls, trust_env=False)
    accounts = Accounts(
        store.within, clock, secrets, client, Sandbox(), tls, Budgets(store.within, clock), proxy=settings.outbound_proxy
    )
    house: House

    async def changed(tenant: int, seconds: float) -> None:
        await house.changed(tenant, seconds)

    intake = Intake(appender, keys, store.within, store.bare, clock, changed, store.bell.ring)
    way = plain_transport(settings.outbound_proxy, tls)
    guarded = guarded_client(Guarded(allow_private=settings.allow_private_media, inner=way))
    media = MediaKeeper(guarded, accounts.sandbox)
    house = House(store, keys, clock, appender, intake, secrets, accounts, media, origin=settings.public_url)
    house.start(write_for_ever(appender, keys, partial(store.connect, (), name="rapport appender")))
    house.start(forget_for_ever(keys, store.within))
    return house
