"""A workflow as plans: each filter is a plan, each of its targets a step that asks for the workers of a queue.

The filters are tried in their order, so the earlier plan has the higher priority; whoever is left goes to the default queue.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import msgspec

from rapport.errors import BadInput
from rapport.matching.expression import parse
from rapport.model.need import Plan, Step
from rapport.web.taskrouter.expressions import CLOCK, compiled, translate

WORKFLOW, TARGET, WORKSPACE = "taskrouter.workflow", "taskrouter.target", "taskrouter.workspace"  # attributes of a task
HIGHEST = 1_000_000  # the priority of a workflow's first filter: above whatever plan the centre itself has
MOST_FILTERS = 500
MOST_OFFERS = 5  # to how many workers at once a task is put
MOST_STEPS, STEP = 8, 5.0  # an order knows so many numbers; each is worth so much, more than all else between two workers
NOBODY = "false == true"
_ORDER = re.compile(r"\s*(?:worker\.)?([^\W\d]\w*(?:\.[^\W\d]\w*)*)(?:\s+(asc|desc))?\s*", re.IGNORECASE)
_SKIPPED_AT_ONCE = 1.0  # seconds that a step lasts whose `skip_if` always holds


class Target(msgspec.Struct, frozen=True):
    """Where a filter sends a task, for `timeout` seconds; None: until it is taken."""

    queue: str
    expression: str = ""
    priority: int | None = None
    timeout: float | None = None
    skip_if: str = ""
    order_by: str = ""
    known_worker_sid: str = ""
    known_worker_friendly_name: str = ""


class Filter(msgspec.Struct, frozen=True):
    """Which tasks go where."""

    expression: str
    targets: tuple[Target, ...]
    filter_friendly_name: str = ""
    friendly_name: str = ""


class Default(msgspec.Struct, frozen=True):
    """Where the tasks go that no filter takes."""

    queue: str


class Routing(msgspec.Struct, frozen=True):
    """The filters of a workflow, in order."""

    filters: tuple[Filter, ...] = ()
    default_filter: Default | None = None


class Configuration(msgspec.Struct, frozen=True):
    """A workflow's configuration as its JSON says it."""

    task_routing: Routing


class Asks(NamedTuple):
    """What a queue asks of its workers, in our words, and of how many at once."""

    expression: str
    at_once: int = 1


class Planned(NamedTuple):
    """A plan, and the queue of each of its steps."""

    plan: Plan
    queues: tuple[str, ...]


Levels = Mapping[str, Collection[float]]
_read = msgspec.json.Decoder(Configuration, strict=False)


def read_configuration(text: str, queues: Mapping[str, Asks]) -> Configuration:
    """The configuration that a JSON text says. `queues`: by Sid. Raises BadInput, naming the place."""
    try:
        found = _read.decode(text)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as wrong:
        raise BadInput(f"Configuration must be a workflow's JSON: {wrong}") from None
    routing = found.task_routing
    if len(routing.filters) > MOST_FILTERS:
        raise BadInput(f"Configuration has {len(routing.filters)} filters; at most {MOST_FILTERS} are read")
    for nth, filter in enumerate(routing.filters):
        place = f"Configuration: task_routing.filters[{nth}]"
        compiled(filter.expression, bare="task", field=f"{place}.expression")
        if not filter.targets:
            raise BadInput(f"{place}.targets must name at least one queue")
        for target in filter.targets:
            _check(target, queues, place)
    if routing.default_filter is not None and routing.default_filter.queue not in queues:
        raise BadInput(f"Configuration: default_filter.queue {routing.default_filter.queue!r} is no queue of this workspace")
    return found


def _check(target: Target, queues: Mapping[str, Asks], place: str) -> None:
    if target.queue not in queues:
        raise BadInput(f"{place}.targets: the queue {target.queue!r} is none of this workspace; make it first")
    compiled(target.expression, field=f"{place}.targets.expression")
    read_order(target.order_by, f"{place}.targets.order_by")
    for name in (target.known_worker_sid, target.known_worker_friendly_name):
        if name and not name.startswith("task."):
            raise BadInput(f"{place}.targets: a known worker is named by an attribute such as task.agent_sid, got {name!r}")
    if target.timeout is not None and target.timeout <= 0:
        raise BadInput(f"{place}.targets: timeout must be above 0 seconds, got {target.timeout}")


def uses_the_clock(text: str) -> bool:
    """Whether a configuration asks for the time of day."""
    return f"{CLOCK}." in text


def plans_of(
    sid: str,
    workspace: str,
    configuration: Configuration,
    queues: Mapping[str, Asks],
    offer_seconds: float,
    levels: Levels = {},  # noqa: B006 - never written to
) -> list[Planned]:
    """The plans of a workflow, the first filter's first; the last is for the tasks that no filter takes.

    `levels`: which numbers workers have by which attributes, as far as targets order by them.
    """
    routing = configuration.task_routing
    default = routing.default_filter.queue if routing.default_filter else ""
    found = []
    for nth, filter in enumerate(routing.filters):
        steps, asked = _steps(filter.targets, workspace, queues, default, levels)
        when = f"{_is(WORKFLOW, sid)} and ({translate(filter.expression, bare='task')})"
        at_once = max(queues[queue].at_once for queue in asked)
        plan = _plan(f"{sid}-{nth:03}", when, steps, HIGHEST - nth, offer_seconds, at_once)
        found.append(Planned(plan, tuple(asked)))
    last = [Step(require=_require(workspace, queues[default].expression) if default else NOBODY, skip_if_nobody=False)]
    at_once = queues[default].at_once if default else 1
    rest = _plan(f"{sid}-rest", _is(WORKFLOW, sid), last, HIGHEST - MOST_FILTERS, offer_seconds, at_once)
    return [*found, Planned(rest, (default,))]


def plan_of_target(sid: str, workspace: str, wanted: str, offer_seconds: float = 120.0) -> Plan:
    """The plan of the tasks that name this very queue or worker, past any workflow. `wanted`: what is asked of its workers."""
    step = Step(require=_require(workspace, wanted), skip_if_nobody=False)
    return _plan(f"{sid}-direct", _is(TARGET, sid), [step], HIGHEST + 1, offer_seconds)


def _plan(id: str, when: str, steps: list[Step], priority: int, offer_seconds: float, at_once: int = 1) -> Plan:
    return Plan(id, tuple(steps), when, priority, offer_seconds, ends="wait", offers=min(MOST_OFFERS, at_once))


def _is(attribute: str, value: str) -> str:
    return f"person[\"{attribute}\"] == '{value}'"


def _steps(
    targets: tuple[Target, ...], workspace: str, queues: Mapping[str, Asks], default: str, levels: Levels
) -> tuple[list[Step], list[str]]:
    """The steps, and the queue of each. What stands after one that never ends is never reached and left out."""
    steps, asked = [], []
    for target in targets:
        require = _require(workspace, queues[target.queue].expression, translate(target.expression), _known(target))
        skips = bool(target.skip_if.strip())
        seconds = _SKIPPED_AT_ONCE if _always(target.skip_if) else (target.timeout or 0.0)
        prefer = _preferences(target.order_by, levels)
        steps.append(Step(require=require, prefer=prefer, seconds=seconds, skip_if_nobody=skips))
        asked.append(target.queue)
        if not seconds and not skips:
            return steps, asked
    if default:
        steps.append(Step(require=_require(workspace, queues[default].expression), skip_if_nobody=False))
        asked.append(default)
    return steps, asked


def read_order(text: str, field: str) -> list[tuple[str, bool]]:
    """The attributes of workers that a text orders by, and whether from the highest. Raises BadInput, naming the field."""
    found = []
    for part in text.split(",") if text.strip() else ():
        match = _ORDER.fullmatch(part)
        if match is None:
            raise BadInput(f"{field} must be as in 'worker.level DESC, worker.calls ASC', got {part.strip()[:60]!r}")
        found.append((f"worker.{match[1]}", (match[2] or "asc").lower() == "desc"))
    return found


def ordered_by(configuration: Configuration) -> set[str]:
    """The attributes of workers that any target orders by."""
    targets = [target for filter in configuration.task_routing.filters for target in filter.targets]
    return {name for target in targets for name, _ in read_order(target.order_by, "order_by")}


def _preferences(order_by: str, levels: Levels) -> dict[str, float]:
    """An order as preferences: a worker is worth a step more for each number that they reach."""
    found: dict[str, float] = {}
    for nth, (name, descends) in enumerate(read_order(order_by, "order_by")):
        numbers = sorted(levels.get(name, ()))
        some = numbers[:: -(-len(numbers) // MOST_STEPS)] if numbers else []
        for number in some:
            found[f'worker["{name}"] {">=" if descends else "<="} {number!r}'] = STEP / 10**nth
    return found


def _always(skip_if: str) -> bool:
    return "".join(skip_if.split()) in {"1==1", "true"}


def _known(target: Target) -> str:
    """What makes a target one known worker's, by an attribute of the task."""
    if target.known_worker_sid:
        return f'worker["worker.sid"] == {translate(target.known_worker_sid)}'
    if target.known_worker_friendly_name:
        return f'worker["worker.friendly_name"] == {translate(target.known_worker_friendly_name)}'
    return ""


def _require(workspace: str, *asked: str) -> str:
    """What must hold of a worker: to be of the workspace, and all that is asked."""
    here = f"worker[\"worker.workspace_sid\"] == '{workspace}'"
    return " and ".join([here, *(f"({one})" for one in asked if one.strip())])


def is_for(plan: Plan, task: Mapping[str, Any]) -> bool:  # Any: attribute values
    """Whether a task with these attributes gets this plan, if no earlier one takes it."""
    need = {"person": task}
    return parse(plan.when)(need, need)
