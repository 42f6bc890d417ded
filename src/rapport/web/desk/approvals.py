"""Approvals: drafts that a second person reads before anyone else does; approved, edited or returned with a reason."""

from collections.abc import Iterable
from datetime import datetime
from difflib import SequenceMatcher
from re import findall
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.ledger.tables import read_rows
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.ids import read_id
from rapport.model.message import Message
from rapport.model.reply import Draft, DraftState, Finding, Tier
from rapport.replies import reading
from rapport.replies.approval import fingerprint, unasked
from rapport.web.acting import act
from rapport.web.desk.actions import asked_id, go, inside
from rapport.web.desk.beside import back_beside
from rapport.web.desk.composing import voice_of
from rapport.web.desk.page import Seat, seated
from rapport.web.desk.reading import names_of
from rapport.web.desk.typing_now import keep_text
from rapport.web.languages import retell
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

DECIDE = needs("approvals.decide")
MOST = 100
FEW_WORDS = 400  # with what stands between them
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Waiting(msgspec.Struct, frozen=True):
    """A draft in the list."""

    id: bytes
    agent: str
    at: datetime
    reach: str
    text: str
    to: str
    channel: str
    findings: tuple[Finding, ...]
    tier: int = 0
    tiers: int = 0
    until: datetime | None = None
    mine: bool = True  # whoever reads the list can give its tier


class Notice(msgspec.Struct, frozen=True):
    """What became of the last decision."""

    text: str
    bad: bool = False


class ApprovalsPage(msgspec.Struct, frozen=True):
    """The list of what waits."""

    drafts: tuple[Waiting, ...]
    names: dict[str, str]
    notice: Notice | None = None


class Piece(msgspec.Struct, frozen=True):
    """A run of a draft's text; `mark` is the action of the finding that it belongs to, "" for none."""

    text: str
    mark: str = ""
    rule: str = ""


class Step(msgspec.Struct, frozen=True):
    """A tier that was given: by whom, when, and what they changed."""

    by: str
    at: datetime
    changes: tuple[tuple[str, str], ...] = ()


class ApprovalPage(msgspec.Struct, frozen=True):
    """One draft: its text beside the edit, its exact parts, the checks, what it answers.

    `own`: whoever reads it cannot give the tier, and `why` not; `seen`: which text is shown, for who decides by it.
    """

    draft: Draft
    names: dict[str, str]
    own: bool
    voice: str
    account: str
    to: str
    channel: str
    language: str
    pieces: tuple[Piece, ...]
    changes: tuple[tuple[str, str], ...]
    answers: Message | None = None
    after: bytes | None = None
    place_of: int = 0
    of_all: int = 0
    edited: str = ""
    problem: str = ""
    why: str = ""
    seen: str = ""
    steps: tuple[Step, ...] = ()
    asked: tuple[str, ...] = ()  # who may give each tier that is still to come


def marked(text: str, findings: Iterable[Finding]) -> tuple[Piece, ...]:
    """The text in runs, those that a finding points at marked; of two that overlap the first one stands."""
    pieces, at = [], 0
    for finding in sorted((f for f in findings if 0 <= f.start < f.end <= len(text)), key=lambda f: f.start):
        if finding.start < at:
            continue
        if finding.start > at:
            pieces.append(Piece(text[at : finding.start]))
        pieces.append(Piece(text[finding.start : finding.end], finding.action, finding.rule))
        at = finding.end
    return (*pieces, Piece(text[at:])) if at < len(text) else tuple(pieces)


def changes_of(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """What an edit changed, word by word: runs of ("", same), ("-", gone), ("+", new)."""
    old, new = findall(r"\s+|\S+", before), findall(r"\s+|\S+", after)
    found: list[tuple[str, str]] = []
    is_long = max(len(old), len(new)) > FEW_WORDS  # many words that are all alike would take minutes
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=is_long).get_opcodes():
        if kind == "equal":
            found.append(("", "".join(old[a:b])))
        else:
            found += [(sign, run) for sign, run in (("-", "".join(old[a:b])), ("+", "".join(new[c:d]))) if run]
    return tuple(found)


def steps_of(draft: Draft) -> tuple[Step, ...]:
    """Who gave which tier, and what each changed in the text as it was before."""
    after = [*(one.text for one in draft.seen if one.edited), draft.standing]
    found, nth = [], 0
    for one in draft.seen:
        nth += one.edited
        found.append(Step(one.by, one.at, changes_of(one.text, after[nth]) if one.edited else ()))
    return tuple(found)


def asked_of(tier: Tier, centre: Centre) -> str:
    """Who may give a tier, as people read it; "" for anyone who approves."""
    people = [centre.agents[id].name or id if id in centre.agents else id for id in tier.agents]
    return ", ".join((*tier.roles, *tier.teams, *people))


async def _list(seat: Seat, notice: Notice | None = None) -> ApprovalsPage:
    drafts = await reading.asked(seat.db, seat.who.tenant, limit=MOST)
    about = {c.id: c for c in await read_rows(seat.db, seat.who.tenant, Conversation, {d.conversation for d in drafts})}
    waiting = []
    for draft in drafts:
        c = about.get(draft.conversation)
        to, channel = (c.name, c.channel) if c else ("", "")
        mine = not unasked(draft, seat.who.agent, seat.centre)
        waiting.append(
            Waiting(
                draft.id, draft.agent, draft.at, draft.reach.value, draft.standing, to, channel, draft.findings, draft.tier,
                len(draft.tiers), draft.until, mine,
            )
        )  # fmt: skip
    waiting.sort(key=lambda one: not one.mine)
    return ApprovalsPage(tuple(waiting), names_of(seat.centre), notice)


async def _one(seat: Seat, text: str, *, problem: str = "", edited: str = "") -> ApprovalPage:
    id = read_id(text)
    draft = await reading.draft(seat.db, seat.who.tenant, id) if id else None
    if draft is None:
        raise NotFound("there is no such draft; it may belong to another centre")
    c = await talk.conversation(seat.db, seat.who.tenant, draft.conversation)
    answers = await read_rows(seat.db, seat.who.tenant, Message, [c.message]) if c and c.message else []
    drafts = await reading.asked(seat.db, seat.who.tenant, limit=MOST)
    queue = [d.id for d in drafts if not unasked(d, seat.who.agent, seat.centre)]
    why = unasked(draft, seat.who.agent, seat.centre)
    place = queue.index(draft.id) if draft.id in queue else -1
    following = queue[(place + 1) % len(queue)] if len(queue) > 1 and place >= 0 else None
    account = c.account if c else ""
    return ApprovalPage(
        draft=draft,
        names=names_of(seat.centre),
        own=bool(why),
        why=retell(seat.language, why),
        seen=fingerprint(draft.standing, draft.files),
        steps=steps_of(draft),
        asked=tuple(asked_of(tier, seat.centre) for tier in draft.tiers[draft.tier :]),
        voice=voice_of(seat.centre, account),
        account=account,
        to=c.name if c else "",
        channel=c.channel if c else "",
        language=c.language if c else "",
        pieces=marked(draft.text, draft.findings if not draft.edited else ()),
        changes=changes_of(draft.text, draft.edited or draft.text),
        answers=answers[0] if answers else None,
        after=following,
        place_of=place + 1,
        of_all=len(queue),
        edited=edited,
        problem=problem,
    )


@get("/approvals", opt=DECIDE, include_in_schema=False)
async def approvals(request: AnyRequest) -> Response[str]:
    """What waits for a decision."""
    async with seated(request) as seat:
        page = await _list(seat)
    return await render(request, "approvals.html", page)


@get("/approvals/part/list", opt=DECIDE, include_in_schema=False)
async def approvals_again(request: AnyRequest) -> Response[str]:
    """The list again."""
    async with seated(request) as seat:
        page = await _list(seat)
    return await fragment(request, "approvals_list.html", page)


@get("/approvals/{draft:str}", opt=DECIDE, include_in_schema=False)
async def approval(request: AnyRequest, draft: FromPath[str]) -> Response[str]:
    """One draft."""
    async with seated(request) as seat:
        page = await _one(seat, draft)
    return await render(request, "approval.html", page)


@post("/drafts/{draft:str}", opt=DECIDE, include_in_schema=False)
async def decide(request: AnyRequest, draft: FromPath[str], data: Form) -> Response[Any]:
    """Approve, as it is or edited, or return it with a reason; then on to the next one."""
    office, who = office_of(request), current(request)
    id = asked_id(draft, "draft")
    async with seated(request) as seat:
        before = await _one(seat, draft)
    do, text, reason = data.get("do", ""), data.get("text", ""), data.get("reason", "").strip()
    if do not in ("approve", "return"):
        raise BadInput(f"do must be approve or return, got {do[:40]!r}")
    edited = text if text.strip() and text.replace("\r\n", "\n") != before.draft.standing else ""
    try:
        if do == "return" and not reason:
            raise Conflict("Say why, so that its author can do better.")
        if do == "approve":
            await act(office, who, "approve", draft=id, text=edited.replace("\r\n", "\n"), argument=data.get("seen", "")[:40])
        else:
            await act(office, who, "return", draft=id, text=reason, reason=reason)
    except Conflict as refused:
        async with seated(request) as seat:
            page = await _one(seat, draft, problem=retell(language_of(request), str(refused)), edited=edited)
        return await render(request, "approval.html", page, status=409)
    return go(f"/approvals/{before.after.hex()}" if before.after else "/approvals")


@post("/drafts/{draft:str}/withdraw", opt=needs("desk.write"), include_in_schema=False)
async def withdraw(request: AnyRequest, draft: FromPath[str], data: Form) -> Response[Any]:
    """Its author takes it back; the text returns to the composer."""
    id = asked_id(draft, "draft")
    async with seated(request) as seat:
        found = await reading.draft(seat.db, seat.who.tenant, id)
    await act(office_of(request), current(request), "withdraw", draft=id)
    if found is not None and found.state is DraftState.ASKED:
        await keep_text(office_of(request), current(request), found.conversation, found.text)
        await back_beside(office_of(request), current(request), found)
    return go(inside(data.get("next", ""), f"/desk/{found.conversation.hex()}" if found else "/desk"))


HANDLERS = [approvals, approvals_again, approval, decide, withdraw]
