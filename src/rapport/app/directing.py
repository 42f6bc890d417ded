"""The demonstration beside the pages: customers keep coming while the web process lives."""

import asyncio

import asyncpg
import structlog

from rapport.demo.director import Director
from rapport.errors import RapportError

TENANT = 1
RATE = 60.0  # customers' messages a minute while people watch

log = structlog.get_logger()


async def keep_directing(director: Director) -> None:
    """Let the demonstration go on beside the pages; after a fault, from where things stand."""
    while True:
        try:
            await director.run(0, RATE)
        except (RapportError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("demo.failed", error=repr(error)[:200])
        await asyncio.sleep(1.0)
