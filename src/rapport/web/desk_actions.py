"""What is done at the desk: each form is an action, and the desk says what became of it. Works without any script."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.ids import read_id
from rapport.web.acting import Asked, act
from rapport.web.centre_now import centre_now
from rapport.web.composing import checks_now, composer_of
from rapport.web.desk import chosen_one, desk_page, seated
from rapport.web.desk_context import ChecksPart, Chosen
from rapport.web.languages import retell, zone_named
from rapport.web.page import fragment
from rapport.web.security import AnyRequest, current, language_of, needs, office_of
from rapport.web.typing_now import forget_text, keep_text

WRITE = needs("desk.write")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
PRESENCES = frozenset({"go_online", "go_busy", "go_away", "go_offline"})


def inside(text: str, otherwise: str) -> str:
    """An address of our own to go on to; never one of another site."""
    parts = urlsplit(text)
    return text if text.startswith("/") and not text.startswith("//") and not parts.netloc and "\\" not in text else otherwise


def go(url: str) -> Redirect:
    """On to a page of ours, to be fetched anew."""
    return Redirect(url, status_code=303)


def asked_id(text: str, what: str) -> bytes:
    """The id that an address names. Raises NotFound."""
    found = read_id(text)
    if found is None:
        raise NotFound(f"{text[:40]!r} names no {what}")
    return found


def _address(conversation: str, data: dict[str, str]) -> str:
    view = data.get("view", "")
    return f"/desk/{conversation}{f'?view={view}' if view.isalpha() else ''}#conversation"


@post("/desk/{conversation:str}/say", opt=WRITE, include_in_schema=False)
async def say_it(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Send the composer: a reply or a note. What is refused comes back with its text and the reason."""
    office, who = office_of(request), current(request)
    id = asked_id(conversation, "conversation")
    text, reach, subject = data.get("text", ""), data.get("reach", ""), data.get("subject", "")
    once = data.get("once", "")
    try:
        if reach == "note":
            await act(office, who, "note", conversation=id, text=text, once=once)
        else:
            await act(office, who, "reply", conversation=id, text=text, reach=reach, subject=subject, once=once)
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused, data)
    await forget_text(office, who, id)
    return go(_address(conversation, data))


async def _refused(request: AnyRequest, conversation: FromPath[str], refused: Exception, data: dict[str, str]) -> Response[Any]:
    reason = retell(language_of(request), str(refused))
    return await desk_page(request, conversation, problem=reason, said=data, status=409)


def _until(data: dict[str, str], zone: str) -> str:
    """The time of a snooze: one's own in the centre's zone, else the chosen one."""
    own = data.get("own", "").strip()
    if not own:
        return data.get("until", "")
    try:
        at = datetime.fromisoformat(own)
    except ValueError:
        raise BadInput(f"a time such as 2026-03-03T10:00 is needed, got {own[:40]!r}") from None
    return (at if at.tzinfo else at.replace(tzinfo=zone_named(zone))).isoformat()


@post("/desk/{conversation:str}/{do:str}", opt=WRITE, include_in_schema=False)
async def do_it(request: AnyRequest, conversation: FromPath[str], do: FromPath[str], data: Form) -> Response[Any]:
    """Resolve, snooze, transfer, take, reopen or read a conversation."""
    office, who = office_of(request), current(request)
    id = asked_id(conversation, "conversation")
    async with office.store.within(who.tenant, readonly=True) as db:
        row = await talk.conversation(db, who.tenant, id)
    if row is None:
        raise NotFound("there is no such conversation; it may belong to another centre")
    try:
        if do == "resolve":
            has_it = row.agent == who.agent and row.interaction is not None
            await act(office, who, "wrap_up" if has_it else "close", conversation=id, argument=data.get("disposition", ""))
        elif do == "snooze":
            zone = (await centre_now(office, who.tenant)).profile.zone
            await act(office, who, "snooze", conversation=id, argument=_until(data, zone))
        elif do == "transfer":
            reason = data.get("reason", "").strip()
            if reason:
                await act(office, who, "note", conversation=id, text=reason)
            await act(office, who, "transfer", conversation=id, argument=data.get("to", ""), reason=reason)
        elif do in ("take", "reopen", "read"):
            await act(office, who, do, conversation=id)
        else:
            raise NotFound(f"a conversation cannot be told to {do[:40]!r}")
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused, {})
    away = do in ("resolve", "snooze", "transfer")
    view = data.get("view", "mine")
    return go(f"/desk?view={view if view.isalpha() else 'mine'}#inbox" if away else _address(conversation, data))


@post("/desk/{conversation:str}/checks", opt=WRITE, include_in_schema=False)
async def check_it(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[str]:
    """Keep what is being written, and say what the checks find in it."""
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
    text = data.get("text", "")[:20_000]
    await keep_text(seat.office, seat.who, one.id, text)
    composer = composer_of(seat.centre, Chosen(one, {}), kept=text, said=data, once="")
    now = seat.office.clock.now()
    checks = checks_now(seat.office, seat.centre, seat.who, one, composer, seat.language, now if text else None)
    return await fragment(request, "desk_checks.html", ChecksPart(checks))


@post("/desk/{conversation:str}/outgoing/{part:str}", opt=needs("held.release"), include_in_schema=False)
async def decide_unknown(request: AnyRequest, conversation: FromPath[str], part: FromPath[str], data: Form) -> Response[Any]:
    """Send a part again, or leave it, when nobody can say whether it arrived."""
    do = data.get("do", "")
    if do not in ("retry_send", "give_up"):
        raise BadInput(f"do must be retry_send or give_up, got {do[:40]!r}")
    try:
        await act(office_of(request), current(request), do, outgoing=asked_id(part, "part"), conversation=read_id(conversation))
    except Conflict as refused:
        return await _refused(request, conversation, refused, {})
    return go(inside(data.get("next", ""), f"/desk/{conversation}#conversation"))


@post("/desk/{conversation:str}/messages/{message:str}", opt=WRITE, include_in_schema=False)
async def moderate_it(request: AnyRequest, conversation: FromPath[str], message: FromPath[str], data: Form) -> Response[Any]:
    """Hide, take down, edit or react to a message that is on its network."""
    asked: Asked = {
        "conversation": asked_id(conversation, "conversation"),
        "message": asked_id(message, "message"),
        "argument": data.get("op", ""),
        "text": data.get("text", ""),
        "reason": data.get("reason", "").strip(),
    }
    try:
        await act(office_of(request), current(request), "moderate", **asked)
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused, {})
    return go(_address(conversation, data))


@post("/desk/presence", opt=WRITE, include_in_schema=False)
async def change_presence(request: AnyRequest, data: Form) -> Response[Any]:
    """Come, go, or not be disturbed."""
    do = data.get("do", "")
    if do not in PRESENCES:
        raise BadInput(f"do must be one of {', '.join(sorted(PRESENCES))}, got {do[:40]!r}")
    try:
        await act(office_of(request), current(request), do)
    except Conflict as refused:
        return await desk_page(request, problem=retell(language_of(request), str(refused)), status=409)
    return go(inside(data.get("next", ""), "/desk"))


HANDLERS = [say_it, check_it, decide_unknown, moderate_it, change_presence, do_it]
