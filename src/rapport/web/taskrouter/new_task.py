"""A new task: what is said of it is declared of a person of its own, then a message of theirs is taken in; the rest is ours.

No filter may take it: then it is closed at once, canceled, as in TaskRouter.
"""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

import asyncpg
import msgspec
from litestar import Response

from rapport.errors import BadInput
from rapport.ledger.tables import read_rows
from rapport.matching.expression import parse
from rapport.model.centre import Account
from rapport.model.conversation import Conversation
from rapport.model.ids import derived_id, named_id
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.need import Plan
from rapport.web.taskrouter import kept
from rapport.web.taskrouter.agents import slot_of
from rapport.web.taskrouter.asked import Asked, made, when, workspace_of
from rapport.web.taskrouter.channels import channel_called
from rapport.web.taskrouter.expressions import CLOCK, flat
from rapport.web.taskrouter.form import Field, a_sid, a_time, flag, json_object, number, text
from rapport.web.taskrouter.kept import Kept
from rapport.web.taskrouter.offers import CANCELED, PATIENCE, do
from rapport.web.taskrouter.routing import TARGET, WORKFLOW, WORKSPACE, uses_the_clock
from rapport.web.taskrouter.task_rows import JSON, MOST_PIECES, OURS, PIECE, Task, around, pieces, show_task, with_rows
from rapport.web.taskrouter.workflows import asks_of, plan_directly, planned_of

DAY = 86_400  # seconds that a task waits at most, where nothing is said
CALM_PRIORITY = 10.0  # the priority that is half of full urgency
SOURCE = "taskrouter"
KINDS: Mapping[str, ChannelKind] = {"voice": ChannelKind.VOICE, "video": ChannelKind.VOICE, "sms": ChannelKind.SMS}
NO_FILTER = "no filter of the workflow takes this task, and it has no default filter"
FIELDS = {
    "Timeout": Field(number(1, 2_147_483_647)),
    "Priority": Field(number(0, 2_147_483_647)),
    "TaskChannel": Field(text),
    "WorkflowSid": Field(a_sid("WW")),
    "Attributes": Field(json_object),
    "VirtualStartTime": Field(a_time),
    "RoutingTarget": Field(a_sid("WW", "WQ", "WK")),
    "TaskQueueSid": Field(a_sid("WQ")),
    "IgnoreCapacity": Field(flag),
}
Says = dict[str, Any]  # Any: attribute values


def attributes_said(attributes: str) -> Says:
    """A task's attributes: as expressions ask for them, and as they were sent. Raises BadInput where they are too long."""
    if len(attributes) > PIECE * MOST_PIECES:
        raise BadInput(f"Attributes has {len(attributes)} characters; at most {PIECE * MOST_PIECES} are kept")
    return {**flat(msgspec.json.decode(attributes), "task"), JSON: pieces(attributes)}


def priority_said(priority: int) -> Says:
    """A task's priority, and the urgency that it is to the house, in [0, 1)."""
    return {f"{OURS}priority": priority, "urgency": round(priority / (priority + CALM_PRIORITY), 4)}


def clock_said(now: datetime) -> Says:
    """The time of day as workflows ask for it, in UTC; it is a part of the task, so a replay asks no clock."""
    return {
        f"{CLOCK}.currentTime": now.hour * 100 + now.minute,
        f"{CLOCK}.currentHour": now.hour,
        f"{CLOCK}.currentMin": now.minute,
        f"{CLOCK}.dayOfWeek": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[now.weekday()],
    }


def name_of(attributes: str, sid: str) -> str:
    """What the task is called on a desk: by its `name`, if it has one."""
    said = msgspec.json.decode(attributes)
    name = next((said[key] for key in ("name", "customer_name", "title", "type") if isinstance(said.get(key), str)), "")
    return str(name)[:80] or f"Task {sid[-6:]}"


async def create_task(asked: Asked) -> Response[bytes]:
    """Take a task in, and show it when it waits."""
    sent = asked.reads(FIELDS)
    if sent.get("IgnoreCapacity"):
        raise BadInput("IgnoreCapacity must be false: nobody is given more than they have places for, got true")
    async with asked.within() as db:
        await workspace_of(asked, db)
        channel = await _channel(asked, db, sent.get("TaskChannel", "default"))
        target, workflow = await _target(asked, db, sent)
        plans = await _plans(asked, db, workflow) if workflow else []
    says = _says(asked, sent, target, workflow, channel)
    if target is not None and workflow is None:
        await plan_directly(asked, target)
    plan = next((one for one in plans if parse(one.when)({"person": says}, {"person": says})), None)
    says[f"{OURS}plan"] = plan.id if plan else ""
    conversation = await _raise(asked, sent, says, channel)
    unwanted = workflow is not None and (plan is None or plan.id.endswith("-rest") and not _has_default(workflow))
    if unwanted:
        await do(asked, asked.who.agent, "close", conversation=conversation.id, argument=CANCELED)
    return made(await _shown(asked, conversation, says))


async def _channel(asked: Asked, db: asyncpg.Connection, name: str) -> Kept:
    found = channel_called(await kept.all_of(db, asked.tenant, asked.workspace, "channel"), name)
    if found is None:
        raise BadInput(f"TaskChannel {name[:60]!r} is no task channel of this workspace")
    return found


async def _target(asked: Asked, db: asyncpg.Connection, sent: Says) -> tuple[Kept | None, Kept | None]:
    """The queue or worker that a task names itself, or else its workflow. Raises BadInput where there is neither."""
    direct = sent.get("TaskQueueSid") or sent.get("RoutingTarget", "")
    kinds = {"WQ": "queue", "WK": "worker"}
    if direct[:2] in kinds:
        field = "TaskQueueSid" if "TaskQueueSid" in sent else "RoutingTarget"
        return await _one(asked, db, kinds[direct[:2]], direct, field), None
    named = sent.get("WorkflowSid") or direct
    if named:
        return None, await _one(asked, db, "workflow", named, "WorkflowSid" if "WorkflowSid" in sent else "RoutingTarget")
    workflows = await kept.all_of(db, asked.tenant, asked.workspace, "workflow")
    if len(workflows) != 1:
        raise BadInput(f"WorkflowSid is required: this workspace has {len(workflows)} workflows")
    return None, workflows[0]


async def _one(asked: Asked, db: asyncpg.Connection, kind: str, sid: str, field: str) -> Kept:
    found = {one.sid: one for one in await kept.all_of(db, asked.tenant, asked.workspace, kind)}
    if sid not in found:
        raise BadInput(f"{field} {sid!r} is no {kind} of this workspace")
    return found[sid]


async def _plans(asked: Asked, db: asyncpg.Connection, workflow: Kept) -> list[Plan]:
    queues = await asks_of(db, asked.tenant, asked.workspace)
    return [one.plan for one in await planned_of(db, asked.tenant, workflow, queues)]


def _has_default(workflow: Kept) -> bool:
    return bool(msgspec.json.decode(workflow.says["configuration"]).get("task_routing", {}).get("default_filter"))


def _says(asked: Asked, sent: Says, target: Kept | None, workflow: Kept | None, channel: Kept) -> Says:
    """All that is declared of a task."""
    clock = workflow is not None and uses_the_clock(workflow.says["configuration"])
    return {
        **attributes_said(sent.get("Attributes", "{}")),
        **priority_said(sent.get("Priority", 0)),
        **(clock_said(asked.now) if clock else {}),
        WORKSPACE: asked.workspace,
        WORKFLOW: workflow.sid if workflow else "",
        TARGET: target.sid if target else "",
        f"{OURS}channel": channel.name,
        f"{OURS}timeout": sent.get("Timeout", DAY),
        f"{OURS}virtual_start": when(sent.get("VirtualStartTime")) or "",
    }


async def _raise(asked: Asked, sent: Says, says: Says, channel: Kept) -> Conversation:
    """Declare what is known, hear the message, and wait until it is a conversation."""
    key = token_hex(16)
    at = min(sent.get("VirtualStartTime", asked.now), asked.now)
    message = named_id(at, asked.tenant, asked.workspace, key)
    id = derived_id(message, "conversation")
    sid = f"WT{id.hex()}"
    handle = f"task:{sid}"
    name = name_of(sent.get("Attributes", "{}"), sid)
    account = Account(asked.workspace, slot_of(channel.name))
    kind = KINDS.get(channel.name, ChannelKind.CHAT)
    intake = asked.office.intake
    await intake.declare(asked.tenant, [handle], name, says, SOURCE, sid)
    await intake.hear(asked.tenant, account, kind, [Incoming(key, handle, sid, Reach.PRIVATE, at, name=name)])
    found = await waited_for(asked, id)
    nobody = Conversation(id, id, id, "open", kind, account.id, account.channel, Reach.PRIVATE, at, at)  # type: ignore[arg-type]  # the state's word
    return found or nobody


async def waited_for(asked: Asked, id: bytes) -> Conversation | None:
    """The conversation of this id as soon as it is there; None where no worker has made it in time."""
    until = asked.office.clock.now().timestamp() + PATIENCE
    for _ in range(600):
        async with asked.within() as db:
            found = await read_rows(db, asked.tenant, Conversation, [id])
        if found or asked.office.clock.now().timestamp() > until:
            return found[0] if found else None
        await asked.office.changed(asked.tenant, 0.05)
    return None


async def _shown(asked: Asked, conversation: Conversation, says: Says) -> dict[str, Any]:  # Any: plain JSON
    async with asked.within() as db:
        rows = await read_rows(db, asked.tenant, Conversation, [conversation.id])
        tasks = await with_rows(db, asked.tenant, rows)
        task = tasks[0] if tasks else Task(conversation, says)
        return show_task(asked, task, await around(asked, db))
