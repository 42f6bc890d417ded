"""Workspaces: each is a brand of the tenant, with activities and task channels of its own from the start."""

from typing import Any

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.asked import Asked, Shown, cut, gone, listed, made, paging_of, shown, when, workspace_of
from rapport.web.taskrouter.form import Field, a_name, a_sid, an_address, flag, one_of, text
from rapport.web.taskrouter.happened import begin_telling, note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept
from rapport.web.taskrouter.offers import CANCELED, do
from rapport.web.taskrouter.task_rows import unfinished
from rapport.web.taskrouter.workflows import make_first_in_first_out

ACTIVITIES = (("Offline", False), ("Available", True), ("Unavailable", False))
CHANNELS = (("Default", "default"), ("Voice", "voice"), ("Programmable Chat", "chat"), ("SMS", "sms"), ("Video", "video"))
ORDERS = ("FIFO", "LIFO")
FIELDS = {
    "FriendlyName": Field(a_name, required=True),
    "EventCallbackUrl": Field(an_address),
    "EventsFilter": Field(text),
    "MultiTaskEnabled": Field(flag),
    "Template": Field(one_of("NONE", "FIFO")),
    "PrioritizeQueueOrder": Field(one_of(*ORDERS)),
    "DefaultActivitySid": Field(a_sid("WA")),
    "TimeoutActivitySid": Field(a_sid("WA")),
}
BELOW = {
    "activities": "Activities",
    "events": "Events",
    "tasks": "Tasks",
    "task_queues": "TaskQueues",
    "workers": "Workers",
    "workflows": "Workflows",
    "task_channels": "TaskChannels",
}


def show_workspace(asked: Asked, workspace: Kept, activities: dict[str, str]) -> Shown:
    """A workspace. `activities`: names by Sid."""
    url = f"{asked.base}/Workspaces/{workspace.sid}"
    says = workspace.says
    return {
        "account_sid": asked.account,
        "date_created": when(workspace.created_at),
        "date_updated": when(workspace.updated_at),
        "default_activity_name": activities.get(says["default_activity_sid"]),
        "default_activity_sid": says["default_activity_sid"],
        "event_callback_url": says["event_callback_url"] or None,
        "events_filter": says["events_filter"] or None,
        "friendly_name": workspace.name,
        "multi_task_enabled": True,
        "sid": workspace.sid,
        "timeout_activity_name": activities.get(says["timeout_activity_sid"]),
        "timeout_activity_sid": says["timeout_activity_sid"],
        "prioritize_queue_order": says["prioritize_queue_order"],
        "url": url,
        "links": {name: f"{url}/{path}" for name, path in BELOW.items()},
    }


async def _names(db: asyncpg.Connection, asked: Asked, workspace: str) -> dict[str, str]:
    return {one.sid: one.name for one in await kept.all_of(db, asked.tenant, workspace, "activity")}


async def list_workspaces(asked: Asked) -> Response[bytes]:
    """A page of workspaces."""
    wanted, paging = asked.asks({"FriendlyName": Field(text)}), paging_of(asked)
    async with asked.within() as db:
        found = [w for w in await kept.workspaces(db, asked.tenant) if wanted.get("FriendlyName", w.name) == w.name]
        page = [show_workspace(asked, one, await _names(db, asked, one.sid)) for one in cut(found, paging)]
    return listed(asked, "workspaces", page, paging)


async def create_workspace(asked: Asked) -> Response[bytes]:
    """A new workspace, which is a new brand."""
    sent = asked.reads(FIELDS)
    _check(sent)
    workspace = new_kept("workspace", "", sent["FriendlyName"], {}, asked.now)
    activities = [
        new_kept("activity", workspace.sid, name, {"available": available}, asked.now) for name, available in ACTIVITIES
    ]
    channels = [
        new_kept("channel", workspace.sid, unique, {"friendly_name": name, "channel_optimized_routing": False}, asked.now)
        for name, unique in CHANNELS
    ]
    workspace.says.update(
        event_callback_url=sent.get("EventCallbackUrl", ""),
        events_filter=sent.get("EventsFilter", ""),
        prioritize_queue_order=sent.get("PrioritizeQueueOrder", "FIFO"),
        default_activity_sid=activities[0].sid,
        timeout_activity_sid=activities[0].sid,
    )
    brand = msgspec.json.encode({"id": workspace.sid, "name": workspace.name})
    async with asked.within() as db:
        for one in (workspace, *activities, *channels):
            await keep(db, asked.tenant, one)
        await begin_telling(db, asked, workspace)
        what = show_workspace(asked, workspace, {one.sid: one.name for one in activities})
        await note(db, asked, workspace, "workspace.created", "workspace", workspace.sid, what)
        plans = await make_first_in_first_out(db, asked, workspace) if sent.get("Template") == "FIFO" else []
    await asked.office.intake.set_things(asked.tenant, [("brand", workspace.sid, brand), *plans], by=asked.who.agent)
    return made(what)


def _check(sent: dict[str, Any]) -> None:  # Any: the form's fields, read
    if sent.get("MultiTaskEnabled") is False:
        raise BadInput("MultiTaskEnabled must be true: a worker has as many tasks as the capacity of their channels, got false")


async def fetch_workspace(asked: Asked) -> Response[bytes]:
    """One workspace."""
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        return shown(show_workspace(asked, workspace, await _names(db, asked, workspace.sid)))


async def update_workspace(asked: Asked) -> Response[bytes]:
    """Change a workspace."""
    sent = asked.reads(FIELDS, required=False)
    _check(sent)
    async with asked.within() as db:
        before = await workspace_of(asked, db)
        activities = await _names(db, asked, before.sid)
        for field in ("DefaultActivitySid", "TimeoutActivitySid"):
            if sent.get(field, before.says["default_activity_sid"]) not in activities:
                raise BadInput(f"{field} {sent[field]!r} is no activity of this workspace")
        names = {
            "EventCallbackUrl": "event_callback_url",
            "EventsFilter": "events_filter",
            "PrioritizeQueueOrder": "prioritize_queue_order",
            "DefaultActivitySid": "default_activity_sid",
            "TimeoutActivitySid": "timeout_activity_sid",
        }
        says = {ours: sent[theirs] for theirs, ours in names.items() if theirs in sent}
        workspace = changed(before, asked.now, name=sent.get("FriendlyName", ""), **says)
        await keep(db, asked.tenant, workspace)
        await begin_telling(db, asked, workspace)
        what = show_workspace(asked, workspace, activities)
        await note(db, asked, workspace, "workspace.updated", "workspace", workspace.sid, what)
    if workspace.name != before.name:
        brand = msgspec.json.encode({"id": workspace.sid, "name": workspace.name})
        await asked.office.intake.set_things(asked.tenant, [("brand", workspace.sid, brand)], by=asked.who.agent)
    return shown(what)


async def delete_workspace(asked: Asked) -> Response[bytes]:
    """Take a workspace away, with its workers and plans; its tasks are canceled and stay on record."""
    async with asked.within() as db:
        await workspace_of(asked, db)
        tasks = await unfinished(asked, db)
    for task in tasks:
        await do(asked, asked.who.agent, "close", conversation=task.conversation.id, argument=CANCELED)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        workers = await kept.all_of(db, asked.tenant, workspace.sid, "worker")
        plans = [
            name
            for kind in ("workflow", "queue", "worker")
            for one in await kept.all_of(db, asked.tenant, workspace.sid, kind)
            for name in one.says.get("plans", {})
        ]
        await kept.drop_all(db, asked.tenant, workspace.sid)
    removed = [("agent", one.sid) for one in workers] + [("plan", name) for name in plans] + [("brand", workspace.sid)]
    await asked.office.intake.set_things(asked.tenant, [], removed, by=asked.who.agent)
    return gone()
