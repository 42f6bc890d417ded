"""Labels and priority of a conversation: what agents call it, and how much sooner or later it is to be looked at."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import cast

from msgspec.structs import replace

from rapport.conversations.answering import done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import PRIORITIES, Conversation, Labelled, labelled_id, weighed
from rapport.model.fact import ActionTaken, ConversationMarked
from rapport.model.message import Message

MOST_LABELS = 20
LABEL = re.compile(r"[^\W_][\w-]{0,39}")  # letters and digits of any alphabet, hyphens between them


def labels_in(text: str) -> list[str]:
    """The labels that a text names, with commas between them, as they are kept: small letters, hyphens for spaces."""
    named = ["-".join(part.split()).casefold() for part in text.split(",")]
    return list(dict.fromkeys(label for label in named if label))


def _label(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    asked = labels_in(fact.argument)
    wrong = [label for label in asked if not LABEL.fullmatch(label)]
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif not asked:
        yield refused(entry, fact, rows, "A label needs a name, such as wifi.")
    elif wrong:
        yield refused(entry, fact, rows, f"A label has letters, digits and hyphens, at most 40, got {wrong[0]!r}.")
    elif len({*conversation.labels, *asked}) > MOST_LABELS:
        yield refused(entry, fact, rows, "A conversation has at most 20 labels; take one off first.")
    else:
        added = tuple(label for label in asked if label not in conversation.labels)
        if added:
            marked = ConversationMarked(conversation.id, fact.agent, added=added)
            yield follows(entry, marked, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, conversation.id)


def _unlabel(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
        return
    removed = tuple(label for label in labels_in(fact.argument) if label in conversation.labels)
    if not removed:
        yield refused(entry, fact, rows, f"This conversation has no label {fact.argument.strip()[:40]!r}.")
        return
    yield follows(entry, ConversationMarked(conversation.id, fact.agent, removed=removed), subject=conversation.id, at=rows.now)
    yield done(entry, fact, rows, conversation.id)


def _prioritise(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    priority = fact.argument.strip().casefold()
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif priority not in PRIORITIES:
        yield refused(entry, fact, rows, f"A priority is low, normal, high or urgent, got {fact.argument[:40]!r}.")
    else:
        if priority != (conversation.priority or "normal"):
            marked = ConversationMarked(conversation.id, fact.agent, priority=priority)
            yield follows(entry, marked, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, conversation.id)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {
    "label": _label,
    "unlabel": _unlabel,
    "prioritise": _prioritise,
}


def _marked(entry: Written, rows: Rows) -> None:
    fact = cast(ConversationMarked, entry.fact)
    before = rows.get(Conversation, fact.conversation)
    if before is None:
        return
    for label in fact.added:
        rows.put(Labelled(labelled_id(before.id, label), before.id, label, entry.at))
    for label in fact.removed:
        rows.drop(Labelled, labelled_id(before.id, label))
    labels = tuple(sorted({*before.labels, *fact.added} - {*fact.removed}))
    after = replace(before, labels=labels)
    if fact.priority:
        said = rows.get(Message, before.message)
        priority = "" if fact.priority == "normal" else fact.priority
        after = replace(after, priority=priority, urgency=weighed(said.urgency if said else before.urgency, priority))
    rows.put(after)


FOLDS: Folds = {ConversationMarked: _marked}
