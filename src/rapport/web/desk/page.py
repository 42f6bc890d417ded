"""The desk: inbox, conversation and person on one page, each part of which can be sent again on its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import asyncpg
from litestar import Response, get
from litestar.params import FromPath
from msgspec.structs import replace

from rapport.conversations import reading as talk
from rapport.errors import NotFound
from rapport.ledger.place import Place, place_now, read_place
from rapport.matching import reading as offers
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id
from rapport.web.centre_now import centre_drawn
from rapport.web.desk import context as shown, reading as read
from rapport.web.desk.beside import files_of
from rapport.web.desk.checks_reading import read_checks
from rapport.web.desk.clocks import read_clocks
from rapport.web.desk.composing import composer_of, dialogs_of
from rapport.web.desk.counts import counted_now
from rapport.web.desk.intents import known_intents
from rapport.web.desk.playbook_panel import read_panel
from rapport.web.desk.shown import Report, Suggested, Undo
from rapport.web.desk.side import read_side
from rapport.web.desk.typing_now import Typing, typing_seen
from rapport.web.desk.views import chosen_in, read_filters, undo_asked
from rapport.web.looking import looking_of
from rapport.web.office import Office
from rapport.web.on_record import DESK, on_record
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, Who, current, language_of, needs, office_of

READ = needs("desk.read")


@dataclass(frozen=True, slots=True)
class Seat:
    """Who reads, of which centre, by which connection."""

    office: Office
    who: Who
    centre: Centre
    db: asyncpg.Connection
    language: str
    place: Place

    @property
    def may_write(self) -> bool:
        """Whether they may answer."""
        return self.who.may("desk.write")


@asynccontextmanager
async def seated(request: AnyRequest) -> AsyncIterator[Seat]:
    """A reading connection for whoever asks. What is committed after it begins comes by the live stream."""
    office, who = office_of(request), current(request)
    seen = read_place(request.headers.get("x-seen", "")) or Place()
    drawn = await centre_drawn(office, who.tenant, digested=seen.digested)
    async with office.store.within(who.tenant, readonly=True) as db:
        now = await place_now(db, who.tenant)
        place = Place(now.head, min(now.digested, drawn.digested))
        request.scope.setdefault("place", place)  # type: ignore[typeddict-item]  # ours: see page.Frame.place
        yield Seat(office, who, drawn.centre, db, language_of(request), now)


async def chosen_one(seat: Seat, text: str) -> Conversation:
    """The conversation that an address names. Raises NotFound."""
    id = read_id(text)
    found = await talk.conversation(seat.db, seat.who.tenant, id) if id else None
    if found is None:
        raise NotFound("there is no such conversation; it may belong to another centre")
    looking_of(seat.office, seat.who.tenant).note(seat.who.agent, found.id)
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


async def _inbox(seat: Seat, request: AnyRequest, chosen: bytes | None, *, whole: bool = False) -> shown.Inbox:
    asked = request.query_params
    view = str(asked.get("view", "mine"))
    filters = await read_filters(seat.db, seat.who, seat.centre, chosen_in(asked), view, whole=whole)
    agent = seat.centre.agents.get(seat.who.agent)
    counted = await counted_now(seat.db, seat.office, seat.who, agent.team if agent else "", seat.place)
    return await read.read_inbox(
        seat.db,
        seat.who,
        seat.centre,
        view=view,
        counted=counted,
        filters=filters,
        show=_number(str(asked.get("show", ""))),
        after=str(asked.get("after", ""))[:80],
        chosen=chosen,
    )


async def _chosen(seat: Seat, conversation: Conversation, *, whole: bool, problem: str, typing: Typing) -> shown.Chosen:
    head = await read.read_head(seat.db, seat.who, seat.centre, conversation)
    standing = await read.read_standing(seat.db, seat.who, conversation, head, problem=problem)
    items, earlier = await read.read_thread(seat.db, seat.who, seat.centre, conversation, whole=whole)
    person, matters, steps, why, agent = await read.read_person(seat.db, seat.who, seat.centre, conversation)
    return replace(
        standing,
        items=items,
        earlier=earlier,
        typing=tuple(shown.Typist(other.name) for other in typing.others),
        person=person,
        matters=matters,
        journey=steps,
        why=why,
        why_agent=agent,
        side=await read_side(seat.db, seat.who, seat.centre, conversation, seat.office.clock.now()),
        intents=await known_intents(seat.db, seat.who.tenant),
    )


async def desk_page(
    request: AnyRequest,
    conversation: str = "",
    *,
    problem: str = "",
    said: dict[str, str] | None = None,
    status: int = 200,
    report: Report | None = None,
    undo: Undo | None = None,
    suggested: Suggested | None = None,
) -> Response[str]:
    """The whole desk. `problem`: what was refused, `said`: the form that it was refused with, so that no letter is lost."""
    page, _, _ = await _desk(
        request, conversation, problem=problem, said=said, status=status, report=report, undo=undo, suggested=suggested
    )
    return page


async def _desk(
    request: AnyRequest,
    conversation: str,
    *,
    problem: str = "",
    said: dict[str, str] | None = None,
    status: int = 200,
    report: Report | None = None,
    undo: Undo | None = None,
    suggested: Suggested | None = None,
) -> tuple[Response[str], Conversation | None, bool]:
    """The whole desk, the conversation that is on it, and whether a colleague wants whoever looks to see it."""
    one, mentioned = None, False
    id = read_id(conversation) if conversation else None
    files = await files_of(office_of(request), current(request), id) if id else ()
    async with seated(request) as seat:
        now = await offers.presences(seat.db, seat.who.tenant)
        page = shown.DeskPage(
            inbox=await _inbox(seat, request, id, whole=True),
            me=read.me_now(seat.centre, seat.who, now),
            may_write=seat.may_write,
            offer=await read.read_offer(seat.db, seat.who, seat.centre, seat.office.clock.now()),
            problem="" if conversation else problem,
            report=report,
            undo=undo or undo_asked(request.query_params),
            once=token_hex(8),
            suggested=suggested,
        )
        if conversation:
            one = await chosen_one(seat, conversation)
            mentioned = await talk.is_mentioned(seat.db, seat.who.tenant, one.id, seat.who.agent)
            typing = await typing_seen(seat.db, seat.office, seat.who, one.id, seat.centre.agents)
            chosen = await _chosen(seat, one, whole=request.query_params.get("whole") == "1", problem=problem, typing=typing)
            composer = composer_of(seat.centre, chosen, kept=typing.text, said=said or {}, once=token_hex(8), files=files)
            dialogs = dialogs_of(seat.centre, seat.who, one, now, seat.office.clock.now())
            page = replace(await _beside(seat, page, one, composer), chosen=chosen, dialogs=dialogs)
    return await render(request, "desk.html", page, status=status), one, mentioned


async def _beside(seat: Seat, page: shown.DeskPage, one: Conversation, composer: shown.Composer) -> shown.DeskPage:
    """The page with what stands around the words of a conversation."""
    return replace(
        page,
        timing=await read_clocks(seat.db, seat.who, seat.centre, one),
        panel=await read_panel(seat.db, seat.who, seat.centre, one, seat.language),
        composer=composer,
        checks=await read_checks(seat.db, seat.office, seat.centre, seat.who, one, composer, seat.language),
    )


@get("/desk", opt=READ, include_in_schema=False)
async def desk(request: AnyRequest) -> Response[str]:
    """The desk without a conversation."""
    return await desk_page(request)


@get("/desk/{conversation:str}", opt=READ, include_in_schema=False)
async def desk_of(request: AnyRequest, conversation: FromPath[str]) -> Response[str]:
    """The desk with a conversation; whoever has it has seen now what came."""
    page, seen, mentioned = await _desk(request, conversation)
    who, office = current(request), office_of(request)
    if seen is None:
        return page
    await on_record(office, who, DESK, seen.person)
    if who.may("desk.write"):
        if seen.unread and seen.agent == who.agent:
            await office.intake.act(who.tenant, who.agent, "read", conversation=seen.id)
        if mentioned:
            await office.intake.act(who.tenant, who.agent, "seen_mentions", conversation=seen.id)
    return page


@get("/desk/part/{part:str}", opt=READ, include_in_schema=False)
async def part_of_desk(request: AnyRequest, part: FromPath[str]) -> Response[Any]:
    """The inbox, the presence or the offer again."""
    async with seated(request) as seat:
        if part == "inbox":
            found = await _inbox(seat, request, read_id(str(request.query_params.get("c", ""))))
            return await fragment(request, "desk_inbox.html", shown.InboxPart(found))
        if part in ("presence", "presence-menu"):
            me = read.me_now(seat.centre, seat.who, await offers.presences(seat.db, seat.who.tenant))
            name = f"desk_{part.replace('-', '_')}.html"
            return await fragment(request, name, shown.PresencePart(me, seat.may_write))
        offer = await read.read_offer(seat.db, seat.who, seat.centre, seat.office.clock.now())
        me = shown.Me(seat.who.name, "")
        return await fragment(request, "desk_offer.html", shown.OfferPage(me, offer))


PARTS = {"head", "thread", "standing", "person"}


@get("/desk/{conversation:str}/part/{part:str}", opt=READ, include_in_schema=False)
async def part_of_conversation(request: AnyRequest, conversation: FromPath[str], part: FromPath[str]) -> Response[Any]:
    """Its head, thread, standing or person again."""
    if part not in PARTS:
        raise NotFound(f"a conversation has the parts {', '.join(sorted(PARTS))}, not {part[:40]!r}")
    async with seated(request) as seat:
        one = await chosen_one(seat, conversation)
        chosen = await read.read_head(seat.db, seat.who, seat.centre, one)
        if part in ("standing", "thread"):
            chosen = await read.read_standing(seat.db, seat.who, one, chosen)
        if part == "thread":
            items, earlier = await read.read_thread(seat.db, seat.who, seat.centre, one)
            chosen = replace(chosen, items=items, earlier=earlier)
        if part == "standing":
            typing = await typing_seen(seat.db, seat.office, seat.who, one.id, seat.centre.agents)
            side = await read_side(seat.db, seat.who, seat.centre, one, seat.office.clock.now())
            chosen = replace(chosen, typing=tuple(shown.Typist(other.name) for other in typing.others), side=side)
        if part == "person":
            person, matters, steps, why, agent = await read.read_person(seat.db, seat.who, seat.centre, one)
            chosen = replace(chosen, person=person, matters=matters, journey=steps, why=why, why_agent=agent)
        return await fragment(request, f"desk_{part}.html", shown.ChosenPart(chosen, seat.may_write))


HANDLERS = [desk, desk_of, part_of_desk, part_of_conversation]
