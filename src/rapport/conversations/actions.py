"""What an agent does with a conversation, from a note to its end; each is done or refused, saying why."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapport.conversations.playbooks.policy import keeps_open
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ActionTaken,
    ConversationContinued,
    ConversationRead,
    ConversationResolved,
    ConversationSnoozed,
    ConversationWoken,
    Fact,
    NoteWritten,
    Words,
    WrappedUp,
)
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.message import Message

MOST_DISPOSITION = 60
Action = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def due_for(message: Message, at: datetime, rows: Rows) -> datetime:
    """When the answer to a message of this channel kind, written `at`, is due."""
    return at + rows.centre.target(message.kind)


def _note(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    words = entry.content if isinstance(entry.content, Words) else Words()
    if conversation is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
        return
    if not words.text.strip() and not words.files:
        yield _refused(entry, fact, rows, "A note needs words.")
        return
    message = derived_id(fact.action, "note")
    note = NoteWritten(message, conversation.id, fact.agent)
    text = Words(text=words.text, files=words.files)
    yield follows(entry, note, subject=conversation.id, at=rows.now, content=text, owner=conversation.handle)
    yield _done(entry, fact, rows, message)


def _wrap_up(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
    elif conversation.agent != fact.agent or conversation.interaction is None:
        yield _refused(entry, fact, rows, f"{fact.agent} does not have this conversation{_who_has(conversation)}.")
    elif why := keeps_open(conversation, fact.agent, rows):
        yield _refused(entry, fact, rows, why)
    else:
        yield from _end(entry, fact, rows, conversation)


def _close(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
    elif conversation.state is State.RESOLVED:
        yield _refused(entry, fact, rows, "This conversation is resolved already.")
    elif why := keeps_open(conversation, fact.agent, rows):
        yield _refused(entry, fact, rows, why)
    else:
        yield from _end(entry, fact, rows, conversation)


def _end(entry: Written, fact: ActionTaken, rows: Rows, conversation: Conversation) -> Iterable[New]:
    disposition = fact.argument.strip()[:MOST_DISPOSITION]
    yield from leave(entry, rows, conversation, disposition)
    resolved = ConversationResolved(conversation.id, disposition, fact.agent)
    yield follows(entry, resolved, subject=conversation.id, at=rows.now)
    yield _done(entry, fact, rows, conversation.id)


def leave(entry: Written, rows: Rows, conversation: Conversation, disposition: str) -> Iterable[New]:
    """The end of the interaction that goes on, if one does: its agent has the place free."""
    interaction = rows.get(Interaction, conversation.interaction)
    if conversation.interaction is None or not conversation.agent:
        return
    slot = interaction.slot if interaction else conversation.kind.value
    wrapped = WrappedUp(conversation.interaction, conversation.id, conversation.agent, disposition, slot)
    yield follows(entry, wrapped, subject=conversation.id, at=rows.now)


def _snooze(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Let it sleep. Whoever has it gives it back, so no place is taken by what sleeps; it is matched anew when it wakes."""
    conversation = rows.get(Conversation, fact.conversation)
    until = read_time(fact.argument, rows.centre.profile.zone)
    if conversation is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
    elif conversation.state not in (State.OPEN, State.PENDING):
        yield _refused(entry, fact, rows, f"Only an open conversation can sleep; this one is {conversation.state}.")
    elif conversation.agent and conversation.agent != fact.agent:
        yield _refused(entry, fact, rows, f"{fact.agent} does not have this conversation{_who_has(conversation)}.")
    elif until is None:
        yield _refused(entry, fact, rows, f"A time such as 2026-03-03T10:00 is needed, got {fact.argument!r}.")
    elif until <= rows.now:
        yield _refused(entry, fact, rows, f"The time must be in the future, got {fact.argument}.")
    else:
        yield from leave(entry, rows, conversation, "snoozed")
        snoozed = ConversationSnoozed(conversation.id, until, fact.agent)
        yield follows(entry, snoozed, subject=conversation.id, at=rows.now)
        yield _done(entry, fact, rows, conversation.id)


def _reopen(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None or conversation.message is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
    elif conversation.state is State.SNOOZED:
        yield follows(entry, ConversationWoken(conversation.id), subject=conversation.id, at=rows.now)
        yield _done(entry, fact, rows, conversation.id)
    elif conversation.state is not State.RESOLVED:
        yield _refused(entry, fact, rows, "This conversation is open already.")
    else:
        due_at = rows.now + rows.centre.target(conversation.kind)
        reopened = ConversationContinued(
            conversation.id, conversation.person, conversation.handle, conversation.message, reopened=True, due_at=due_at
        )
        yield follows(entry, reopened, subject=conversation.id, at=rows.now)
        yield _done(entry, fact, rows, conversation.id)


def _read(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
        return
    if conversation.unread and conversation.agent == fact.agent:
        yield follows(entry, ConversationRead(conversation.id, fact.agent), subject=conversation.id, at=rows.now)
    yield _done(entry, fact, rows, conversation.id)


def _open_link(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Nothing but the record of it."""
    if rows.get(Conversation, fact.conversation) is None:
        yield _refused(entry, fact, rows, "There is no such conversation.")
    else:
        yield _done(entry, fact, rows, fact.conversation)


ACTIONS: Mapping[str, Action] = {
    "note": _note,
    "wrap_up": _wrap_up,
    "close": _close,
    "snooze": _snooze,
    "reopen": _reopen,
    "read": _read,
    "open_link": _open_link,
}


def _done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None) -> New:
    return _answer(entry, fact, rows, ActionDone(fact.action, result))


def _refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    return _answer(entry, fact, rows, ActionRefused(fact.action, reason))


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    return follows(entry, answer, subject=fact.conversation or fact.action, at=rows.now)


def _who_has(conversation: Conversation) -> str:
    return f"; {conversation.agent} has it" if conversation.agent else "; nobody has it"


def read_time(text: str, zone: str) -> datetime | None:
    """The time that an ISO text says, in the centre's zone where it names none; None where it says none."""
    try:
        time = datetime.fromisoformat(text.strip())
        return time if time.tzinfo else time.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError):
        return None
