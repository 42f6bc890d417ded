"""Apply a folder to a tenant: what is there, what it should be, and the difference set as facts."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol

import asyncpg

from rapport.centre.changes import Change, difference
from rapport.centre.folder import read_folder
from rapport.centre.things import CheckExpression, Things

Within = Callable[[int], AbstractAsyncContextManager[asyncpg.Connection]]


class SetThings(Protocol):
    """Sets and removes pieces of a tenant's centre; `ledger.intake.Intake` does."""

    async def set_things(
        self, tenant: int, things: Sequence[tuple[str, str, bytes]], removed: Sequence[tuple[str, str]] = (), by: str = ""
    ) -> None:
        """Set (kind, name, JSON), remove (kind, name)."""
        ...


async def current_things(within: Within, tenant: int) -> Things:
    """The things of a tenant as they were set: what is otherwise for today is not theirs."""
    async with within(tenant) as db:
        records = await db.fetch("select id, body from thing where tenant = $1 and id not like 'today/%' order by id", tenant)
    return {(id.partition("/")[0], id.partition("/")[2]): bytes(body) for id, body in records}


async def set_changes(intake: SetThings, tenant: int, changes: Sequence[Change], by: str = "") -> None:
    """Record the changes, all in one go."""
    kept = [(change.kind, change.name, change.body) for change in changes if change.do != "remove"]
    gone = [(change.kind, change.name) for change in changes if change.do == "remove"]
    if changes:
        await intake.set_things(tenant, kept, gone, by)


async def apply(
    intake: SetThings,
    within: Within,
    tenant: int,
    folder: Path,
    *,
    check_expression: CheckExpression | None = None,
    by: str = "rapport apply",
    pretend: bool = False,
) -> list[Change]:
    """Make the tenant's centre what the folder says; returns what changed. `pretend`: only tell.

    Raises:
        CentreError: a file cannot be read; nothing was changed.
    """
    wanted = read_folder(folder, check_expression)
    changes = difference(await current_things(within, tenant), wanted)
    if not pretend:
        await set_changes(intake, tenant, changes, by)
    return changes
