"""Activities: what a worker may be doing; one that is available is our presence `available`, any other is `away`."""

import asyncpg
from litestar import Response

from rapport.errors import BadInput, Conflict
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.asked import (
    Asked,
    Shown,
    cut,
    gone,
    listed,
    made,
    object_of,
    paging_of,
    shown,
    when,
    workspace_of,
)
from rapport.web.taskrouter.form import Field, a_name, flag, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept

FIELDS = {"FriendlyName": Field(a_name, required=True), "Available": Field(flag)}


def show_activity(asked: Asked, activity: Kept) -> Shown:
    """An activity."""
    return {
        "account_sid": asked.account,
        "available": activity.says["available"],
        "date_created": when(activity.created_at),
        "date_updated": when(activity.updated_at),
        "friendly_name": activity.name,
        "sid": activity.sid,
        "workspace_sid": activity.workspace,
        "url": f"{asked.root}/Activities/{activity.sid}",
        "links": {"workspace": asked.root},
    }


async def list_activities(asked: Asked) -> Response[bytes]:
    """A page of activities."""
    wanted, paging = asked.asks({"FriendlyName": Field(text), "Available": Field(flag)}), paging_of(asked)
    async with asked.within() as db:
        await workspace_of(asked, db)
        found = await kept.all_of(db, asked.tenant, asked.workspace, "activity")
    kept_ones = [
        one
        for one in found
        if wanted.get("FriendlyName", one.name) == one.name
        and wanted.get("Available", one.says["available"]) == one.says["available"]
    ]
    return listed(asked, "activities", [show_activity(asked, one) for one in cut(kept_ones, paging)], paging)


async def create_activity(asked: Asked) -> Response[bytes]:
    """A new activity; not available where the form does not say so."""
    sent = asked.reads(FIELDS)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        says = {"available": sent.get("Available", False)}
        activity = new_kept("activity", workspace.sid, sent["FriendlyName"], says, asked.now)
        await keep(db, asked.tenant, activity)
        what = show_activity(asked, activity)
        await note(db, asked, workspace, "activity.created", "activity", activity.sid, what)
    return made(what)


async def fetch_activity(asked: Asked) -> Response[bytes]:
    """One activity."""
    async with asked.within() as db:
        return shown(show_activity(asked, await object_of(asked, db, "activity")))


async def update_activity(asked: Asked) -> Response[bytes]:
    """Rename an activity; whether it is available never changes."""
    sent = asked.reads({"FriendlyName": FIELDS["FriendlyName"]}, required=False)
    async with asked.within() as db:
        before = await object_of(asked, db, "activity")
        activity = changed(before, asked.now, name=sent.get("FriendlyName", ""))
        await keep(db, asked.tenant, activity)
        what = show_activity(asked, activity)
        await note(db, asked, await workspace_of(asked, db), "activity.updated", "activity", activity.sid, what)
    return shown(what)


async def delete_activity(asked: Asked) -> Response[bytes]:
    """Take an activity away that nobody is in. Raises Conflict where somebody is, or the workspace needs it."""
    async with asked.within() as db:
        activity = await object_of(asked, db, "activity")
        workspace = await workspace_of(asked, db)
        if activity.sid in (workspace.says["default_activity_sid"], workspace.says["timeout_activity_sid"]):
            raise Conflict(f"the activity {activity.name} is the default or time-out activity of the workspace")
        workers = await kept.all_of(db, asked.tenant, asked.workspace, "worker")
        if any(one.says["activity_sid"] == activity.sid for one in workers):
            raise Conflict(f"workers are in the activity {activity.name}; move them first")
        await kept.drop(db, asked.tenant, activity.sid)
        what = show_activity(asked, activity)
        await note(db, asked, workspace, "activity.deleted", "activity", activity.sid, what)
    return gone()


async def activity_called(asked: Asked, db: asyncpg.Connection, sid: str, field: str) -> Kept:
    """The activity of a form's field. Raises BadInput where the workspace has none such."""
    for one in await kept.all_of(db, asked.tenant, asked.workspace, "activity"):
        if one.sid == sid:
            return one
    raise BadInput(f"{field} {sid!r} is no activity of this workspace")
