"""The stage of calls: a deed asks for one, and what became of it is recorded once."""

from collections.abc import Iterable
from typing import cast

from rapport.conversations.errands.asking import DEED, asked
from rapport.conversations.playbooks.answering import done, refused
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.bot import Errand
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionTaken, Words
from rapport.model.fact_work import ActionCaused, ErrandEnded
from rapport.model.ids import read_id

TAKEN = range(200, 300)  # statuses by which a hook says that it has it


def stage() -> Stage:
    """The stage of calls."""
    return Stage("errands", {ActionTaken: _act})


def _act(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ActionTaken, entry.fact)
    if fact.do == "hook" and isinstance(entry.fact, ActionCaused):
        yield from _hook(entry, fact, entry.fact.cause, rows)
    elif fact.do == "called":
        yield from _called(entry, fact, rows)


def _hook(entry: Written, fact: ActionTaken, cause: str, rows: Rows) -> Iterable[New]:
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif fact.argument not in rows.centre.hooks:
        yield refused(entry, fact, rows, f"The centre has no hook {fact.argument[:60]!r}.")
    else:
        text = entry.content.text if isinstance(entry.content, Words) else ""
        yield asked(entry, conversation, fact.argument, DEED, cause, rows, text=text)
        yield done(entry, fact, rows)


def _called(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    """What the loop tells of a call: its id, the last status, how often it was tried."""
    id, _, rest = fact.argument.partition(" ")
    status, _, tries = rest.partition(" ")
    call = rows.get(Errand, read_id(id))
    if call is None or not call.open or not status.isdigit() or not tries.isdigit():
        yield refused(entry, fact, rows, "There is no such call.")
        return
    ended = ErrandEnded(call.id, call.conversation, int(status), int(tries), int(status) in TAKEN)
    yield follows(entry, ended, subject=call.conversation, at=rows.now)
    yield done(entry, fact, rows, call.id)
