"""Asking: one statement that only reads, in one round trip instead of three, inside the walls of one tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

MOST = 4  # connections
PATIENCE = 30.0  # seconds that somebody waits for one of them: never for ever
LONGEST = 15.0  # seconds until a server that does not answer is given up; it ends a statement before that
WALL = "select set_config('app.tenants', $1, false)"


@dataclass(slots=True)
class Asking:
    """Connections that stay inside the walls of the tenant they were used for last; each is made when it is first needed.

    `connect`: makes one that is outside all walls, cannot write and lets no statement take for ever.
    """

    connect: Callable[[], Awaitable[asyncpg.Connection]]
    _free: list[tuple[str, asyncpg.Connection]] = field(default_factory=list)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST))

    async def fetch(self, wall: str, query: str, *values: Any) -> list[asyncpg.Record]:  # Any: as asyncpg takes them
        """The rows of one statement. `wall`: the value of app.tenants, of whose rows it sees no other.

        Raises:
            TimeoutError: no connection came free, or the server did not answer.
            PostgresError, InterfaceError, OSError: as asyncpg.
        """
        async with asyncio.timeout(PATIENCE):
            await self._room.acquire()
        try:
            inside, db = await self._one(wall)
            whole = False
            try:
                if inside != wall:
                    await db.execute(WALL, wall, timeout=LONGEST)
                    inside = wall
                rows: list[asyncpg.Record] = await db.fetch(query, *values, timeout=LONGEST)
                whole = True
                return rows
            except asyncpg.PostgresError:  # the server refused it, and waits for the next
                whole = not db.is_closed()
                raise
            finally:
                if whole:
                    self._free.append((inside, db))
                else:  # cut off in the middle: nobody knows where it stands
                    db.terminate()
        finally:
            self._room.release()

    async def _one(self, wall: str) -> tuple[str, asyncpg.Connection]:
        self._free = [(inside, db) for inside, db in self._free if not db.is_closed()]
        for place in range(len(self._free) - 1, -1, -1):
            if self._free[place][0] == wall:
                return self._free.pop(place)
        return self._free.pop() if self._free else ("", await self.connect())

    async def close(self) -> None:
        """Let go of every connection."""
        while self._free:
            await self._free.pop()[1].close(timeout=1)
