"""Events: what happened in a workspace, listed; of the ledger, and of what programs set up beside it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import msgspec
from litestar import Response

from rapport.ledger.tables import read_rows
from rapport.model.conversation import Conversation
from rapport.web.taskrouter import happenings, kept
from rapport.web.taskrouter.asked import Asked, Shown, known_sid, listed, paging_of, shown, when, workspace_of
from rapport.web.taskrouter.form import Field, a_sid, a_time, number, text
from rapport.web.taskrouter.happenings import Happened
from rapport.web.taskrouter.kept import Kept
from rapport.web.taskrouter.task_rows import Around, Task, around, queue_of, with_rows

MINUTES = 15  # what is listed where no time is asked for
MOST_SCANNED = 20_000  # entries
PATHS: Mapping[str, str] = {
    "workspace": "",
    "activity": "/Activities",
    "worker": "/Workers",
    "task-channel": "/TaskChannels",
    "task-queue": "/TaskQueues",
    "workflow": "/Workflows",
    "task": "/Tasks",
}
FILTERS = {
    "StartDate": Field(a_time),
    "EndDate": Field(a_time),
    "Minutes": Field(number(1, 1_000_000)),
    "EventType": Field(text),
    "TaskSid": Field(a_sid("WT")),
    "WorkerSid": Field(a_sid("WK")),
    "WorkflowSid": Field(a_sid("WW")),
    "TaskQueueSid": Field(a_sid("WQ")),
    "ReservationSid": Field(a_sid("WR")),
    "TaskChannel": Field(text),
    "Sid": Field(a_sid("EV")),
}
DATA = {"task_sid": "TaskSid", "worker_sid": "WorkerSid", "workflow_sid": "WorkflowSid"} | {
    "task_queue_sid": "TaskQueueSid",
    "reservation_sid": "ReservationSid",
}


class Told(msgspec.Struct, frozen=True):
    """An event as it is told: `data` says what it is about."""

    sid: str
    at: datetime
    type: str
    resource: str
    resource_sid: str
    data: dict[str, Any]  # Any: plain JSON


def told_of(event: Kept) -> Told:
    """What a program set up, as an event."""
    says = event.says
    data = {f"{says['resource_type'].replace('-', '_')}_sid": says["resource_sid"], **says["data"]}
    return Told(event.sid, event.created_at, event.name, says["resource_type"], says["resource_sid"], data)


async def told_of_ledger(
    asked: Asked, db: asyncpg.Connection, found: list[Happened], workers: Mapping[str, Kept], beside: Around
) -> list[Told]:
    """What the ledger says, as events with all that they are about."""
    ids = list({one.task for one in found if one.task is not None})
    rows = await read_rows(db, asked.tenant, Conversation, ids)
    tasks = {task.conversation.id: task for task in await with_rows(db, asked.tenant, rows)}
    return [_told(one, tasks.get(one.task or b""), workers, beside) for one in found]


def _told(one: Happened, task: Task | None, workers: Mapping[str, Kept], beside: Around) -> Told:
    offer = one.offer
    if one.resource == "reservation" and offer is None and task is not None and task.offer is not None:
        offer = task.offer.id  # the interaction that ended began with the last offer
    data: dict[str, Any] = {}  # Any: plain JSON
    if task is not None:
        data |= _of_task(task, beside)
    worker = workers.get(one.worker)
    if worker is not None:
        data |= {"worker_sid": worker.sid, "worker_name": worker.name, "worker_attributes": worker.says["attributes"]}
    if offer is not None and one.resource == "reservation":
        data["reservation_sid"] = f"WR{offer.hex()}"
    sids = {"task": f"WT{one.task.hex()}" if one.task else "", "worker": one.worker}
    sids["reservation"] = data.get("reservation_sid", sids["task"])
    return Told(one.sid, one.at, one.type, one.resource, sids[one.resource], data)


def _of_task(task: Task, beside: Around) -> dict[str, Any]:  # Any: plain JSON
    says = task.says
    queue, workflow = queue_of(task, beside), beside.workflows.get(str(says.get("taskrouter.workflow", "")))
    channel = beside.channels.get(str(says.get("taskrouter.channel", "")))
    return {
        "task_sid": task.sid,
        "task_attributes": task.attributes,
        "task_priority": int(says.get("taskrouter.priority", 0)),
        "task_assignment_status": task.status,
        "task_channel_sid": channel.sid if channel else None,
        "task_channel_unique_name": channel.name if channel else None,
        "task_queue_sid": queue.sid if queue else None,
        "task_queue_name": queue.name if queue else None,
        "workflow_sid": workflow.sid if workflow else None,
        "workflow_name": workflow.name if workflow else None,
    }


def show_event(asked: Asked, one: Told) -> Shown:
    """An event."""
    path = PATHS.get(one.resource)
    url = f"{asked.root}{path}/{one.resource_sid}" if path else asked.root
    if one.resource == "reservation" and "task_sid" in one.data:
        url = f"{asked.root}/Tasks/{one.data['task_sid']}/Reservations/{one.resource_sid}"
    return {
        "account_sid": asked.account,
        "actor_sid": asked.account,
        "actor_type": "account",
        "actor_url": None,
        "description": describe(one),
        "event_data": {**one.data, "workspace_sid": asked.workspace},
        "event_date": when(one.at),
        "event_date_ms": int(one.at.timestamp() * 1000),
        "event_type": one.type,
        "resource_sid": one.resource_sid,
        "resource_type": one.resource,
        "resource_url": url,
        "sid": one.sid,
        "source": "taskrouter",
        "source_ip_address": None,
        "url": f"{asked.root}/Events/{one.sid}",
        "workspace_sid": asked.workspace,
    }


def describe(one: Told) -> str:
    """The event in words."""
    return f"{one.resource.capitalize()} {one.resource_sid}: {one.type}"


async def list_events(asked: Asked) -> Response[bytes]:
    """A page of events, newest first; of the last fifteen minutes where no time is asked for."""
    wanted, paging = asked.asks(FILTERS), paging_of(asked)
    until = wanted.get("EndDate", asked.now)
    since = wanted.get("StartDate", until - timedelta(minutes=wanted.get("Minutes", MINUTES)))
    async with asked.within() as db:
        await workspace_of(asked, db)
        workers = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "worker"))
        beside = await around(asked, db)
        names = {sid: one.name for sid, one in workers.items()}
        found = await happenings.lately(db, asked.tenant, asked.workspace, names, since, until, MOST_SCANNED)
        told = await told_of_ledger(asked, db, found, workers, beside)
        noted = await kept.events_between(db, asked.tenant, asked.workspace, since, until, MOST_SCANNED)
    told += [told_of(one) for one in noted]
    told = sorted((one for one in told if _fits(one, wanted)), key=lambda one: (one.at, one.sid), reverse=True)
    page = told[paging.first : paging.first + paging.size + 1]
    return listed(asked, "events", [show_event(asked, one) for one in page], paging)


def _fits(one: Told, wanted: dict[str, Any]) -> bool:  # Any: the query, read
    channel = wanted.get("TaskChannel")
    return (
        wanted.get("EventType", one.type) == one.type
        and wanted.get("Sid", one.sid) == one.sid
        and all(one.data.get(ours) == wanted[theirs] for ours, theirs in DATA.items() if theirs in wanted)
        and (not channel or channel in (one.data.get("task_channel_sid"), one.data.get("task_channel_unique_name")))
    )


async def fetch_event(asked: Asked) -> Response[bytes]:
    """One event."""
    sid = asked.sids["sid"]
    id = known_sid(sid, "EV")
    async with asked.within() as db:
        await workspace_of(asked, db)
        workers = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "worker"))
        names = {worker: one.name for worker, one in workers.items()}
        found = await happenings.one_of(db, asked.tenant, asked.workspace, names, id)
        if found is not None:
            [told] = await told_of_ledger(asked, db, [found], workers, await around(asked, db))
        else:
            told = told_of(await kept.find(db, asked.tenant, asked.workspace, "event", sid))
    return shown(show_event(asked, told))
