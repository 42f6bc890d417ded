"""Connecting: one connection of ours, inside the walls, or one clear line that says why there is none."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import asyncpg

from rapport.errors import StoreError

OLDEST = 15
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


def server_settings() -> dict[str, str]:
    """What every connection of ours is told at its start."""
    return {"application_name": "rapport", "role": ROLE, "timezone": "UTC", "jit": "off"}


async def prepare(db: asyncpg.Connection) -> None:
    """Ids are sixteen bytes, end to end."""
    await db.set_type_codec("uuid", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary")


async def open_connection(url: str, *, as_owner: bool = False, settings: Mapping[str, str] | None = None) -> asyncpg.Connection:
    """One connection, as the role of the application unless `as_owner`. Raises StoreError, in one line that says the cure."""
    wanted = server_settings() | dict(settings or {})
    if as_owner:
        del wanted["role"]
    try:
        db = await asyncpg.connect(url, server_settings=wanted, timeout=10)
    except asyncpg.InvalidParameterValueError as error:
        raise StoreError(f"the database at {where(url)} is not prepared ({error}): run `rapport migrate`") from None
    except (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or type(error).__name__
        raise StoreError(
            f"the database at {where(url)} cannot be reached: {reason}; start it, or correct RAPPORT_DATABASE_URL"
        ) from None
    major = db.get_server_version().major
    if major < OLDEST:
        await db.close()
        raise StoreError(f"the database at {where(url)} is PostgreSQL {major}: {OLDEST} or newer is needed")
    await prepare(db)
    return db


def where(url: str) -> str:
    """The host, port and database of an address, without user and password."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", ["the local socket"])[0]
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "RAPPORT_DATABASE_URL"
    return f"{host}{port}{parts.path}"
