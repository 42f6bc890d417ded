"""The database of a command: the one that is named, the embedded one that runs, or the embedded one while it is needed."""

import contextlib
from collections.abc import Iterator
from urllib.parse import quote

from rapport.settings import Settings
from rapport.store.cluster import OWNER
from rapport.store.embedded import SOCKET, Embedded, accepts, socket_folder


def address(settings: Settings) -> str:
    """Where the database is, as its owner."""
    named = settings.database_url.reveal()
    if named:
        return named
    sockets = socket_folder(settings.data.expanduser().absolute())
    return f"postgresql://{OWNER}@/postgres?host={quote(str(sockets), safe='')}"


def runs(settings: Settings) -> bool:
    """Whether the embedded database of this data folder takes connections now."""
    folder = settings.data.expanduser().absolute()
    return (folder / "postgres").exists() and accepts(socket_folder(folder) / SOCKET)


def check(settings: Settings) -> None:
    """Raise StoreError where a database is named and cannot be used, before anything is made beside it."""
    if settings.database_url:
        import asyncio

        from rapport.store.connecting import open_connection

        async def ask() -> None:
            await (await open_connection(settings.database_url.reveal(), as_owner=True)).close()

        asyncio.run(ask())


@contextlib.contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of a database that runs while the block does. Raises StoreError."""
    if settings.database_url or runs(settings):
        yield address(settings)
        return
    server = Embedded.start(settings.data)
    try:
        yield server.url
    finally:
        server.stop()
