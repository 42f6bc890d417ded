"""The view of conversations, continued: what offers, drafts, replies and notes change in one."""

from typing import cast

from msgspec.structs import replace

from rapport.conversations.lifecycle import moved
from rapport.conversations.threads import preview_of, put_thread
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.burst import BURST_RULE
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ApprovalAsked,
    ConversationTransferred,
    DraftApproved,
    DraftRefused,
    DraftReturned,
    DraftWithdrawn,
    MessageSent,
    NoteWritten,
    OfferAccepted,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    OfferRevoked,
    ReplyQueued,
    ReplyTakenBack,
    Words,
    WrappedUp,
)
from rapport.model.message import ChannelKind, Direction, Message, Reach, Standing
from rapport.model.reply import Draft, Outgoing


def _offered(entry: Written, rows: Rows) -> None:
    fact = cast(OfferMade, entry.fact)
    rows.change(Conversation, fact.conversation, offer=fact.offer)


def _accepted(entry: Written, rows: Rows) -> None:
    fact = cast(OfferAccepted, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        state = moved(before.state, State.PENDING if fact.bot else State.OPEN)
        rows.put(
            replace(
                before, state=state, agent=fact.agent, bot=fact.bot, team=_team_of(fact.agent, rows),
                interaction=fact.interaction, offer=None, transfer_to="", declined_by=(),
                snoozed_until=None, resolved_at=None, disposition="", agreement="",
                call_at=None if fact.slot == ChannelKind.VOICE else before.call_at,
            )
        )  # fmt: skip


def _declined(entry: Written, rows: Rows) -> None:
    fact = cast(OfferDeclined, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        declined_by = tuple(dict.fromkeys((*before.declined_by, fact.agent)))
        rows.put(replace(before, offer=_without(before.offer, fact.offer), declined_by=declined_by))


def _offer_ended(entry: Written, rows: Rows) -> None:
    fact = cast(OfferExpired | OfferRevoked, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None and before.offer == fact.offer:
        rows.put(replace(before, offer=None))


def _without(held: bytes | None, gone: bytes) -> bytes | None:
    return None if held == gone else held


def _transferred(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationTransferred, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None:
        team = _team_of(fact.to, rows) if fact.to in rows.centre.agents else fact.to or before.team
        rows.put(
            replace(
                before, state=moved(before.state, State.OPEN), agent="", bot=False, interaction=None, offer=None, team=team,
                transfer_to=fact.to, waiting_since=before.waiting_since or entry.at, unread=True, beside=(),
            )
        )  # fmt: skip


def _team_of(agent: str, rows: Rows) -> str:
    known = rows.centre.agents.get(agent)
    return known.team if known else ""


def _wrapped_up(entry: Written, rows: Rows) -> None:
    fact = cast(WrappedUp, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None and before.interaction == fact.interaction:
        state = moved(before.state, State.OPEN) if before.state is State.PENDING else before.state
        rows.put(replace(before, state=state, agent="", bot=False, interaction=None, beside=()))


def _approval_asked(entry: Written, rows: Rows) -> None:
    fact = cast(ApprovalAsked, entry.fact)
    rows.change(Conversation, fact.conversation, draft=fact.draft)


def _draft_decided(entry: Written, rows: Rows) -> None:
    fact = cast(DraftApproved | DraftReturned | DraftRefused | DraftWithdrawn, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is not None and before.draft == fact.draft:
        rows.put(replace(before, draft=None))


def _reply_queued(entry: Written, rows: Rows) -> None:
    fact = cast(ReplyQueued, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is None:
        return
    if fact.thread:
        put_thread(fact.account, fact.thread, before.id, rows)
    if fact.part > 0:
        return
    text = entry.content.text if isinstance(entry.content, Words) else ""
    last_at, preview = max(before.last_at, entry.at), preview_of(text) or before.preview
    now = replace(before, last_at=last_at, messages=before.messages + 1, preview=preview)
    draft = rows.get(Draft, fact.draft)
    if draft is None or draft.agent != BURST_RULE:  # whoever is told how long it takes still waits
        now = replace(now, answered_at=before.answered_at or entry.at, waiting_since=None, due_at=None, unread=False)
    rows.put(now)


def _taken_back(entry: Written, rows: Rows) -> None:
    """A reply that never left: the answer is owed as before."""
    fact = cast(ReplyTakenBack, entry.fact)
    before, message = rows.get(Conversation, fact.conversation), rows.get(Message, fact.message)
    if before is not None:
        was_first = message is not None and before.answered_at == message.at
        answered_at = None if was_first else before.answered_at
        rows.put(replace(before, waiting_since=fact.waiting_since, due_at=fact.due_at, answered_at=answered_at))


def _sent(entry: Written, rows: Rows) -> None:
    """What answers our message finds the conversation by the name that the network gave it."""
    fact = cast(MessageSent, entry.fact)
    outgoing = rows.get(Outgoing, fact.outgoing)
    if outgoing is not None and fact.key:
        put_thread(outgoing.account, fact.key, outgoing.conversation, rows)


def _noted(entry: Written, rows: Rows) -> None:
    fact = cast(NoteWritten, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    words = entry.content if isinstance(entry.content, Words) else Words()
    rows.put(
        Message(
            id=fact.message,
            at=entry.at,
            direction=Direction.NOTE,
            standing=Standing.RECEIVED,
            reach=Reach.PRIVATE,
            handle=conversation.handle if conversation else None,
            person=conversation.person if conversation else None,
            conversation=fact.conversation,
            agent=fact.agent,
            author=fact.agent,
            text=words.text,
            media=words.files,
        )
    )


FOLDS: Folds = {
    OfferMade: _offered,
    OfferAccepted: _accepted,
    OfferDeclined: _declined,
    OfferExpired: _offer_ended,
    OfferRevoked: _offer_ended,
    ConversationTransferred: _transferred,
    WrappedUp: _wrapped_up,
    ApprovalAsked: _approval_asked,
    DraftApproved: _draft_decided,
    DraftReturned: _draft_decided,
    DraftRefused: _draft_decided,
    DraftWithdrawn: _draft_decided,
    ReplyQueued: _reply_queued,
    ReplyTakenBack: _taken_back,
    MessageSent: _sent,
    NoteWritten: _noted,
}
