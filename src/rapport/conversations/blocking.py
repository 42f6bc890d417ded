"""Blocking a handle, and spam: what it says is held from then on, for people to see; both are taken back by their opposite."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.conversations.actions import leave
from rapport.conversations.answering import done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken, ConversationContinued, ConversationResolved, HandleBlocked
from rapport.model.person import Handle

SPAM = "spam"  # the disposition


def _block(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
        return
    handle = rows.get(Handle, conversation.handle)
    undone = fact.do in ("unblock", "not_spam")
    blocked = handle is not None and handle.blocked
    if fact.do in ("block", "unblock") and blocked is not undone:
        yield refused(entry, fact, rows, "They are blocked already." if blocked else "They are not blocked.")
        return
    if blocked is undone:
        block = HandleBlocked(conversation.handle, fact.agent, conversation.id, undone)
        yield follows(entry, block, subject=conversation.handle, at=rows.now)
    if fact.do == "spam" and conversation.state is not State.RESOLVED:
        yield from leave(entry, rows, conversation, SPAM)
        yield follows(entry, ConversationResolved(conversation.id, SPAM, fact.agent), subject=conversation.id, at=rows.now)
    elif fact.do == "not_spam" and conversation.disposition == SPAM and conversation.message is not None:
        due_at = rows.now + rows.centre.target(conversation.kind)
        again = ConversationContinued(
            conversation.id, conversation.person, conversation.handle, conversation.message, reopened=True, due_at=due_at
        )
        yield follows(entry, again, subject=conversation.id, at=rows.now)
    yield done(entry, fact, rows, conversation.id)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = dict.fromkeys(
    ("block", "unblock", "spam", "not_spam"), _block
)


def _blocked(entry: Written, rows: Rows) -> None:
    fact = cast(HandleBlocked, entry.fact)
    rows.change(Handle, fact.handle, blocked=not fact.undone)


FOLDS: Folds = {HandleBlocked: _blocked}
