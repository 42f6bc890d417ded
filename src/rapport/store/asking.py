"""Asking: one statement that only reads, in one round trip instead of three, inside the walls of one tenant."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg

MOST = 4  # connections
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
        """The rows of one statement. `wall`: the value of app.tenants, of whose rows it sees no other."""
        async with self._room:
            inside, db = await self._one(wall)
            done = False
            try:
                if inside != wall:
                    await db.execute(WALL, wall)
                rows: list[asyncpg.Record] = await db.fetch(query, *values)
                done = True
            finally:
                if not done:  # cut off in the middle: nobody knows where it stands
                    db.terminate()
            self._free.append((wall, db))
            return rows

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
