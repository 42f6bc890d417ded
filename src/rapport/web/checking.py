"""Looking at a reply while it is written: its exact parts, what the checks find, and whether somebody else must see it.

The same functions decide when it is sent; here they only advise, so that the button can say what will happen.
"""

from datetime import datetime

import msgspec

from rapport.errors import BadInput, SendError
from rapport.model.agent import Agent
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation
from rapport.model.message import ChannelKind, Reach
from rapport.model.reply import Finding
from rapport.replies.approval import approval_rules, house_of
from rapport.replies.check import FindPersonal, Writing, check, refusal
from rapport.replies.writing import links_of
from rapport.web.desk_context import Checks
from rapport.web.office import Fit, Office

EMPTY = frozenset({"empty"})


class Look(msgspec.Struct, frozen=True):
    """A text for one reach: its parts and what was found."""

    parts: tuple[str, ...]
    limit: int
    findings: tuple[Finding, ...]
    unfit: str = ""


def reaches_of(conversation: Conversation) -> tuple[str, ...]:
    """Whom a reply may reach: both where the network has both, and a note always."""
    if conversation.kind is ChannelKind.SOCIAL:
        return ("public", "private", "note") if conversation.reach is Reach.PUBLIC else ("private", "note")
    return (conversation.reach.value, "note")


def _fitted(
    fit: Fit, tenant: int, conversation: Conversation, text: str, reach: Reach, to: str, language: str
) -> tuple[tuple[str, ...], int, str]:
    if not text.strip():
        return (), 0, ""
    try:
        fitted = fit(tenant, conversation.account, conversation.channel, text, reach, to)
    except (BadInput, SendError) as error:
        return (), 0, str(error)
    notes = [note.es if language == "es" else note.en for note in fitted.notes]
    return tuple(fitted.parts), fitted.limit, "" if fitted.parts else " ".join(notes)


def look(
    office: Office,
    centre: Centre,
    conversation: Conversation,
    agent: Agent | None,
    *,
    tenant: int,
    reach: Reach,
    text: str,
    to: str,
    language: str,
    find_personal: FindPersonal,
) -> Look:
    """What the network would be given, and what the checks find in it."""
    parts, limit, unfit = _fitted(office.fit, tenant, conversation, text, reach, to, language)
    house = house_of(centre, agent, conversation)
    writing = Writing(
        text=text,
        parts=parts,
        reach=reach,
        asked_in=conversation.reach,
        unfit=unfit,
        banned=house.banned,
        links=links_of(centre, conversation.account),
    )
    findings = check(writing, find_personal, house.actions) if text.strip() else ()
    return Look(parts, limit, findings, unfit)


def checks_of(
    office: Office,
    centre: Centre,
    conversation: Conversation,
    agent: Agent | None,
    *,
    tenant: int,
    reach: str,
    text: str,
    to: str,
    language: str,
    find_personal: FindPersonal,
    saved_at: datetime | None = None,
) -> Checks:
    """The checks under the composer, for the reach that is chosen; `asks` holds for each reach that there is."""
    house = house_of(centre, agent, conversation)
    looks = {
        name: look(
            office,
            centre,
            conversation,
            agent,
            tenant=tenant,
            reach=Reach(name),
            text=text,
            to=to,
            language=language,
            find_personal=find_personal,
        )
        for name in reaches_of(conversation)
        if name != "note"
    }
    asks = frozenset(name for name, one in looks.items() if approval_rules(house, agent, Reach(name), one.findings))
    kept = Checks(asks=asks, saved=bool(centre.replies), saved_at=saved_at)
    now = looks.get(reach)
    if now is None or not text.strip():
        return kept
    return msgspec.structs.replace(
        kept,
        findings=now.findings,
        refused=refusal(now.findings) is not None,
        longest=max((len(part) for part in now.parts), default=len(text)),
        limit=now.limit,
        parts=len(now.parts),
        text=text,
    )
