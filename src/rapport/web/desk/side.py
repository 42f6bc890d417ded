"""What stands beside a conversation on its way: replies that can be taken back, the last hand-over, who writes with whom."""

from collections.abc import Mapping
from datetime import datetime

import asyncpg
import msgspec

from rapport.conversations.viewing import viewers
from rapport.ledger.tables import read_rows, read_where
from rapport.model.centre import Centre
from rapport.model.conversation import Conversation, State
from rapport.model.ids import derived_id
from rapport.model.reply import Draft, Outgoing
from rapport.model.statement import Handover
from rapport.model.telling import Telling
from rapport.replies.undoing import may_be_taken_back
from rapport.web.desk.knowledge_beside import HelpShown, read_help
from rapport.web.security import Who

MOST = 5
SENIOR = frozenset({"supervisor", "administrator"})


class Leaving(msgspec.Struct, frozen=True):
    """A reply that lies in the outbox until `at` (seconds `left`), and can be taken back until then."""

    draft: bytes
    text: str
    agent: str
    at: datetime
    left: float


class Side(msgspec.Struct, frozen=True):
    """`beside`: who writes in it with who leads; `may_lead`: one may ask others in; `colleagues`: whom; `agreements`: by id."""

    leaving: tuple[Leaving, ...] = ()
    handover: Handover | None = None
    beside: tuple[str, ...] = ()
    may_lead: bool = False
    is_beside: bool = False
    colleagues: tuple[tuple[str, str], ...] = ()
    agreements: tuple[tuple[str, str], ...] = ()
    elsewhere: str = ""
    call_at: datetime | None = None
    call_to: str = ""
    told: tuple[Telling, ...] = ()  # what was said to and by whoever reads alone, oldest first
    help: HelpShown | None = None
    viewing: tuple[str, ...] = ()  # who else has it open


NOTHING_BESIDE = Side()


async def read_side(db: asyncpg.Connection, who: Who, centre: Centre, conversation: Conversation, now: datetime) -> Side:
    """What stands beside a conversation now."""
    viewing = await viewers(db, who.tenant, conversation.id, who.agent, now)
    if conversation.state is State.RESOLVED:
        return Side(viewing=viewing)
    handovers = await read_rows(db, who.tenant, Handover, [conversation.id])
    leads = bool(conversation.agent) and (conversation.agent == who.agent or who.role in SENIOR)
    is_in = {conversation.agent, *conversation.beside}
    colleagues = [a for a in centre.agents.values() if not a.bot and a.id not in is_in] if leads else []
    agreements = centre.agreements.values()
    return Side(
        leaving=await _leaving(db, who, conversation, now),
        handover=handovers[0] if handovers else None,
        beside=conversation.beside,
        may_lead=leads,
        is_beside=who.agent in conversation.beside,
        colleagues=tuple(sorted((a.id, a.name or a.id) for a in colleagues)),
        agreements=tuple((a.id, a.label or a.with_tenant) for a in agreements if a.gives and not a.paused),
        elsewhere=_label(centre, conversation.agreement),
        call_at=conversation.call_at,
        call_to=conversation.call_to,
        told=await _told(db, who, conversation),
        help=await read_help(db, who, centre, conversation),
        viewing=viewing,
    )


async def _told(db: asyncpg.Connection, who: Who, conversation: Conversation) -> tuple[Telling, ...]:
    where = "conversation = $2 and what <> '' and (agent = $3 or by = $3) order by at desc, id limit 3"
    return tuple(reversed(await read_where(db, who.tenant, Telling, where, conversation.id, who.agent)))


async def _leaving(db: asyncpg.Connection, who: Who, conversation: Conversation, now: datetime) -> tuple[Leaving, ...]:
    where = "conversation = $2 and state = 'queued' and op = '' and not_before > $3 order by not_before limit 20"
    parts = await read_where(db, who.tenant, Outgoing, where, conversation.id, now)
    if not parts:
        return ()
    drafts = await read_where(
        db, who.tenant, Draft, "conversation = $2 and state = 'approved' order by at desc limit 20", conversation.id
    )
    by_message: Mapping[bytes, Draft] = {derived_id(draft.id, "message"): draft for draft in drafts}
    found: dict[bytes, list[Outgoing]] = {}
    for part in parts:
        found.setdefault(part.message, []).append(part)
    return tuple(
        Leaving(draft.id, draft.standing, draft.agent, at, (at - now).total_seconds())
        for message, own in list(found.items())[:MOST]
        if (draft := by_message.get(message)) is not None
        and (at := own[0].not_before) is not None
        and may_be_taken_back(own, now)
        and (who.agent in (draft.agent, draft.approver) or who.role in SENIOR)
    )


def _label(centre: Centre, agreement: str) -> str:
    known = centre.agreements.get(agreement)
    return (known.label or known.with_tenant) if known else agreement
