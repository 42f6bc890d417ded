"""The view of service targets: the clocks of each conversation, when it is due, and the reminder of what comes next."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.conversation import Conversation
from rapport.model.fact_work import TargetNear, TargetSet
from rapport.model.ids import derived_id
from rapport.model.reply import Reminder
from rapport.model.target import Clock, Clocked, Service

TARGET = "target"  # the reminder's `what`
ANSWERS: tuple[Clocked, ...] = ("first", "next")  # the clocks of an answer, not of a solution


def target_reminder(conversation: bytes) -> bytes:
    """The id of the reminder of a conversation's clocks."""
    return derived_id(conversation, "reminder", TARGET)


def _set(entry: Written, rows: Rows) -> None:
    fact = cast(TargetSet, entry.fact)
    before = rows.get(Service, fact.conversation) or Service(fact.conversation)
    clocks = {kind: clock for kind, clock in before.clocks.items() if kind != fact.kind}
    if not fact.ended:
        clocks[fact.kind] = Clock(fact.target, fact.due_at, fact.warn_at, fact.left)
    _put(replace(before, clocks=clocks), rows)


def _near(entry: Written, rows: Rows) -> None:
    fact = cast(TargetNear, entry.fact)
    before = rows.get(Service, fact.conversation)
    clock = before.clocks.get(fact.kind) if before else None
    if before is None or clock is None:
        return
    told = replace(clock, near=True, missed=clock.missed or fact.missed)
    _put(replace(before, clocks={**before.clocks, fact.kind: told}, late=before.late or fact.missed), rows)


def _put(service: Service, rows: Rows) -> None:
    running = [clock for clock in service.clocks.values() if clock.due_at is not None]
    rows.put(replace(service, near=any(clock.near for clock in running), open=bool(service.clocks)))
    due_at = min((clock.due_at for clock in running if clock.due_at), default=None)
    conversation = rows.get(Conversation, service.id)
    answered_by = conversation.due_at if conversation is not None and conversation.waiting_since else None
    if answered_by and not any(kind in service.clocks for kind in ANSWERS):
        due_at = min(due_at or answered_by, answered_by)  # no target says when it is answered: the centre itself does
    if conversation is not None and conversation.due_at != due_at and (due_at or conversation.waiting_since is None):
        rows.put(replace(conversation, due_at=due_at))
    ahead = [at for clock in running if not clock.missed and (at := clock.due_at if clock.near else clock.warn_at)]
    if ahead:
        rows.put(Reminder(target_reminder(service.id), min(ahead), TARGET, service.id))
    else:
        rows.drop(Reminder, target_reminder(service.id))


FOLDS: Folds = {TargetSet: _set, TargetNear: _near}
