"""The intents that a message may be about: those that ship, and what this centre's agents named."""

from functools import cache

import asyncpg

from rapport.understanding.reader import Reader, shipped
from rapport.understanding.reading import own_intents


@cache
def shipped_reader() -> Reader:
    """The reader that ships, opened once in this process."""
    return shipped()


@cache
def shipped_intents() -> tuple[str, ...]:
    """The intents that the shipped reader can tell."""
    return tuple(name for name in shipped_reader().intents if name)


async def known_intents(db: asyncpg.Connection, tenant: int) -> tuple[str, ...]:
    """Every intent by name, in order."""
    return tuple(sorted({*shipped_intents(), *await own_intents(db, tenant)}))
