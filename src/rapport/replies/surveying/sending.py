"""Sending what a survey says: judged as any reply, and laid into the outbox only where nobody has to see it first."""

from collections.abc import Iterable

from msgspec.structs import replace

from rapport.ledger.entry import New
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import Deciding, DraftApproved, DraftWritten, Words
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.replies.approval import asked, house_of
from rapport.replies.check import REFUSE
from rapport.replies.eligibility import unallowed
from rapport.replies.leaving import fact_of, queued
from rapport.replies.times import leaves_at
from rapport.replies.writing import Judges, occasion_of, written


def refused(judges: Judges, text: str, conversation: Conversation, rows: Rows) -> tuple[Deciding, str]:
    """How a text is judged, and why it may not go out by itself: network, check or approval; "" where it may."""
    why = "network" if unallowed(judges.may, conversation, Reach.PRIVATE, rows) else ""
    house = house_of(rows.centre, None, conversation)
    deciding = written(Words(text=text), Reach.PRIVATE, conversation, house, rows, judges, None)
    # The address is our own, so that it is on no brand's list is no fault.
    deciding = replace(deciding, findings=tuple(finding for finding in deciding.findings if finding.rule != "link"))
    if not why and any(finding.action == REFUSE for finding in deciding.findings):
        why = "check"
    if not why and asked(house, occasion_of(None, Reach.PRIVATE, conversation, deciding, rows)).rules:
        why = "approval"
    return deciding, why


def sent(entry: Written, draft: bytes, name: str, deciding: Deciding, conversation: Conversation, rows: Rows) -> Iterable[New]:
    """What lays a text into the outbox. `name`: who says it."""
    house = house_of(rows.centre, None, conversation)
    wrote = DraftWritten(draft, conversation.id, name, Reach.PRIVATE, derived_id(draft, "message"))
    yield fact_of(entry, wrote, conversation, rows, deciding)
    yield fact_of(entry, DraftApproved(draft, conversation.id), conversation, rows, deciding)
    yield from queued(entry, draft, Reach.PRIVATE, conversation, deciding, rows, leaves_at(house, None, rows.now))
