"""What an action on reviews is answered with, and the rows that it names."""

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken
from rapport.model.ids import read_id
from rapport.model.reviewed import Review, Reviewable


def named(fact: ActionTaken) -> tuple[bytes | None, str]:
    """The id with which the argument begins, and what follows it."""
    first, _, rest = fact.argument.partition(" ")
    return read_id(first), rest


def item_of(fact: ActionTaken, rows: Rows) -> Reviewable | None:
    """The conversation to review that an action names."""
    return rows.get(Reviewable, named(fact)[0])


def review_of(fact: ActionTaken, rows: Rows) -> tuple[Review | None, Reviewable | None]:
    """The review that an action names, and what it is of."""
    review = rows.get(Review, named(fact)[0])
    return review, rows.get(Reviewable, review.item) if review is not None else None


def is_lost(entry: Written, fact: ActionTaken) -> bool:
    """Whether words were sent that nobody can keep: the key of the person they are about was destroyed."""
    return fact.handle is not None and entry.content is None


def done(entry: Written, fact: ActionTaken, rows: Rows, result: bytes | None) -> New:
    """It is done."""
    return follows(entry, ActionDone(fact.action, result), subject=fact.conversation or fact.action, at=rows.now)


def refused(entry: Written, fact: ActionTaken, rows: Rows, reason: str) -> New:
    """It is refused, and why."""
    return follows(entry, ActionRefused(fact.action, reason), subject=fact.conversation or fact.action, at=rows.now)
