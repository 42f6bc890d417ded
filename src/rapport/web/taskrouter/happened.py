"""What TaskRouter's programs did that the ledger has no fact for, noted so that it can be listed and told as an event."""

from datetime import timedelta
from typing import Any

import asyncpg

from rapport.ledger.read import head_of
from rapport.web.taskrouter.asked import Asked
from rapport.web.taskrouter.kept import Kept, all_of, drop, forget_events, keep, new_kept

KEPT = timedelta(days=30)


async def note(
    db: asyncpg.Connection,
    asked: Asked,
    workspace: Kept,
    type: str,
    resource: str,
    sid: str,
    what: dict[str, Any],  # Any: the object as it is shown
) -> None:
    """Note an event of a workspace about one of its objects."""
    says = {"resource_type": resource, "resource_sid": sid, "data": what}
    await keep(db, asked.tenant, new_kept("event", workspace.sid, type, says, asked.now))
    await forget_events(db, asked.tenant, workspace.sid, asked.now - KEPT)


async def begin_telling(db: asyncpg.Connection, asked: Asked, workspace: Kept) -> None:
    """Note from where a workspace's callback is to be told, unless that is noted already; without a callback forget it."""
    hooks = await all_of(db, asked.tenant, workspace.sid, "hook")
    if workspace.says["event_callback_url"] and not hooks:
        says = {"seq": await head_of(db, asked.tenant), "at": asked.now.isoformat(), "failed_since": ""}
        await keep(db, asked.tenant, new_kept("hook", workspace.sid, "", says, asked.now))
    elif not workspace.says["event_callback_url"]:
        for hook in hooks:
            await drop(db, asked.tenant, hook.sid)
