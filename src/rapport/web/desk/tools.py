"""What one does with a conversation as a whole: marks, merge and split, blocking; each with the way back beside it."""

from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import reading as talk
from rapport.conversations.marking import labels_in
from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id
from rapport.web.acting import act
from rapport.web.desk.page import desk_page
from rapport.web.going import asked_id, go
from rapport.web.languages import retell
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
BARS = frozenset({"block", "unblock", "spam", "not_spam"})


async def _row(request: AnyRequest, id: bytes) -> Conversation:
    office, who = office_of(request), current(request)
    async with office.store.within(who.tenant, readonly=True) as db:
        row = await talk.conversation(db, who.tenant, id)
    if row is None:
        raise NotFound("there is no such conversation; it may belong to another centre")
    return row


def _on(conversation: str, data: dict[str, str], did: str = "", of: str = "", value: str = "") -> str:
    view = data.get("view", "mine")
    undone = f"&did={did}&of={of or conversation}" + (f"&with={value}" if value else "") if did else ""
    return f"/desk/{conversation}?view={view if view.isalpha() else 'mine'}{undone}#conversation"


async def _refused(request: AnyRequest, conversation: str, refused: Exception) -> Response[Any]:
    return await desk_page(request, conversation, problem=retell(language_of(request), str(refused)), status=409)


@post("/desk/{conversation:str}/mark", opt=WRITE, include_in_schema=False)
async def mark(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Set its labels to those that are named, and its priority."""
    office, who = office_of(request), current(request)
    row = await _row(request, asked_id(conversation, "conversation"))
    wanted = labels_in(data["labels"]) if "labels" in data else list(row.labels)
    added = [label for label in wanted if label not in row.labels]
    removed = [label for label in row.labels if label not in wanted]
    priority = data.get("priority", "")
    try:
        if added:
            await act(office, who, "label", conversation=row.id, argument=", ".join(added))
        if removed:
            await act(office, who, "unlabel", conversation=row.id, argument=", ".join(removed))
        if priority and priority != (row.priority or "normal"):
            await act(office, who, "prioritise", conversation=row.id, argument=priority)
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused)
    return go(_on(conversation, data))


@post("/desk/{conversation:str}/merge", opt=WRITE, include_in_schema=False)
async def merge(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Let it go on in another one, which is named by its number or its address."""
    office, who = office_of(request), current(request)
    id = asked_id(conversation, "conversation")
    named = data.get("into", "").strip().split("?")[0].split("#")[0].rstrip("/").rpartition("/")[2]
    if read_id(named) is None:
        raise BadInput("choose the conversation in which it goes on, or paste its address")
    try:
        outcome = await act(office, who, "merge", conversation=id, argument=named)
    except Conflict as refused:
        return await _refused(request, conversation, refused)
    return go(_on(outcome.result.hex() if outcome and outcome.result else named, data, "merge", conversation))


@post("/desk/{conversation:str}/unmerge", opt=WRITE, include_in_schema=False)
async def unmerge(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Let it stand by itself again."""
    try:
        await act(office_of(request), current(request), "unmerge", conversation=asked_id(conversation, "conversation"))
    except Conflict as refused:
        return await _refused(request, conversation, refused)
    return go(_on(conversation, data))


@post("/desk/{conversation:str}/split", opt=WRITE, include_in_schema=False)
async def split(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Make what was said from a message on a conversation of its own."""
    office, who = office_of(request), current(request)
    id, at = asked_id(conversation, "conversation"), asked_id(data.get("message", ""), "message")
    try:
        outcome = await act(office, who, "split", conversation=id, message=at, argument=data.get("which", ""))
    except Conflict as refused:
        return await _refused(request, conversation, refused)
    new = outcome.result.hex() if outcome and outcome.result else conversation
    return go(_on(new, data, "split", new, conversation))


@post("/desk/{conversation:str}/bar/{do:str}", opt=WRITE, include_in_schema=False)
async def bar(request: AnyRequest, conversation: FromPath[str], do: FromPath[str], data: Form) -> Response[Any]:
    """Block who wrote it, or mark it as spam; or take that back."""
    if do not in BARS:
        raise BadInput(f"do must be one of {', '.join(sorted(BARS))}, got {do[:40]!r}")
    try:
        await act(office_of(request), current(request), do, conversation=asked_id(conversation, "conversation"))
    except Conflict as refused:
        return await _refused(request, conversation, refused)
    return go(_on(conversation, data, do))


HANDLERS = [mark, merge, unmerge, split, bar]
