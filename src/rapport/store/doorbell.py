"""The doorbell: says "look again" to every process, after a commit and never inside one.

A notification inside a commit makes commits wait for each other (measured: a third of the throughput). So the bell has a
connection of its own that does not wait for the disk, and rings at most once per `PACE`. It carries tenants' numbers only; the
truth is in the rows. A lost ring is repaired by whoever waits: `Listening.wait` returns after a second all the same.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

import asyncpg

from rapport.store.connecting import LOST

CHANNEL = "rapport"
PACE = 0.002  # seconds between two rings
POLL = 1.0  # seconds after which one looks without a ring
MOST_TENANTS = 500  # in one ring; more ring for all


class Listening:
    """One who waits for rings of a tenant (None: of any). Use it as a context, or close it."""

    def __init__(self, bell: "Doorbell", tenant: int | None) -> None:
        self._bell = bell
        self._tenant = tenant
        self._event = asyncio.Event()
        self._who: set[int] | None = set()

    async def wait(self, seconds: float = POLL) -> bool:
        """Wait for a ring since the last wait; False when so many seconds passed first: look all the same."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        finally:
            self._event.clear()
        return True

    def who(self) -> frozenset[int] | None:
        """The tenants that rang since this was asked last; None: any may have."""
        self._event.clear()
        who, self._who = self._who, set()
        return None if who is None else frozenset(who)

    @property
    def rings(self) -> bool:
        """Whether it rang since it was waited for or asked last."""
        return self._event.is_set()

    def wake(self, *tenants: int) -> None:
        """Ring for this one alone; without a tenant: whoever it may be."""
        if not tenants:
            self._who = None
        elif self._who is not None:
            self._who.update(tenants)
        self._event.set()

    def stir(self) -> None:
        """End a wait, though no tenant rang."""
        self._event.set()

    def close(self) -> None:
        """Hear no more."""
        self._bell._forget(self._tenant, self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Doorbell:
    """Rings and hears on one connection; made at first use, made again when it breaks."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]]) -> None:
        self._connect = connect
        self._listening: dict[int | None, set[Listening]] = {}
        self._dirty: set[int] = set()
        self._rung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._pid = 0

    def ring(self, *tenants: int, but: Listening | None = None) -> None:
        """Say, here and in every process, that these tenants have something new; not to `but`. Call it after the commit."""
        self._start()
        self._dirty.update(tenants)
        self._rung.set()
        self._wake(tenants, but)

    def subscribe(self, tenant: int | None = None) -> Listening:
        """Hear rings of a tenant; None: of all."""
        self._start()
        listening = Listening(self, tenant)
        self._listening.setdefault(tenant, set()).add(listening)
        return listening

    async def close(self) -> None:
        """Let go of the connection; what was rung is rung first."""
        task, self._task = self._task, None
        if task is not None:
            if self._dirty:
                await asyncio.sleep(PACE * 2)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _start(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run(), name="doorbell")

    def _wake(self, tenants: tuple[int, ...], but: Listening | None = None) -> None:
        for tenant in (*tenants, None):
            for listening in self._listening.get(tenant, ()):
                if listening is not but:
                    listening.wake(*tenants)

    def _wake_all(self) -> None:
        for waiting in self._listening.values():
            for listening in waiting:
                listening.wake()

    def _forget(self, tenant: int | None, listening: Listening) -> None:
        waiting = self._listening.get(tenant, set())
        waiting.discard(listening)
        if not waiting:
            self._listening.pop(tenant, None)

    def _heard(self, _db: object, pid: int, _channel: str, payload: object) -> None:
        if pid == self._pid:
            return  # our own ring: those here have heard it
        if not payload:
            self._wake_all()
            return
        self._wake(tuple(int(number) for number in str(payload).split(",")))

    async def _run(self) -> None:
        pause = 0.1
        while True:
            try:
                db = await self._connect()
            except LOST:
                await asyncio.sleep(pause)
                pause = min(pause * 2, 2.0)
                continue
            pause = 0.1
            try:
                await self._serve(db)
            except LOST:
                self._rung.set()
            finally:
                await _hang_up(db)

    async def _serve(self, db: asyncpg.Connection) -> None:
        self._pid = db.get_server_pid()
        db.add_termination_listener(lambda _db: self._rung.set())
        await db.add_listener(CHANNEL, self._heard)
        self._wake_all()  # whatever was rung while nobody listened
        while True:
            await self._rung.wait()
            self._rung.clear()
            if self._dirty:
                tenants = sorted(self._dirty)
                payload = ",".join(map(str, tenants)) if len(tenants) <= MOST_TENANTS else ""
                await db.execute("select pg_notify($1, $2)", CHANNEL, payload)
                self._dirty.difference_update(tenants)
            elif db.is_closed():
                return
            await asyncio.sleep(PACE)


async def _hang_up(db: asyncpg.Connection) -> None:
    with contextlib.suppress(*LOST):
        await db.close(timeout=1)
