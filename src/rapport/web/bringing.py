"""What the pages are handed to bring people in: files kept, tried and taken in beside the pages, and groups made."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from rapport.model.group import GroupTold
from rapport.people.imports.sheet import Record
from rapport.people.imports.uploaded import Asked


class Bringing(Protocol):
    """Files of people and events, and groups (`app.uploads.Uploads`)."""

    async def keep(self, tenant: int, by: str, asked: Asked, data: AsyncIterator[bytes]) -> bytes:
        """Keep a file for a day at most; its id. Raises BadInput."""
        ...

    async def first(self, tenant: int, id: bytes, most: int) -> Sequence[Record]:
        """The first records of a file; none where it is not kept any more."""
        ...

    async def begin(self, tenant: int, id: bytes, by: str, asked: Asked, *, really: bool) -> None:
        """Try a file, or take it in, beside the pages. Raises Conflict, BadInput, NotFound."""
        ...

    async def undo(self, tenant: int, id: bytes, by: str) -> int:
        """Take back what a file declared; of how many records. Raises Conflict, NotFound."""
        ...

    async def make_group(self, tenant: int, told: GroupTold, by: str) -> bytes:
        """A company or household that is there when it returns; its id. Told again it is the same."""
        ...
