"""The worker process: leases tenants and runs the four loops for them."""

import asyncio
import os
import signal
import socket
from functools import partial

from rapport.app.accounts import Accounts
from rapport.app.collector import let_lie
from rapport.app.encoding import second_lane
from rapport.app.house import House, open_house
from rapport.app.stages import advance_of, loops, pushes_of, reader_of, rounds_of
from rapport.app.up import where
from rapport.clock import SystemClock
from rapport.matching.engine.repair import warm_up
from rapport.pipeline.turns import Turns
from rapport.settings import Settings

SHUTDOWN = 8.0  # seconds that a stop may take


async def work(settings: Settings, url: str, master: bytes, name: str) -> None:
    """Run until SIGTERM; leases are given back."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    house = await open_house(settings, url, master, SystemClock(), pool=6)
    house.second = second_lane(settings)
    _warm(house)
    holder = f"{socket.gethostname()}/{name}"
    advance = advance_of(house, holder)

    def leased() -> list[int]:
        return sorted(advance.tenants)

    hear, deliver = loops(house, leased)
    replies_come, centre_changes = asyncio.Event(), asyncio.Event()
    advance.queued, advance.arranged = replies_come.set, centre_changes.set
    listening = house.store.bell.subscribe()
    advance.rang = partial(house.store.bell.ring, but=listening)  # what it wrote itself is no work that comes
    house.start(
        Turns(advance).run(listening),
        deliver.run(replies_come),
        hear.run(changed=centre_changes),
        pushes_of(house, leased).run(),
        *rounds_of(house, where(settings), settings.language, leased),
    )
    if isinstance(house.accounts, Accounts):
        house.start(house.accounts.budgets.keep(leased))
    house.start(_watch_parent(stop))
    await stop.wait()
    loop.call_later(SHUTDOWN, os._exit, 1)  # whatever holds us up: everything that counts is written already
    await house.end_loops()
    await advance.give_back()
    await advance.aclose()
    await house.aclose()


def _warm(house: House) -> None:
    """Read and make now what else the first message would wait for."""
    warm_up()
    reader_of(house.second).read(["hola"])
    let_lie()


async def _watch_parent(stop: asyncio.Event) -> None:
    """Stop when the supervisor is gone, even where its last signal did not reach us."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - another process: there is no event to wait for
        await asyncio.sleep(1.0)
    stop.set()
