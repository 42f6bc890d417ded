"""A reply that waits, by its link: one page for an approver's phone, who approves it or returns it without signing in."""

from secrets import token_hex
from typing import Annotated, Any

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.access.approval_links import OVER, read_approval_link
from rapport.access.logins import find_login
from rapport.access.roles import permissions_of
from rapport.conversations import reading as talk
from rapport.errors import BadInput, Conflict, NotFound
from rapport.ledger.tables import read_rows
from rapport.model.centre import Centre
from rapport.model.message import Message
from rapport.model.reply import Draft, DraftState, Finding
from rapport.replies import reading
from rapport.replies.approval import fingerprint, unasked
from rapport.web.acting import PATIENCE
from rapport.web.centre_now import centre_now
from rapport.web.desk.composing import voice_of
from rapport.web.desk.reading import names_of
from rapport.web.languages import retell
from rapport.web.page import render
from rapport.web.security import EVERYONE, FROM_OUR_PAGES, AnyRequest, language_of, office_of

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
NO_REFERRER = {"referrer-policy": "no-referrer"}


class LinkedDraft(msgspec.Struct, frozen=True):
    """A draft by its link. `draft` None: it waits for nobody, or not for them; `done`: what was just decided.

    `seen`: which text is shown, for who decides by it; `findings`: what the checks found; `once`: of this form alone.
    """

    link: str
    name: str
    names: dict[str, str]
    draft: Draft | None = None
    voice: str = ""
    to: str = ""
    channel: str = ""
    language: str = ""
    answers: Message | None = None
    findings: tuple[Finding, ...] = ()
    seen: str = ""
    once: str = ""
    problem: str = ""
    done: str = ""
    reason: str = ""


async def _asked(request: AnyRequest, link: str) -> tuple[int, str, Centre, Draft | None]:
    """Tenant, approver, centre, and the draft where it still waits for them. Raises BadInput where they may not decide."""
    office = office_of(request)
    tenant, agent, id = read_approval_link(link, key=office.key, now=office.clock.now())
    centre = await centre_now(office, tenant)
    known = centre.agents.get(agent)
    try:
        login = await find_login(office.store, tenant, agent)
        role = "" if login.disabled else login.role
    except NotFound:
        role = known.role if known else ""
    if known is None or "approvals.decide" not in permissions_of(role):
        raise BadInput(OVER)
    async with office.store.within(tenant, readonly=True) as db:
        draft = await reading.draft(db, tenant, id)
    is_theirs = draft is not None and draft.state is DraftState.ASKED and not unasked(draft, agent, centre)
    return tenant, agent, centre, draft if is_theirs else None


async def _page(
    request: AnyRequest, link: str, *, problem: str = "", done: str = "", reason: str = "", status: int = 200
) -> Response[str]:
    office = office_of(request)
    tenant, agent, centre, draft = await _asked(request, link)
    names = names_of(centre)
    page = LinkedDraft(link, names.get(agent, agent), names, problem=problem, done=done, reason=reason)
    if draft is not None and not done:
        async with office.store.within(tenant, readonly=True) as db:
            about = await talk.conversation(db, tenant, draft.conversation)
            answers = await read_rows(db, tenant, Message, [about.message]) if about and about.message else []
        page = msgspec.structs.replace(
            page,
            draft=draft,
            voice=voice_of(centre, about.account if about else ""),
            to=about.name if about else "",
            channel=about.channel if about else "",
            language=about.language if about else "",
            answers=answers[0] if answers else None,
            findings=draft.findings,
            seen=fingerprint(draft.standing, draft.files),
            once=token_hex(8),
        )
    return await render(request, "approval_link.html", page, status=status, headers=NO_REFERRER)


@get("/approvals/link/{link:str}", opt=EVERYONE, include_in_schema=False)
async def approval_by_link(request: AnyRequest, link: FromPath[str]) -> Response[str]:
    """The reply; nothing is decided by looking at it, as programs look at links too."""
    return await _page(request, link)


@post("/approvals/link/{link:str}", opt=FROM_OUR_PAGES, include_in_schema=False)
async def decide_by_link(request: AnyRequest, link: FromPath[str], data: Form) -> Response[Any]:
    """Approve it as it stands, or return it with a reason."""
    office, do, reason = office_of(request), data.get("do", ""), data.get("reason", "").strip()[:2_000]
    if do not in ("approve", "return"):
        raise BadInput(f"do must be approve or return, got {do[:40]!r}")
    tenant, agent, _, draft = await _asked(request, link)
    if draft is None:
        return await _page(request, link, status=409)
    try:
        if do == "return" and not reason:
            raise Conflict("Say why, so that its author can do better.")
        seen = data.get("seen", "")[:40] or "-" if do == "approve" else ""
        action = await office.intake.act(
            tenant, agent, do, draft=draft.id, conversation=draft.conversation, argument=seen, text=reason * (do == "return"),
            reason=reason * (do == "return"), once=_once(link, data),
        )  # fmt: skip
        outcome = await office.intake.outcome(tenant, action, PATIENCE)
        if outcome is not None and not outcome.ok:
            raise Conflict(outcome.reason)
    except Conflict as refused:
        return await _page(request, link, problem=retell(language_of(request), str(refused)), reason=reason, status=409)
    return await _page(request, link, done=do)


def _once(link: str, data: dict[str, str]) -> str:
    """The same for the same form sent twice; "" where it says nothing."""
    return f"{link}/{data['once'][:40]}" if data.get("once") else ""


HANDLERS = [approval_by_link, decide_by_link]
