"""Doing something with many conversations at once, saying what was refused and why; and taking back what was just done."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from litestar import Response, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict
from rapport.ledger.tables import read_rows
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id
from rapport.web.acting import act
from rapport.web.centre_now import centre_now
from rapport.web.desk.composing import snoozes_of
from rapport.web.desk.page import desk_page
from rapport.web.desk.shown import Refusal, Report, Undo
from rapport.web.desk.views import TAKES_BACK
from rapport.web.going import go, inside
from rapport.web.languages import retell
from rapport.web.office import Office
from rapport.web.security import AnyRequest, Who, current, language_of, needs, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
MOST = 200
AT_ONCE = 8
DOES = frozenset({"label", "unlabel", "prioritise", "transfer", "snooze", "resolve", "spam"})


def undo_step(did: str, conversation: Conversation, argument: str) -> str:
    """The step that takes back one action upon a conversation as it was before."""
    back = {"prioritise": conversation.priority or "normal", "label": argument, "unlabel": argument}.get(did, "")
    return f"{TAKES_BACK[did]}:{conversation.id.hex()}:{back}"


def _chosen(data: Mapping[str, str]) -> list[bytes]:
    found = [read_id(name[2:]) for name in data if name.startswith("c_")]
    return [id for id in found if id is not None][:MOST]


async def _argument(office: Office, who: Who, data: Mapping[str, str]) -> str:
    do = data.get("do", "")
    if do == "snooze":
        zone = (await centre_now(office, who.tenant)).profile.zone
        times = dict(snoozes_of(office.clock.now(), zone))
        at = times.get(data.get("until", "")) or times["tomorrow"]
        return at.isoformat()
    return data.get(do, "") if do in ("label", "unlabel", "prioritise", "transfer") else data.get("disposition", "solved")


@post("/desk/bulk", opt=needs("desk.write"), include_in_schema=False)
async def bulk(request: AnyRequest, data: Form) -> Response[Any]:
    """Do one thing with each chosen conversation; the desk says with which it was not done."""
    office, who, language = office_of(request), current(request), language_of(request)
    do, ids = data.get("do", ""), _chosen(data)
    if do not in DOES:
        raise BadInput(f"do must be one of {', '.join(sorted(DOES))}, got {do[:40]!r}")
    if not ids:
        raise BadInput("choose at least one conversation")
    argument = await _argument(office, who, data)
    async with office.store.within(who.tenant, readonly=True) as db:
        rows = await read_rows(db, who.tenant, Conversation, ids)
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Conversation) -> str | None:
        mine = row.agent == who.agent and row.interaction is not None
        verb = ("wrap_up" if mine else "close") if do == "resolve" else do
        once = f"bulk/{data['once']}/{row.id.hex()}" if data.get("once") else ""
        async with gate:
            try:
                outcome = await act(office, who, verb, once=once, conversation=row.id, argument=argument)
            except Conflict as refused:
                return retell(language, str(refused))
        return None if outcome is not None else ""

    became = await asyncio.gather(*(one(row) for row in rows))
    refused = tuple(Refusal(row.id, row.name, why) for row, why in zip(rows, became, strict=True) if why)
    done = [row for row, why in zip(rows, became, strict=True) if not why]
    report = Report(do, sum(why is None for why in became), refused, sum(why == "" for why in became))
    undo = Undo(do, len(done), ",".join(undo_step(do, row, argument.replace(",", " ")) for row in done)) if done else None
    return await desk_page(request, report=report, undo=undo)


@post("/desk/undo", opt=needs("desk.write"), include_in_schema=False)
async def take_back(request: AnyRequest, data: Form) -> Response[Any]:
    """Take back what was just done, as far as it still can be."""
    office, who, language = office_of(request), current(request), language_of(request)
    steps: dict[bytes, list[tuple[str, str]]] = {}
    for step in data.get("steps", "").split(",")[:MOST]:
        verb, id, argument = (*step.split(":", 2), "", "")[:3]
        conversation = read_id(id)
        if verb not in TAKES_BACK.values() or conversation is None:
            raise BadInput(f"{step[:40]!r} is nothing that can be taken back")
        steps.setdefault(conversation, []).append((verb, argument))
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(conversation: bytes) -> str:
        async with gate:
            try:
                for verb, argument in steps[conversation]:
                    await act(office, who, verb, conversation=conversation, argument=argument)
            except Conflict as refused:
                async with office.store.within(who.tenant, readonly=True) as db:
                    row = await talk.conversation(db, who.tenant, conversation)
                return f"{row.name if row else ''}: {retell(language, str(refused))}"
        return ""

    problems = [problem for problem in await asyncio.gather(*map(one, steps)) if problem]
    if problems:
        return await desk_page(request, problem=" ".join(problems[:5]), status=409)
    return go(inside(data.get("next", ""), "/desk#inbox"))


HANDLERS = [bulk, take_back]
