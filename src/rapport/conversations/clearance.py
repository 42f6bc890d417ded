"""Clearance: attributes that the centre marks sensitive are shown to who asks for them; the asking is the record of it."""

from collections.abc import Callable, Iterable, Mapping

from rapport.conversations.answering import UNKNOWN, done, refused
from rapport.ledger.entry import New
from rapport.ledger.views import Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Words

Act = Callable[[Written, ActionTaken, Rows], Iterable[New]]


def _see(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Nothing but the record of it: who, which attributes, of whom and what for."""
    names = {name.strip() for name in fact.argument.split(",") if name.strip()}
    words = entry.content if isinstance(entry.content, Words) else Words()
    if rows.get(Conversation, fact.conversation) is None:
        yield refused(entry, fact, rows, UNKNOWN)
    elif not names or not names <= set(rows.centre.profile.sensitive):
        yield refused(entry, fact, rows, "Name the sensitive attributes that you want to see.")
    elif not (words.reason or words.text).strip():
        yield refused(entry, fact, rows, "Say what for: that you looked is on record.")
    else:
        yield done(entry, fact, rows, fact.conversation)


ACTIONS: Mapping[str, Act] = {"see": _see}
