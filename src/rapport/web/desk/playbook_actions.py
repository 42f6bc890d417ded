"""What is done with a playbook at the desk: begin, leave, move over; do a step, take it back; a task. Works without script."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.playbook import Filled
from rapport.web.acting import act
from rapport.web.desk.actions import Form, asked_id, go
from rapport.web.desk.clocks import ClocksPart, read_clocks
from rapport.web.desk.page import chosen_one, desk_page, seated
from rapport.web.desk.playbook_panel import PanelPart, PlaybookShown, read_panel
from rapport.web.desk.typing_now import keep_text, typing_in
from rapport.web.languages import retell
from rapport.web.page import fragment
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
FIELD = "value."  # what a form's own names begin with


async def _panel(request: AnyRequest, conversation: str) -> PlaybookShown:
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        return await read_panel(seat.db, seat.who, seat.centre, one, seat.language)


@get("/desk/{conversation:str}/playbook", opt=needs("desk.read"), include_in_schema=False)
async def panel_again(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """The panel again."""
    return await fragment(request, "desk_playbook.html", PanelPart(await _panel(request, conversation)))


@post("/desk/{conversation:str}/playbook", opt=WRITE, include_in_schema=False)
async def playbook_it(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Begin, leave or move over a playbook."""
    does = {"begin": "begin_playbook", "leave": "leave_playbook", "move": "move_playbook"}
    do = does.get(data.get("do", ""))
    if do is None:
        raise BadInput(f"do must be one of {', '.join(does)}, got {data.get('do', '')[:40]!r}")
    return await _acted(request, conversation, do, data.get("playbook", ""))


@post("/desk/{conversation:str}/steps/{step:str}", opt=WRITE, include_in_schema=False)
async def step_it(request: AnyRequest, conversation: FromPath[str], step: FromPath[str], data: Form) -> Response[Any]:
    """Do a step with what was filled in, take it back, or put its reply into the composer."""
    if data.get("do", "").startswith("reply-"):
        return await _write_reply(request, conversation, step, data["do"])
    if data.get("do") == "undo":
        return await _acted(request, conversation, "undo_step", step)
    values: dict[str, Filled] = {name.removeprefix(FIELD): text for name, text in data.items() if name.startswith(FIELD)}
    return await _acted(request, conversation, "do_step", step, values)


@post("/desk/{conversation:str}/tasks/{task:str}", opt=WRITE, include_in_schema=False)
async def task_it(request: AnyRequest, conversation: FromPath[str], task: FromPath[str], data: Form) -> Response[Any]:
    """Say that a task is done."""
    return await _acted(request, conversation, "do_task", task)


async def _acted(
    request: AnyRequest, conversation: str, do: str, argument: str, values: dict[str, Filled] | None = None
) -> Response[Any]:
    id = asked_id(conversation, "conversation")
    try:
        await act(office_of(request), current(request), do, conversation=id, argument=argument, values=values or {})
    except (Conflict, BadInput) as refused:
        return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)
    return go(f"/desk/{conversation}#playbook-part")


async def _write_reply(request: AnyRequest, conversation: str, step: str, do: str) -> Response[Any]:
    panel = await _panel(request, conversation)
    text = next((r.text for now in panel.steps if now.id == step for r in now.replies if do == f"reply-{r.nth}"), None)
    if text is None:
        raise NotFound(f"the step {step[:40]!r} has no such reply")
    office, who = office_of(request), current(request)
    kept = (await typing_in(office, who, panel.conversation)).text.strip()
    await keep_text(office, who, panel.conversation, f"{kept}\n\n{text}" if kept and text not in kept else text)
    return go(f"/desk/{conversation}#conversation")


@get("/desk/{conversation:str}/clocks", opt=needs("desk.read"), include_in_schema=False)
async def clocks_again(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """The clocks of its service targets again."""
    async with seated(request) as seat:
        timing = await read_clocks(seat.db, seat.who, seat.centre, await chosen_one(seat, conversation))
    return await fragment(request, "desk_clocks.html", ClocksPart(timing))


HANDLERS = [clocks_again, panel_again, playbook_it, step_it, task_it]
