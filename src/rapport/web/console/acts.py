"""What is done from the console: each form is an action on record, done or refused with its reason."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict, NotFound
from rapport.model.need import Plan
from rapport.web.acting import act
from rapport.web.console import reading as read
from rapport.web.console.page import ACT, agent_page, need_page, plan_page, watch_page
from rapport.web.desk.page import seated
from rapport.web.going import asked_id, go
from rapport.web.languages import retell, zone_named
from rapport.web.security import AnyRequest, current, language_of, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
MOST_BACK = 60  # conversations that one undo gives back


def _told(request: AnyRequest, wrong: Exception) -> str:
    return retell(language_of(request), str(wrong))


async def _today(request: AnyRequest, thing: str, name: str, fields: dict[str, Any], data: dict[str, str]) -> None:
    """Let a piece be otherwise until a time. Raises BadInput and Conflict."""
    until = data.get("until", "").strip()
    async with seated(request) as seat:
        zone = seat.centre.profile.zone
    try:
        at = datetime.fromisoformat(until)
        until = (at if at.tzinfo else at.replace(tzinfo=zone_named(zone))).isoformat()
    except ValueError:
        raise BadInput(f"a time such as 2026-03-03T22:00 is needed, got {until[:40]!r}") from None
    asked = {"thing": thing, "name": name, "set": fields, "until": until, "why": data.get("why", "")[:400]}
    await act(office_of(request), current(request), "change_today", argument=msgspec.json.encode(asked).decode())


@post("/console/agents/{agent:str}", opt=ACT, include_in_schema=False)
async def do_agent(request: AnyRequest, agent: FromPath[str], data: Form) -> Response[Any]:
    """Set somebody's presence, send them home, or let their team and places be otherwise for today."""
    do, office, who = data.get("do", ""), office_of(request), current(request)
    try:
        if do == "home":
            return await _home(request, agent)
        if do == "today":
            await _today(request, "agent", agent, _of_agent(data), data)
            return go(f"/console?{urlencode({'said': 'today'})}")
        if do not in ("available", "busy", "away"):
            raise BadInput(f"do must be available, busy, away, home or today, got {do[:40]!r}")
        await act(office, who, "set_presence", argument=f"{agent} {do}")
    except (Conflict, BadInput) as wrong:
        return await agent_page(request, agent, problem=_told(request, wrong), form=data, status=409)
    return go(f"/console?{urlencode({'said': 'presence', 'of': agent})}")


def _of_agent(data: dict[str, str]) -> dict[str, Any]:
    """The fields of an agent that a form changes. Raises BadInput."""
    fields: dict[str, Any] = {}
    if data.get("team", "").strip() != data.get("team_was", "").strip():
        fields["team"] = data["team"].strip()[:80]
    slots = {}
    for name, value in data.items():
        slot = name.removeprefix("slot-")
        if slot != name and value.strip() != data.get(f"was-{slot}", "").strip():
            if not (value.strip().isdigit() and int(value) <= 100):
                raise BadInput(f"places must be a number from 0 to 100, got {value[:20]!r}")
            slots[slot] = int(value)
    if slots:  # who lists some has only those: what stays is said too
        fields["slots"] = {
            n.removeprefix("was-"): int(v) for n, v in data.items() if n.startswith("was-") and v.isdigit()
        } | slots
    if not fields:
        raise BadInput("nothing was changed in the form")
    return fields


async def _home(request: AnyRequest, agent: str) -> Response[Any]:
    """Everything that somebody has goes to others; the way back is kept in the page that follows."""
    async with seated(request) as seat:
        page = await read.read_console(seat)
    found = next((one for one in page.agents if one.id == agent), None)
    before = found.presence if found else "offline"
    held = ",".join(one.id.hex() for one in found.held[:MOST_BACK]) if found else ""
    await act(office_of(request), current(request), "set_presence", argument=f"{agent} offline")
    return go(f"/console?{urlencode({'said': 'home', 'of': agent, 'undo': f'{agent} {before} {held}'})}")


@post("/console/undo", opt=ACT, include_in_schema=False)
async def undo_home(request: AnyRequest, data: Form) -> Response[Any]:
    """Somebody who was sent home comes back, and has again what nobody took meanwhile."""
    agent, _, rest = data.get("undo", "").partition(" ")
    before, _, held = rest.partition(" ")
    office, who = office_of(request), current(request)
    if before not in ("available", "busy", "away"):
        raise BadInput(f"there is nothing to take back, got {before[:20]!r}")
    await act(office, who, "set_presence", argument=f"{agent} {'busy' if before == 'away' else before}")
    for id in [part for part in held.split(",")[:MOST_BACK] if part]:
        try:
            await act(office, who, "give_back", conversation=asked_id(id, "conversation"), argument=agent)
        except Conflict:
            continue  # somebody else has it by now
    if before == "away":
        await act(office, who, "set_presence", argument=f"{agent} away")
    return go(f"/console?{urlencode({'said': 'back', 'of': agent})}")


@post("/console/needs/{conversation:str}", opt=ACT, include_in_schema=False)
async def do_need(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Put one that waits to somebody out of turn, or change how urgent it is."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    try:
        if data.get("do") == "urgency":
            await act(office, who, "prioritise", conversation=id, argument=data.get("priority", ""))
            return go("/console?said=urgency")
        await act(office, who, "assign", conversation=id, argument=data.get("to", ""), reason=data.get("reason", "").strip())
    except (Conflict, BadInput) as wrong:
        return await need_page(request, conversation, problem=_told(request, wrong), form=data, status=409)
    return go(f"/console?{urlencode({'said': 'assigned', 'of': data.get('to', '')})}")


@post("/console/watch/{conversation:str}", opt=ACT, include_in_schema=False)
async def do_watch(request: AnyRequest, conversation: FromPath[str], data: Form) -> Response[Any]:
    """Say something to whoever has it alone, or take it over."""
    office, who, id = office_of(request), current(request), asked_id(conversation, "conversation")
    do, text = data.get("do", ""), data.get("text", "").strip()
    if do not in ("whisper", "take_over"):
        raise BadInput(f"do must be whisper or take_over, got {do[:40]!r}")
    try:
        if do == "whisper":
            await act(office, who, "whisper", conversation=id, text=text, once=data.get("once", ""))
            return go(f"/console/watch/{conversation}#beside")
        await act(office, who, "take_over", conversation=id, reason=text)
    except (Conflict, BadInput) as wrong:
        return await watch_page(request, conversation, problem=_told(request, wrong), form=data, status=409)
    return go(f"/desk/{conversation}#conversation")


@post("/console/plans/{plan:str}", opt=ACT, include_in_schema=False)
async def do_plan(request: AnyRequest, plan: FromPath[str], data: Form) -> Response[Any]:
    """Let a plan be otherwise until a time."""
    async with seated(request) as seat:
        found = seat.centre.plans.get(plan)
    if found is None:
        raise NotFound(f"there is no plan {plan[:60]!r} in this centre")
    try:
        await _today(request, "plan", plan, _of_plan(found, data), data)
    except (Conflict, BadInput) as wrong:
        return await plan_page(request, plan, problem=_told(request, wrong), form=data, status=409)
    return go(f"/console?{urlencode({'said': 'today'})}")


def _number(text: str, what: str, most: float) -> float:
    try:
        found = float(text.strip().replace(",", "."))
    except ValueError:
        found = -1.0
    if not 0 <= found <= most:
        raise BadInput(f"{what} must be a number from 0 to {most:g}, got {text[:20]!r}")
    return found


def _of_plan(plan: Plan, data: dict[str, str]) -> dict[str, Any]:
    """The fields of a plan that a form changes: how long steps last, who may be asked besides, and how it is offered."""
    steps: list[dict[str, Any]] = msgspec.to_builtins(plan.steps)
    before = msgspec.to_builtins(plan.steps)
    for n, step in enumerate(steps):
        if n < len(steps) - 1:
            step["seconds"] = _number(data.get(f"seconds-{n}", f"{step['seconds']}"), f"the time of step {n + 1}", 86_400.0)
        also, rule = data.get(f"also-{n}", "").strip(), data.get(f"rule-{n}", "").strip()
        besides = " or ".join(
            part for part in (f"team == {_quoted(also)}" if also else "", f"({rule})" if rule else "") if part
        )
        if besides and step["require"]:
            step["require"] = f"({step['require']}) or {besides}"
    fields: dict[str, Any] = {"steps": steps} if steps != before else {}
    for name, most in (("offer_seconds", 3_600.0), ("offers", 5.0), ("priority", 1_000.0)):
        was = getattr(plan, name)
        found = _number(data.get(name, str(was)), name, most)
        if found != was:
            fields[name] = found if name == "offer_seconds" else int(found)
    if not fields:
        raise BadInput("nothing was changed in the form")
    return fields


def _quoted(text: str) -> str:
    """A text as expressions write it. Raises BadInput where it has quotes itself."""
    if "'" in text or "\\" in text:
        raise BadInput(f"a team's name with a quote cannot be written here, got {text[:40]!r}; write a rule instead")
    return f"'{text}'"


@post("/console/today", opt=ACT, include_in_schema=False)
async def end_today(request: AnyRequest, data: Form) -> Response[Any]:
    """End what is otherwise for today now. What ended meanwhile is as it was meant."""
    try:
        await act(office_of(request), current(request), "end_today", argument=data.get("id", "")[:200])
    except Conflict:
        return go("/console")
    return go("/console?said=ended")


HANDLERS = [do_agent, undo_home, do_need, do_watch, do_plan, end_today]
