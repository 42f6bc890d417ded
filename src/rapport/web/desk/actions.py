"""What is done at the desk: each form is an action, and the desk says what became of it. Works without any script."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.ids import read_id
from rapport.model.message import Reach
from rapport.web.acting import Asked, act
from rapport.web.centre_now import centre_now
from rapport.web.desk.beside import described, sent_with
from rapport.web.desk.checks_reading import read_checks
from rapport.web.desk.composing import composer_of
from rapport.web.desk.context import ChecksPart, Chosen
from rapport.web.desk.page import chosen_one, desk_page, seated
from rapport.web.desk.typing_now import forget_text, keep_text
from rapport.web.going import asked_id as asked_id, go as go, inside as inside
from rapport.web.languages import retell, zone_named
from rapport.web.page import fragment
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

WRITE = needs("desk.write")
HAS = re.compile(r"(?:(?<=^not-yours: )|(?<=; )|^)[\w.@-]+(?= (?:does not have|has) (?:this conversation|it)\b)")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
PRESENCES = frozenset({"go_online", "go_busy", "go_away", "go_offline"})


def _address(conversation: str, data: dict[str, str], said: str = "") -> str:
    """The conversation's page; `said`: the form that was taken, so that the browser forgets its own copy of the text."""
    view = data.get("view", "")
    asked = [f"view={view}"] * view.isalpha() + [f"said={said}"] * said.isalnum()
    return f"/desk/{conversation}{'?' if asked else ''}{'&'.join(asked)}#conversation"


async def _later(request: AnyRequest, data: dict[str, str]) -> str:
    """When a reply is to leave, as a form says it in the centre's zone; "" for at once."""
    own = data.get("later", "").strip()
    if not own:
        return ""
    return _until({"own": own}, (await centre_now(office_of(request), current(request).tenant)).profile.zone)


@post("/desk/{conversation:str}/say", opt=WRITE, include_in_schema=False)
async def say_it(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Send the composer: a reply or a note. What is refused comes back with its text and the reason."""
    office, who = office_of(request), current(request)
    id = asked_id(conversation, "conversation")
    text, reach, subject = data.get("text", ""), data.get("reach", ""), data.get("subject", "")
    once = data.get("once", "")
    try:
        files = await described(office, who, id, data)
        said: Asked = {"conversation": id, "text": text, "files": [one.file for one in files]}
        if reach == "note":
            await act(office, who, "note", once=once, **said)
        else:
            said |= {"reach": reach, "subject": subject, "argument": await _later(request, data)}
            await act(office, who, "reply", once=once, **said)
        await sent_with(office, who, id, files)
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused, data)
    await forget_text(office, who, id)
    return go(_address(conversation, data, once))


async def _refused(request: AnyRequest, conversation: FromPath[str], refused: Exception, data: dict[str, str]) -> Response[Any]:
    agents = (await centre_now(office_of(request), current(request).tenant)).agents
    names = {agent.id: agent.name for agent in agents.values() if agent.name}
    reason = retell(language_of(request), named(str(refused), names))
    return await desk_page(request, conversation, problem=reason, said=data, status=409)


def named(reason: str, names: Mapping[str, str]) -> str:
    """A reason with the names of the agents whom it names by their ids: who may not, and who has it."""
    return HAS.sub(lambda found: names.get(found[0], found[0]), reason)


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
            known = data.get("reason", "").strip()
            await act(office, who, "transfer", conversation=id, argument=data.get("to", ""), reason=known)
        elif do in ("take", "reopen", "read"):
            await act(office, who, do, conversation=id)
        else:
            raise NotFound(f"a conversation cannot be told to {do[:40]!r}")
    except (Conflict, BadInput) as refused:
        return await _refused(request, conversation, refused, {})
    away = do in ("resolve", "snooze", "transfer")
    view = data.get("view", "mine")
    undone = f"&did={do}&of={conversation}" if do in ("resolve", "snooze") else ""
    return go(f"/desk?view={view if view.isalpha() else 'mine'}{undone}#inbox" if away else _address(conversation, data))


@post("/desk/{conversation:str}/checks", opt=WRITE, include_in_schema=False)
async def check_it(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[str]:
    """Keep what is being written, and say what the checks find in it."""
    text = data.get("text", "")[:20_000]
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    await keep_text(office, who, id, text, reply=data.get("reach") == Reach.PRIVATE)
    files = await described(office, who, id, data)
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        composer = composer_of(seat.centre, Chosen(one, {}), kept=text, said=data, once="", files=files)
        now = seat.office.clock.now() if text else None
        checks = await read_checks(seat.db, seat.office, seat.centre, seat.who, one, composer, seat.language, now)
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
