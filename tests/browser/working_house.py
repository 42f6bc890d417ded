"""A whole house behind the pages: what is done in a browser goes through every stage; a network only records."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

import uvicorn

from rapport.access import logins
from rapport.app.attaching import carrying, cleaning
from rapport.app.erasing import erasing
from rapport.app.rehearsing import Rehearsing, rehearsal_house
from rapport.clock import FakeClock
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.rehearsal.house import OpenHouse
from rapport.settings import Settings
from rapport.web.attaching import Attaching
from rapport.web.server import create
from web.officework import PASSWORD, an_office

START = datetime(2026, 3, 3, 16, tzinfo=UTC)
KINDS = {"mastodon": ChannelKind.SOCIAL, "webchat": ChannelKind.CHAT, "email": ChannelKind.EMAIL}
PEOPLE = {"ana": ("Ana Quiroz", "agent", "it"), "sue": ("Sue Ortiz", "supervisor", ""), "ben": ("Ben Cruz", "agent", "billing")}


@dataclass
class Working:
    """One address for every tenant of the house. `say` is a customer; `sent` is what the networks were given."""

    url: str
    clock: FakeClock
    open_one: OpenHouse
    today: Rehearsing

    async def day(self, name: str) -> Rehearsing:
        """A fresh centre with its people, and a policy by which every public reply is approved."""
        house = await self._stack.enter_async_context(self.open_one(name, self.clock))
        self.today = house
        things = [
            ("agent", id, {"id": id, "name": who, "role": role, "team": team, "attributes": {"languages": ["es", "en"]}})
            for id, (who, role, team) in PEOPLE.items()
        ]
        things += [("account", one, {"id": one, "channel": one}) for one in KINDS]
        things += [("policy", "public", {"id": "public", "approve": ["public"]})]
        await house.intake.set_things(house.tenant, [(kind, id, json.dumps(body).encode()) for kind, id, body in things])
        for id, (who, role, _) in PEOPLE.items():
            mail = f"{id}@{name}.example"
            await logins.add_login(house.house.store, house.tenant, id, email=mail, name=who, role=role, password=PASSWORD)
        return house

    async def say(self, house: Rehearsing, channel: str, text: str, reach: Reach, **more: str) -> None:
        """A customer writes."""
        handle = f"{channel}:{channel}-guest@example.org"
        incoming = Incoming(f"k-{channel}", handle, text, reach, self.clock.now(), name=f"Guest {channel}", **more)
        await house.intake.hear(house.tenant, Account(channel, channel), KINDS[channel], [incoming])

    def sent(self, house: Rehearsing, account: str) -> list:
        """The parts that an account's network was given."""
        return list(house.house.accounts.opened[house.tenant, account].sent.values())

    async def work(self) -> None:
        """What workers do, until cancelled."""
        while True:
            house = self.today
            await house.settle()
            await house.house.changed(house.tenant, 0.2)

    _stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)


@contextlib.asynccontextmanager
async def a_working_house(database_url: str) -> AsyncIterator[Working]:
    """Serve it on a loopback port until the block ends."""
    clock, listening = FakeClock(START), socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    async with rehearsal_house(Settings(), database_url, pool=8) as open_one, open_one("first", clock) as first:
        working = Working(url, clock, open_one, first)
        async with working._stack:
            house = first.house

            async def changed(tenant: int, seconds: float) -> None:
                await house.changed(tenant, seconds)

            office = an_office(
                house.store, intake=house.intake, changed=changed, clock=clock, public_url=url, language="en",
                fit=lambda *asked: house.accounts.fit(*asked), key=house.keys.derive("web"),
                attaching=Attaching(house.keys, carrying(house), cleaning(house)), erase=erasing(house),
            )  # fmt: skip
            config = uvicorn.Config(create(office), log_level="critical", lifespan="on", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            tasks = [asyncio.create_task(server.serve([listening])), asyncio.create_task(working.work())]
            while not server.started:  # noqa: ASYNC110  (uvicorn has no event to wait for)
                await asyncio.sleep(0.02)
            try:
                yield working
            finally:
                server.should_exit = True
                tasks[1].cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
