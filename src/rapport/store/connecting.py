"""Connecting: one connection of ours, inside the walls, or one clear line that says why there is none."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import asyncpg

from rapport.errors import StoreError

OLDEST = 15
LONGEST_KEPT = 32_768  # characters of a statement that stays prepared; that of a round has up to 22,000
ROLE = "rapport_app"  # neither owner nor superuser: both would see through the walls

# Raised when the server goes away, or is not there yet: connect again. The last is asyncpg's own confusion at that moment.
LOST: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    StoreError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# Raised when the server is well and will not take these values: connecting again is of no use.
NOT_TAKEN: tuple[type[Exception], ...] = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)


def server_settings() -> dict[str, str]:
    """What every connection of ours is told at its start.

    A page read at random costs hardly more than the next one, as tables are in memory or on flash. With the server's default
    of 4 the inbox of a tenant that was not analysed yet was read whole and sorted, instead of 50 rows by its index.
    """
    return {"application_name": "rapport", "role": ROLE, "timezone": "UTC", "jit": "off", "random_page_cost": "1.1"}


async def prepare(db: asyncpg.Connection) -> None:
    """Ids are sixteen bytes, end to end."""
    await db.set_type_codec("uuid", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def open_connection(url: str, *, as_owner: bool = False, settings: Mapping[str, str] | None = None) -> asyncpg.Connection:
    """One connection, as the role of the application unless `as_owner`. Raises StoreError, in one line that says the cure."""
    wanted = server_settings() | dict(settings or {})
    if as_owner:
        del wanted["role"]
    try:
        db = await asyncpg.connect(url, server_settings=wanted, timeout=10, max_cacheable_statement_size=LONGEST_KEPT)
    except asyncpg.InvalidParameterValueError as error:
        raise StoreError(f"the database at {where(url)} is not prepared ({first_line(error)}): run `rapport migrate`") from None
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = first_line(error)
        raise StoreError(
            f"the database at {where(url)} cannot be reached: {reason}; start it, or correct RAPPORT_DATABASE_URL"
        ) from None
    major = db.get_server_version().major
    if major < OLDEST:
        await db.close()
        raise StoreError(f"the database at {where(url)} is PostgreSQL {major}: {OLDEST} or newer is needed")
    await prepare(db)
    return db


def first_line(error: Exception) -> str:
    """What an error says, without the details that PostgreSQL adds below."""
    return str(error).partition("\n")[0] or type(error).__name__


def where(url: str) -> str:
    """The host, port and database of an address, without user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", ["the local socket"])[0]
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "RAPPORT_DATABASE_URL"
    return f"{host}{port}{parts.path}"
