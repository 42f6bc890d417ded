"""What was settled about a telephone call, as far as it changes who has the conversation."""

from collections.abc import Iterable
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.offering import accepted, offer_id
from rapport.matching.raising import ended, raised
from rapport.model.call import ALIVE, Call
from rapport.model.conversation import Conversation, State
from rapport.model.fact import CallMarked
from rapport.model.need import Need

UNREACHABLE, CUT = "no-softphone", "cut-off"


def still_waits(conversation: Conversation, rows: Rows) -> Conversation:
    """A conversation whose agent goes: who is on the telephone waits again, by the time of their call."""
    calls = [call for call in rows.all(Call) if call.conversation == conversation.id and call.state in ALIVE]
    if conversation.waiting_since is not None or not calls:
        return conversation
    return replace(conversation, waiting_since=min(call.started_at for call in calls))


def marked(entry: Written, rows: Rows) -> Iterable[New]:
    """Who cannot be reached, or whose line broke, loses the conversation to another; who was handed a call has it."""
    fact = cast(CallMarked, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None or conversation.agent != fact.agent or not fact.agent:
        return
    if fact.mark in ("unreachable", "cut"):
        yield from list(ended(entry, conversation, UNREACHABLE if fact.mark == "unreachable" else CUT, rows))
        if conversation.state is not State.RESOLVED:
            yield raised(entry, conversation, rows, besides=(fact.agent,) if fact.mark == "unreachable" else ())
    elif fact.mark == "handed":
        yield from list(ended(entry, conversation, "transferred", rows))
        need = Need(conversation.id, "", rows.now, slot=str(conversation.kind))
        taken = accepted(offer_id(need, fact.to, rows), need, fact.to, str(conversation.kind), rows.now)
        yield follows(entry, taken, subject=conversation.id, at=rows.now)
