"""A whole house for programs: web and worker in a thread of their own, on real PostgreSQL, with an administrator's token."""

import asyncio
import contextlib
import socket
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn

from rapport.access.tokens import make_token
from rapport.app.house import House, open_house
from rapport.app.rehearsing import fresh_tenant
from rapport.app.serving import office_of
from rapport.app.stages import advance_of
from rapport.clock import SystemClock
from rapport.settings import Settings
from rapport.web.office import Office
from rapport.web.server import create
from rapport.web.taskrouter.telling import keep_telling


@dataclass
class Running:
    """Where it is, who may come in, and what runs it."""

    url: str = ""
    token: str = ""
    tenant: int = 0
    house: House | None = None
    office: Office | None = None
    loop: asyncio.AbstractEventLoop | None = None
    ready: threading.Event = field(default_factory=threading.Event)
    stop: asyncio.Event | None = None
    broken: BaseException | None = None

    @property
    def account(self) -> str:
        """The AccountSid of the tenant."""
        return f"AC{self.tenant:032x}"

    def run(self, coroutine):
        """Do something in the house, and wait for it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(120)

    def a_token(self, role: str, agent: str = "") -> str:
        """One more token."""
        made = make_token(self.house.store, self.tenant, name=role, role=role, now=self.house.clock.now(), agent=agent)
        return self.run(made)


async def _live(running: Running, url: str, folder: Path) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    running.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = Settings(data=folder, public_url=running.url, allow_private_media=True)
    house = await open_house(settings, url, b"taskrouter".ljust(32), SystemClock(), pool=6)
    advance = advance_of(house, "taskrouter")
    try:
        running.tenant = await fresh_tenant(house, "taskrouter")
        running.token = await make_token(house.store, running.tenant, name="p", role="administrator", now=house.clock.now())
        running.house, running.loop, running.stop = house, asyncio.get_running_loop(), asyncio.Event()
        running.office = office_of(house, settings)
        await advance.lease(running.tenant)
        comes = asyncio.Event()
        bell = house.store.bell.subscribe(running.tenant)

        async def wake() -> None:
            while True:
                await bell.wait()
                comes.set()

        house.start(wake(), _advance(advance, running.tenant, comes))
        house.start(keep_telling(running.office, house.media.http, every=0.1))
        config = uvicorn.Config(create(running.office), log_level="warning", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        running.ready.set()
        await running.stop.wait()
        server.should_exit = server.force_exit = True
        await serving
    finally:
        await house.end_loops()
        await advance.aclose()
        await house.aclose()


async def _advance(advance, tenant: int, comes: asyncio.Event) -> None:
    """Round after round, as a worker does it: what fails is said, and tried again."""
    while True:
        comes.clear()
        try:
            taken = await advance.round(tenant) if tenant in advance.tenants else await advance.lease(tenant)
        except Exception:  # noqa: BLE001 - as a worker does
            traceback.print_exc()
            taken = await asyncio.sleep(0.1, 0)
        if not taken:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(comes.wait(), 0.5)


@contextlib.contextmanager
def running_house(url: str, folder: Path) -> Iterator[Running]:
    """The house, until the block ends."""
    running = Running()

    def live() -> None:
        try:
            asyncio.run(_live(running, url, folder))
        except BaseException as error:
            running.broken = error
            raise
        finally:
            running.ready.set()

    thread = threading.Thread(target=live, name="taskrouter house")
    thread.start()
    try:
        assert running.ready.wait(300)
        if running.broken is not None:
            raise running.broken
        yield running
    finally:
        if running.loop is not None and running.stop is not None and thread.is_alive():
            running.loop.call_soon_threadsafe(running.stop.set)
        thread.join(30)
