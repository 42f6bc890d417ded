"""The web application on a loopback port over a filled store, for a real browser; nothing of the pipeline runs here."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn

from browser.filled import NOW, fill
from browser.filled_channels import fill_channels, fill_deleted
from rapport.access import logins
from rapport.channels.channel import Fitted, Unit
from rapport.clock import FakeClock
from rapport.model.conversation import Conversation
from rapport.store.pool import Store
from rapport.web.attaching import Attaching
from rapport.web.office import Office
from rapport.web.server import create
from rapport.web.telephony import Phones
from web.officework import PASSWORD, an_office

PEOPLE = {"ana": "administrator", "irene": "supervisor", "noor": "agent"}


@dataclass(frozen=True)
class Served:
    """Where it is served, and what is in it."""

    url: str
    office: Office
    tenant: int
    guest: Conversation


@contextlib.asynccontextmanager
async def served(
    store: Store, tenant: int, phones: Phones | None = None, attaching: Attaching | None = None
) -> AsyncIterator[Served]:
    """Serve a filled tenant until the block ends. Everybody's password is PASSWORD."""
    guest = await fill(store, tenant)
    await fill_channels(store, tenant)
    await fill_deleted(store, tenant)
    listening = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    office = an_office(
        store,
        clock=FakeClock(NOW),
        public_url=url,
        phones=phones,
        attaching=attaching,
        fit=lambda tenant, account, channel, text, reach, to: Fitted((text,), 500, Unit.CHARS),
    )
    for agent, role in PEOPLE.items():
        name = {"ana": "Ana Quiroz", "irene": "Irene Villaseñor", "noor": "Noor Baptiste-Oyelaran"}[agent]
        await logins.add_login(store, tenant, agent, email=f"{agent}@hotel.example", name=name, role=role, password=PASSWORD)
    config = uvicorn.Config(create(office), log_level="critical", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve([listening]))
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event to wait for)
        await asyncio.sleep(0.02)
    try:
        yield Served(url, office, tenant, guest)
    finally:
        server.should_exit = True
        await running
