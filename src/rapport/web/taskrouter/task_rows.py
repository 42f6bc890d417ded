"""Tasks as rows: a conversation on an account of the workspace's Sid, and the attributes of its person.

What a task's program says of it is declared of the person that the task stands for, so it is on record, sealed, and can be
erased as whatever is known of a person can.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg
import msgspec

from rapport.errors import Conflict, NotFound
from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation, State
from rapport.model.need import Need, Offer, OfferState
from rapport.model.person import Person
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.asked import Asked, Shown, known_sid, when
from rapport.web.taskrouter.kept import Kept
from rapport.web.taskrouter.offers import CANCELED
from rapport.web.taskrouter.routing import TARGET, WORKFLOW

OURS = "taskrouter."
JSON = f"{OURS}json"  # the attributes as they were sent, in pieces
STATUS = f"{OURS}status"  # wrapping or deleted; else the rows say it
PIECE, MOST_PIECES = 400, 60
_RANK = {OfferState.ACCEPTED: 1, OfferState.OPEN: 2}  # of several offers, which one says how the task stands
LISTED = "account = $2 and account like 'WS%' order by opened_at desc, id desc offset $3 limit $4"


class Task(msgspec.Struct, frozen=True):
    """A task: its conversation, what is said of it, and what it waits for. `offer`: the one that says how it stands."""

    conversation: Conversation
    says: Mapping[str, Any]  # Any: attribute values
    need: Need | None = None
    offer: Offer | None = None

    @property
    def sid(self) -> str:
        """The task's Sid."""
        return f"WT{self.conversation.id.hex()}"

    @property
    def attributes(self) -> str:
        """The JSON that its program sent."""
        return "".join(self.says.get(JSON, ("{}",)))

    @property
    def status(self) -> str:
        """How it stands."""
        one = self.conversation
        if one.state is State.RESOLVED:
            return "canceled" if one.disposition == CANCELED else "completed"
        if one.agent:
            return "wrapping" if self.says.get(STATUS) == "wrapping" else "assigned"
        return "reserved" if self.offer is not None and self.offer.state is OfferState.OPEN else "pending"


def pieces(text: str) -> list[str]:
    """A text in pieces that an attribute's list can hold."""
    return [text[place : place + PIECE] for place in range(0, len(text), PIECE)]


async def with_rows(db: asyncpg.Connection, tenant: int, found: Iterable[Conversation]) -> list[Task]:
    """Conversations as tasks, without those whose task was deleted."""
    conversations = list(found)
    ids = [one.id for one in conversations]
    persons = {row.id: row for row in await read_rows(db, tenant, Person, [one.person for one in conversations])}
    needs = {row.id: row for row in await read_rows(db, tenant, Need, ids)}
    offers: dict[bytes, Offer] = {}
    for offer in await read_where(db, tenant, Offer, "conversation = any($2::uuid[]) order by made_at, id", ids):
        before = offers.get(offer.conversation)
        if before is None or _RANK.get(offer.state, 0) >= _RANK.get(before.state, 0):
            offers[offer.conversation] = offer
    tasks = []
    for one in conversations:
        person = persons.get(one.person)
        says = {attribute.name: attribute.value for attribute in person.attributes} if person else {}
        if says.get(STATUS) != "deleted":
            tasks.append(Task(one, says, needs.get(one.id), offers.get(one.id)))
    return tasks


async def find_task(asked: Asked, db: asyncpg.Connection, sid: str) -> Task:
    """The task of a Sid. Raises NotFound."""
    id = known_sid(sid, "WT")
    found = [one for one in await read_rows(db, asked.tenant, Conversation, [id]) if one.account == asked.workspace]
    tasks = await with_rows(db, asked.tenant, found)
    if not tasks:
        raise NotFound(f"no task {sid} is here")
    return tasks[0]


async def some_tasks(asked: Asked, db: asyncpg.Connection, first: int, most: int) -> list[Task]:
    """Tasks of a workspace, newest first."""
    rows = await read_where(db, asked.tenant, Conversation, LISTED, asked.workspace, first, most)
    return await with_rows(db, asked.tenant, rows)


async def unfinished(asked: Asked, db: asyncpg.Connection) -> list[Task]:
    """The tasks of a workspace that are neither completed nor canceled."""
    where = "account = $2 and account like 'WS%' and state <> 'resolved'"
    return await with_rows(db, asked.tenant, await read_where(db, asked.tenant, Conversation, where, asked.workspace))


async def refuse_if_used(asked: Asked, db: asyncpg.Connection, attribute: str, sid: str) -> None:
    """Raises Conflict where tasks that are not finished go by this object: they would be anybody's."""
    used = [task for task in await unfinished(asked, db) if task.says.get(attribute) == sid]
    if used:
        raise Conflict(f"{len(used)} tasks that are not finished go by {sid}; complete or cancel them first, as {used[0].sid}")


class Around(msgspec.Struct, frozen=True):
    """What stands around the tasks of a workspace, by Sid; channels by unique name."""

    workflows: Mapping[str, Kept]
    queues: Mapping[str, Kept]
    channels: Mapping[str, Kept]


async def around(asked: Asked, db: asyncpg.Connection) -> Around:
    """The workflows, queues and channels of a workspace."""
    workflows = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "workflow"))
    queues = kept.by_sid(await kept.all_of(db, asked.tenant, asked.workspace, "queue"))
    channels = {one.name: one for one in await kept.all_of(db, asked.tenant, asked.workspace, "channel")}
    return Around(workflows, queues, channels)


def queue_of(task: Task, beside: Around) -> Kept | None:
    """The queue that a task is in, or was when it was taken: the one that the step of its plan asks for."""
    plan, step = ("", 0)
    if task.offer is not None and task.offer.state in (OfferState.OPEN, OfferState.ACCEPTED):
        plan, step = task.offer.why.plan, task.offer.why.step
    elif task.need is not None:
        plan, step = task.need.plan, task.need.step
    plan = plan or str(task.says.get(f"{OURS}plan", ""))
    for holder in (*beside.workflows.values(), *beside.queues.values()):
        queues = holder.says.get("plans", {}).get(plan)
        if queues:
            return beside.queues.get(queues[min(step, len(queues) - 1)])
    return None


def show_task(asked: Asked, task: Task, beside: Around) -> Shown:
    """A task."""
    one, says = task.conversation, task.says
    workflow = beside.workflows.get(str(says.get(WORKFLOW, "")))
    queue, channel = queue_of(task, beside), beside.channels.get(str(says.get(f"{OURS}channel", "")))
    url = f"{asked.root}/Tasks/{task.sid}"
    ends = [at for at in (task.offer.made_at, task.offer.ended_at) if at] if task.offer else []
    links = {"workspace": asked.root, "reservations": f"{url}/Reservations"}
    links |= {"workflow": f"{asked.root}/Workflows/{workflow.sid}"} if workflow else {}
    links |= {"task_queue": f"{asked.root}/TaskQueues/{queue.sid}"} if queue else {}
    return {
        "account_sid": asked.account,
        "age": max(0, int(((one.resolved_at or asked.now) - one.opened_at).total_seconds())),
        "assignment_status": task.status,
        "attributes": task.attributes,
        "addons": "{}",
        "date_created": when(one.opened_at),
        "date_updated": when(max([one.opened_at, *ends, *([one.resolved_at] if one.resolved_at else [])])),
        "task_queue_entered_date": when(one.opened_at) if queue else None,
        "priority": int(says.get(f"{OURS}priority", 0)),
        "reason": says.get(f"{OURS}reason") or None,
        "sid": task.sid,
        "task_queue_sid": queue.sid if queue else None,
        "task_queue_friendly_name": queue.name if queue else None,
        "task_channel_sid": channel.sid if channel else None,
        "task_channel_unique_name": channel.name if channel else None,
        "timeout": int(says.get(f"{OURS}timeout", 0)),
        "workflow_sid": workflow.sid if workflow else None,
        "workflow_friendly_name": workflow.name if workflow else None,
        "workspace_sid": asked.workspace,
        "url": url,
        "links": links,
        "virtual_start_time": says.get(f"{OURS}virtual_start") or when(one.opened_at),
        "ignore_capacity": False,
        "routing_target": says.get(TARGET) or None,
    }
