"""Answers to whoever acted: it is done, or why it is not."""

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken


def done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None = None) -> New:
    """The action took effect."""
    return follows(entry, ActionDone(fact.action, result), subject=fact.conversation or fact.action, at=rows.now)


def refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    """The action had no effect."""
    return follows(entry, ActionRefused(fact.action, reason), subject=fact.conversation or fact.action, at=rows.now)
