"""What a person decides of a part that the network may have taken, or refused: send it again, or leave it."""

from collections.abc import Iterable

from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.model.fact import ActionTaken, SendRetried
from rapport.model.ids import read_id
from rapport.model.reply import Outgoing, OutgoingState
from rapport.replies.leaving import done, refused


def retry_send(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Send a part again whose outcome is unknown, or that the network refused."""
    yield from _decide(entry, fact, rows, give_up=False)


def give_up(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """Leave a part as it is."""
    yield from _decide(entry, fact, rows, give_up=True)


def _decide(entry: Written, fact: ActionTaken, rows: Rows, *, give_up: bool) -> Iterable[New]:
    outgoing = _named(fact, rows)
    if outgoing is None:
        yield refused(entry, fact, rows, "There is no such message on its way out.")
    elif outgoing.state not in (OutgoingState.UNKNOWN, OutgoingState.REFUSED):
        yield refused(entry, fact, rows, f"Nothing is to be decided: this message is {outgoing.state}.")
    else:
        retried = SendRetried(outgoing.id, give_up, fact.agent)
        yield follows(entry, retried, subject=outgoing.conversation, at=rows.now)
        yield done(entry, fact, rows, outgoing.id)


def _named(fact: ActionTaken, rows: Rows) -> Outgoing | None:
    """The part that the action means: by its field, or by its id as text."""
    for id in (fact.outgoing, read_id(fact.argument), fact.conversation):
        found = rows.get(Outgoing, id)
        if found is not None:
            return found
    return None
