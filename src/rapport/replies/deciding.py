"""Deciding about a draft: a tier is given, the text is edited or returned, taken back by its author, or its time runs out."""

from collections.abc import Iterable
from datetime import datetime

from rapport.ledger.entry import New
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionTaken,
    Deciding,
    DraftApproved,
    DraftReturned,
    DraftWithdrawn,
    ReminderFell,
    TierExpired,
    TierGiven,
    Words,
)
from rapport.model.ids import derived_id
from rapport.model.reply import Draft, DraftState, Reminder
from rapport.replies.approval import fingerprint, house_of, tier_of, unasked
from rapport.replies.check import refusal
from rapport.replies.eligibility import unallowed
from rapport.replies.leaving import done, fact_of, queued, refused
from rapport.replies.times import ends_at, leaves_at
from rapport.replies.writing import Judges, written

APPROVAL = "approval"  # what a reminder of a tier's end is called
NOBODY = "Nobody decided in time; look whether it still fits, and ask again."


def waiting(fact: ActionTaken, rows: Rows) -> tuple[Draft, Conversation] | str:
    """The draft that waits for a decision with its conversation, or why there is none."""
    conversation = rows.get(Conversation, fact.conversation)
    draft = rows.get(Draft, fact.draft or (conversation.draft if conversation else None))
    if draft is None:
        return "No reply waits for approval here."
    conversation = rows.get(Conversation, draft.conversation)
    if draft.state is not DraftState.ASKED or conversation is None:
        if draft.approver and draft.approver != fact.agent:
            return f"This reply is {draft.state} already, by {draft.approver}."
        return f"This reply is {draft.state} already."
    return draft, conversation


def approve(judges: Judges, entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Give the tier that is asked; after the last one the reply goes to the outbox."""
    found = waiting(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    obstacle = _obstacle(draft, conversation, fact, rows, judges)
    deciding = _decided(draft, conversation, entry, rows, judges)
    refusing = refusal(deciding.findings)
    if obstacle or refusing is not None:
        yield refused(entry, fact, rows, obstacle or (f"{refusing.rule}: {refusing.reason}" if refusing else ""))
        return
    edited = deciding.edited != draft.edited
    again = edited and tier_of(draft).edits == "again"
    following = draft.tier if again else draft.tier + 1
    if again or following < len(draft.tiers):
        until = ends_at(draft.tiers[following] if following < len(draft.tiers) else tier_of(draft), rows.now)
        given = TierGiven(draft.id, conversation.id, fact.agent, following, until)
        yield fact_of(entry, given, conversation, rows, deciding)
    else:
        yield fact_of(entry, DraftApproved(draft.id, conversation.id, fact.agent), conversation, rows, deciding)
        house = house_of(rows.centre, rows.centre.agents.get(draft.agent), conversation)
        at = leaves_at(house, draft.send_at, rows.now)
        yield from queued(entry, draft.id, draft.reach, conversation, deciding, rows, at)
    yield done(entry, fact, rows, draft.id)


def _obstacle(draft: Draft, conversation: Conversation, fact: ActionTaken, rows: Rows, judges: Judges) -> str:
    """Why this approver cannot give it now; "" where they can."""
    if why := unasked(draft, fact.agent, rows.centre):
        return why
    if fact.argument and fact.argument != fingerprint(draft.standing, draft.files):
        return "changed: this text was changed meanwhile; read it again before you decide."
    return unallowed(judges.may, conversation, draft.reach, rows, at=draft.send_at)


def _decided(draft: Draft, conversation: Conversation, entry: Written, rows: Rows, judges: Judges) -> Deciding:
    """What goes on: the text as it stands, or the approver's, checked like any."""
    words = entry.content if isinstance(entry.content, Words) else Words()
    new = words.text if words.text.strip() and words.text.strip() != draft.standing.strip() else ""
    if not new:
        return Deciding(
            draft.text,
            draft.parts,
            draft.findings,
            draft.edited,
            subject=draft.subject,
            files=draft.files,
            carried=draft.carried,
        )
    author = rows.centre.agents.get(draft.agent)
    house = house_of(rows.centre, author, conversation)
    text = Words(text=new, subject=draft.subject, files=draft.files)
    anew = written(text, draft.reach, conversation, house, rows, judges, author)
    return Deciding(draft.text, anew.parts, anew.findings, new, subject=draft.subject, files=draft.files, carried=anew.carried)


def give_back(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Send the draft back to its author, with a reason."""
    found = waiting(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    words = entry.content if isinstance(entry.content, Words) else Words()
    returned = DraftReturned(draft.id, conversation.id, fact.agent)
    yield fact_of(entry, returned, conversation, rows, Deciding(draft.text, reason=words.reason or words.text))
    yield done(entry, fact, rows, draft.id)


def withdraw(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Its author takes the draft back while it waits."""
    found = waiting(fact, rows)
    if isinstance(found, str):
        yield refused(entry, fact, rows, found)
        return
    draft, conversation = found
    if draft.agent != fact.agent:
        yield refused(entry, fact, rows, f"not-yours: only {draft.agent}, who wrote it, can withdraw this reply.")
        return
    yield fact_of(entry, DraftWithdrawn(draft.id, conversation.id, fact.agent), conversation, rows)
    yield done(entry, fact, rows, draft.id)


def expire(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """Nobody gave the tier in time: the next one, the person named for it, or back to the author; always something."""
    draft = rows.get(Draft, reminder.subject)
    conversation = rows.get(Conversation, draft.conversation) if draft else None
    if draft is None or conversation is None or draft.state is not DraftState.ASKED:
        return
    if draft.until is None or draft.until > rows.now:
        return
    fell = New(_fallen_id(reminder), rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    expired = _instead(draft, rows)
    if expired is not None:
        yield fact_of(fell, expired, conversation, rows)
    else:
        yield fact_of(
            fell, DraftReturned(draft.id, conversation.id, ""), conversation, rows, Deciding(draft.text, reason=NOBODY)
        )


def _instead(draft: Draft, rows: Rows) -> TierExpired | None:
    tier = tier_of(draft)
    if tier.then == "next" and draft.tier + 1 < len(draft.tiers):
        following = draft.tier + 1
        return TierExpired(draft.id, draft.conversation, following, until=ends_at(draft.tiers[following], rows.now))
    if tier.then in rows.centre.agents and tier.then not in draft.hands():
        until: datetime | None = ends_at(tier, rows.now)
        return TierExpired(draft.id, draft.conversation, draft.tier, tier.then, until)
    return None


def _fallen_id(reminder: Reminder) -> bytes:
    """The id of the reminder's fall; it can fall more than once, so its time is part of the name."""
    return derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
