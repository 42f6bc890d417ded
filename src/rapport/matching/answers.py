"""What matching answers an action with: that it is done, or why it is refused."""

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, Fact


def done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None) -> New:
    """It is done; `result` names what it made."""
    return _answer(entry, fact, rows, ActionDone(fact.action, result))


def refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    """It is refused, saying why."""
    return _answer(entry, fact, rows, ActionRefused(fact.action, reason))


def _answer(entry: Written, fact: ActionTaken, rows: Rows, answer: Fact) -> New:
    return follows(entry, answer, subject=fact.conversation or fact.action, at=rows.now)
