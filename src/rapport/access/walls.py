"""What this room needs of the database: a connection behind one tenant's wall."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol


class Walled(Protocol):
    """The database as `store.pool.Store` gives it."""

    def within(self, tenant: int, *, readonly: bool = False) -> AbstractAsyncContextManager[Any]:  # Any: an asyncpg connection
        """A connection in a transaction behind the tenant's wall."""
        ...
