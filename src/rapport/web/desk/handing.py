"""Taking a reply back, handing a conversation over, writing in it together, calling back: each form is an action."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict
from rapport.replies import reading
from rapport.web.acting import act
from rapport.web.desk.beside import back_beside
from rapport.web.desk.page import desk_page, seated
from rapport.web.desk.typing_now import keep_text
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
TOGETHER = frozenset({"join", "leave", "lead"})


async def _refused(request: AnyRequest, conversation: str, refused: Exception) -> Response[Any]:
    return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)


@post("/drafts/{draft:str}/unsend", opt=WRITE, include_in_schema=False)
async def unsend(request: AnyRequest, draft: FromPath[str], data: Form) -> Response[Any]:
    """Take a reply back that has not left; its text returns to the composer."""
    office, who, id = office_of(request), current(request), asked_id(draft, "draft")
    async with seated(request) as seat:
        found = await reading.draft(seat.db, who.tenant, id)
    conversation = found.conversation.hex() if found else ""
    try:
        await act(office, who, "unsend", draft=id, conversation=found.conversation if found else None)
    except Conflict as refused:
        return await _refused(request, conversation, refused)
    if found is not None and found.agent == who.agent:
        await keep_text(office, who, found.conversation, found.standing)
        await back_beside(office, who, found)
    return go(f"/desk/{conversation}#conversation" if conversation else "/desk")


@post("/desk/{conversation:str}/hand-over", opt=WRITE, include_in_schema=False)
async def hand_over(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Hand it to a person, a team, or by an agreement to another centre, with what they should know."""
    to, reason = data.get("to", ""), data.get("reason", "").strip()
    try:
        await act(
            office_of(request), current(request), "hand_over", conversation=asked_id(conversation, "conversation"), argument=to,
            reason=reason,
        )  # fmt: skip
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused)
    view = data.get("view", "mine")
    return go(f"/desk?view={view if view.isalpha() else 'mine'}#inbox")


@post("/desk/{conversation:str}/together", opt=WRITE, include_in_schema=False)
async def together(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Ask a colleague in, leave, or pass the lead."""
    do = data.get("do", "")
    if do not in TOGETHER:
        raise BadInput(f"do must be one of {', '.join(sorted(TOGETHER))}, got {do[:40]!r}")
    id = asked_id(conversation, "conversation")
    try:
        await act(office_of(request), current(request), do, conversation=id, argument=data.get("agent", ""))
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused)
    return go(f"/desk/{conversation}#conversation")


@post("/desk/{conversation:str}/call-back", opt=WRITE, include_in_schema=False)
async def call_back(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Let somebody who telephones call the person, now or at a time."""
    id = asked_id(conversation, "conversation")
    try:
        await act(
            office_of(request), current(request), "call_back", conversation=id, argument=data.get("at", "").strip(),
            text=data.get("phone", "").strip(),
        )  # fmt: skip
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused)
    return go("/desk?view=mine#inbox")


HANDLERS = [unsend, hand_over, together, call_back]
