"""/api/conversations/…/playbook: how far the playbook of a conversation has come, its clocks and its tasks, for programs."""

from datetime import datetime

import msgspec
from litestar import MediaType, Response, get
from litestar.params import FromPath

from rapport.model.ids import show_id
from rapport.web.desk.clocks import ClockShown, read_clocks
from rapport.web.desk.page import chosen_one, seated
from rapport.web.desk.playbook_panel import read_panel
from rapport.web.security import AnyRequest, needs


class StepTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step that is asked for. `done_at` absent: it is open; `values`: what was filled in, as text."""

    id: str
    text: str
    required: bool = False
    done_at: datetime | None = None
    done_by: str = ""
    before_its_turn: bool = False
    values: dict[str, str] = {}


class TaskTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task. `done_at` absent: it is open."""

    id: str
    text: str
    to: str = ""
    done_at: datetime | None = None


class WorkTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is under way in a conversation. `playbook` "": none; `newer`: there is a later version to move to."""

    playbook: str = ""
    edition: int = 0
    ended: bool = False
    newer: bool = False
    steps: tuple[StepTold, ...] = ()
    tasks: tuple[TaskTold, ...] = ()
    clocks: tuple[ClockShown, ...] = ()


@get(
    "/api/conversations/{conversation:str}/playbook",
    opt=needs("desk.read") | {"gives": WorkTold, "says": "How far its playbook has come, its clocks and its tasks"},
)
async def work(request: AnyRequest, conversation: FromPath[str]) -> Response[bytes]:
    """The playbook, the clocks and the tasks of a conversation."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        panel = await read_panel(seat.db, seat.who, seat.centre, one, seat.language)
        timing = await read_clocks(seat.db, seat.who, seat.centre, one)
    steps = tuple(
        StepTold(
            step.id, step.text, step.required, step.done_at, step.done_by, step.strayed,
            {field.id: field.value for field in step.fields if field.value},
        )
        for step in panel.steps
    )  # fmt: skip
    tasks = tuple(TaskTold(show_id(task.id), task.text, task.to, task.done_at) for task in panel.tasks)
    told = WorkTold(panel.title, panel.edition, panel.ended, panel.newer, steps, tasks, timing.clocks)
    return Response(msgspec.json.encode(told), media_type=MediaType.JSON)


HANDLERS = [work]
