"""Workflows: their JSON is kept as it was written, and is set in the centre as plans."""

import asyncpg
import msgspec
from litestar import Response

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
from rapport.web.taskrouter.expressions import flat, translate
from rapport.web.taskrouter.form import Field, a_name, an_address, flag, number, text
from rapport.web.taskrouter.happened import note
from rapport.web.taskrouter.kept import Kept, changed, keep, new_kept
from rapport.web.taskrouter.offers import route_again
from rapport.web.taskrouter.routing import (
    WORKFLOW,
    Asks,
    Planned,
    ordered_by,
    plan_of_target,
    plans_of,
    read_configuration,
)
from rapport.web.taskrouter.task_rows import refuse_if_used, unfinished

TIMEOUT = 120  # seconds that a reservation stands
FIELDS = {
    "FriendlyName": Field(a_name, required=True),
    "Configuration": Field(text, required=True),
    "AssignmentCallbackUrl": Field(an_address),
    "FallbackAssignmentCallbackUrl": Field(an_address),
    "TaskReservationTimeout": Field(number(1, 86_400)),
    "ReEvaluateTasks": Field(flag),
}
NAMES = {
    "Configuration": "configuration",
    "AssignmentCallbackUrl": "assignment_callback_url",
    "FallbackAssignmentCallbackUrl": "fallback_assignment_callback_url",
    "TaskReservationTimeout": "task_reservation_timeout",
}
FIRST_IN_FIRST_OUT = '{"task_routing": {"filters": [], "default_filter": {"queue": "%s"}}}'
Thing = tuple[str, str, bytes]


def show_workflow(asked: Asked, workflow: Kept) -> Shown:
    """A workflow."""
    says = workflow.says
    return {
        "account_sid": asked.account,
        "assignment_callback_url": says["assignment_callback_url"] or None,
        "configuration": says["configuration"],
        "date_created": when(workflow.created_at),
        "date_updated": when(workflow.updated_at),
        "document_content_type": "application/json",
        "fallback_assignment_callback_url": says["fallback_assignment_callback_url"] or None,
        "friendly_name": workflow.name,
        "sid": workflow.sid,
        "task_reservation_timeout": says["task_reservation_timeout"],
        "workspace_sid": workflow.workspace,
        "url": f"{asked.root}/Workflows/{workflow.sid}",
        "links": {"workspace": asked.root},
    }


async def asks_of(db: asyncpg.Connection, tenant: int, workspace: str) -> dict[str, Asks]:
    """What each queue of a workspace asks of its workers, in our words, by Sid."""
    queues = await kept.all_of(db, tenant, workspace, "queue")
    return {one.sid: Asks(translate(one.says["target_workers"]), one.says["max_reserved_workers"]) for one in queues}


async def levels_of(db: asyncpg.Connection, tenant: int, workspace: str, names: set[str]) -> dict[str, set[float]]:
    """Which numbers the workers of a workspace have by these attributes."""
    found: dict[str, set[float]] = {name: set() for name in names}
    for worker in await kept.all_of(db, tenant, workspace, "worker") if names else ():
        said = flat(msgspec.json.decode(worker.says["attributes"]), "worker")
        for name in names:
            if isinstance(number := said.get(name), float):
                found[name].add(number)
    return found


async def planned_of(db: asyncpg.Connection, tenant: int, workflow: Kept, queues: dict[str, Asks]) -> list[Planned]:
    """The plans of a workflow as its queues and workers are now. Raises BadInput where its JSON cannot be followed."""
    says = workflow.says
    configuration = read_configuration(says["configuration"], queues)
    levels = await levels_of(db, tenant, workflow.workspace, ordered_by(configuration))
    seconds = says["task_reservation_timeout"]
    return plans_of(workflow.sid, workflow.workspace, configuration, queues, seconds, levels)


def _with_plans(workflow: Kept, planned: list[Planned]) -> Kept:
    """The workflow with the queues of its plans' steps."""
    return msgspec.structs.replace(workflow, says={**workflow.says, "plans": {p.plan.id: list(p.queues) for p in planned}})


def _things(planned: list[Planned]) -> list[Thing]:
    return [("plan", one.plan.id, msgspec.json.encode(one.plan)) for one in planned]


async def _set(asked: Asked, before: Kept | None, planned: list[Planned]) -> None:
    """Set the plans of a workflow, and take those away that it had before and has no more."""
    kept_ids = {one.plan.id for one in planned}
    stale = [("plan", id) for id in (before.says.get("plans", {}) if before else {}) if id not in kept_ids]
    await asked.office.intake.set_things(asked.tenant, _things(planned), stale, by=asked.who.agent)


async def list_workflows(asked: Asked) -> Response[bytes]:
    """A page of workflows."""
    wanted, paging = asked.asks({"FriendlyName": Field(text)}), paging_of(asked)
    async with asked.within() as db:
        await workspace_of(asked, db)
        found = await kept.all_of(db, asked.tenant, asked.workspace, "workflow")
    fitting = [one for one in found if wanted.get("FriendlyName", one.name) == one.name]
    return listed(asked, "workflows", [show_workflow(asked, one) for one in cut(fitting, paging)], paging)


async def create_workflow(asked: Asked) -> Response[bytes]:
    """A new workflow, and its plans."""
    sent = asked.reads(FIELDS)
    async with asked.within() as db:
        workspace = await workspace_of(asked, db)
        says = {
            "configuration": sent["Configuration"],
            "assignment_callback_url": sent.get("AssignmentCallbackUrl", ""),
            "fallback_assignment_callback_url": sent.get("FallbackAssignmentCallbackUrl", ""),
            "task_reservation_timeout": sent.get("TaskReservationTimeout", TIMEOUT),
        }
        workflow = new_kept("workflow", workspace.sid, sent["FriendlyName"], says, asked.now)
        queues = await asks_of(db, asked.tenant, workspace.sid)
        planned = await planned_of(db, asked.tenant, workflow, queues)
        await keep(db, asked.tenant, _with_plans(workflow, planned))
        what = show_workflow(asked, workflow)
        await note(db, asked, workspace, "workflow.created", "workflow", workflow.sid, what)
    await _set(asked, None, planned)
    return made(what)


async def make_first_in_first_out(db: asyncpg.Connection, asked: Asked, workspace: Kept) -> list[Thing]:
    """A queue of everybody and a workflow that sends every task there; the plans to be set."""
    says = {
        "target_workers": "1==1",
        "max_reserved_workers": 1,
        "task_order": "FIFO",
        "reservation_activity_sid": None,
        "assignment_activity_sid": None,
    }
    queue = new_kept("queue", workspace.sid, "Sample Queue", says, asked.now)
    urls = {"assignment_callback_url": "", "fallback_assignment_callback_url": ""}
    configuration = FIRST_IN_FIRST_OUT % queue.sid
    fields = {"configuration": configuration, "task_reservation_timeout": TIMEOUT, **urls}
    workflow = new_kept("workflow", workspace.sid, "Default Fifo Workflow", fields, asked.now)
    planned = await planned_of(db, asked.tenant, workflow, {queue.sid: Asks(translate("1==1"))})
    await keep(db, asked.tenant, queue)
    await keep(db, asked.tenant, _with_plans(workflow, planned))
    return _things(planned)


async def fetch_workflow(asked: Asked) -> Response[bytes]:
    """One workflow."""
    async with asked.within() as db:
        return shown(show_workflow(asked, await object_of(asked, db, "workflow")))


async def update_workflow(asked: Asked) -> Response[bytes]:
    """Change a workflow; its plans are made anew. `ReEvaluateTasks`: tasks that wait are routed by them at once."""
    sent = asked.reads(FIELDS, required=False)
    async with asked.within() as db:
        before = await object_of(asked, db, "workflow")
        says = {ours: sent[theirs] for theirs, ours in NAMES.items() if theirs in sent}
        workflow = changed(before, asked.now, name=sent.get("FriendlyName", ""), **says)
        planned = await planned_of(db, asked.tenant, workflow, await asks_of(db, asked.tenant, asked.workspace))
        await keep(db, asked.tenant, _with_plans(workflow, planned))
        what = show_workflow(asked, workflow)
        await note(db, asked, await workspace_of(asked, db), "workflow.updated", "workflow", workflow.sid, what)
        waiting = [one for one in await unfinished(asked, db) if one.status == "pending"] if sent.get("ReEvaluateTasks") else []
    await _set(asked, before, planned)
    for task in waiting:
        if task.says.get(WORKFLOW) == workflow.sid:
            await route_again(asked, task.conversation.id)
    return shown(what)


async def delete_workflow(asked: Asked) -> Response[bytes]:
    """Take a workflow away, and its plans. Raises Conflict where tasks that are not finished go by it."""
    async with asked.within() as db:
        workflow = await object_of(asked, db, "workflow")
        await refuse_if_used(asked, db, WORKFLOW, workflow.sid)
        await kept.drop(db, asked.tenant, workflow.sid)
        what = show_workflow(asked, workflow)
        await note(db, asked, await workspace_of(asked, db), "workflow.deleted", "workflow", workflow.sid, what)
    await _set(asked, workflow, [])
    return gone()


async def plan_again(asked: Asked) -> None:
    """Make the plans of a workspace anew, as a queue or a worker of it has changed."""
    things: list[Thing] = []
    async with asked.within() as db:
        queues = await asks_of(db, asked.tenant, asked.workspace)
        for workflow in await kept.all_of(db, asked.tenant, asked.workspace, "workflow"):
            things += _things(await planned_of(db, asked.tenant, workflow, queues))
        for queue in await kept.all_of(db, asked.tenant, asked.workspace, "queue"):
            if "plans" in queue.says:
                plan = plan_of_target(queue.sid, asked.workspace, queues[queue.sid].expression)
                things.append(("plan", plan.id, msgspec.json.encode(plan)))
    await asked.office.intake.set_things(asked.tenant, things, by=asked.who.agent)


async def plan_by_order(asked: Asked) -> None:
    """Make the plans anew where any workflow orders workers by what they say: a worker has changed."""
    async with asked.within() as db:
        workflows = await kept.all_of(db, asked.tenant, asked.workspace, "workflow")
    if any("order_by" in one.says["configuration"] for one in workflows):
        await plan_again(asked)


async def plan_directly(asked: Asked, target: Kept) -> None:
    """Set the plan for tasks that name this queue or this worker themselves."""
    is_queue = target.kind == "queue"
    wanted = translate(target.says["target_workers"]) if is_queue else f"worker[\"worker.sid\"] == '{target.sid}'"
    plan = plan_of_target(target.sid, target.workspace, wanted)
    if "plans" in target.says:
        return
    async with asked.within() as db:
        fresh = await kept.find(db, asked.tenant, target.workspace, target.kind, target.sid)
        says = {**fresh.says, "plans": {plan.id: [target.sid if is_queue else ""]}}
        await keep(db, asked.tenant, msgspec.structs.replace(fresh, says=says))
    await asked.office.intake.set_things(asked.tenant, [("plan", plan.id, msgspec.json.encode(plan))], by=asked.who.agent)
