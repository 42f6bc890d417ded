"""The whole system on one page: the order in which facts give rise to facts.

    network -> [intake] MessageReceived -> guard -> understanding -> people -> conversations -> replies -> matching -> OfferMade
    desk    -> ActionTaken -> ... -> ReplyQueued -> [deliver] -> network -> MessageSent
    time    -> [remind] ReminderFell -> ... (offers expire, needs widen, snoozed conversations wake)

`digest` is pure: the same batch on the same rows gives the same facts. The loops stand beside it: hear, advance, deliver,
remind.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from rapport.errors import Conflict
from rapport.ledger.entry import Entry, New, follows
from rapport.ledger.folding import OWN, fold
from rapport.ledger.round import Batch
from rapport.ledger.views import AllFolds, Rows, Stage, Step, Written
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, EntryDigested, EntrySetAside, Fact, ReminderFell
from rapport.model.fact_work import ActionCaused
from rapport.model.ids import derived_id
from rapport.model.reply import Aside, Reminder

MOST_FOLLOWING = 10_000  # facts that may follow from one entry: more is a stage that feeds itself


@dataclass(frozen=True, slots=True)
class Order:
    """The stages in the order in which they see a fact, and the folds of all views.

    `steps`: what the stages make of each kind of fact, in their order. What acts by itself is seen by those who see who acts.
    `deaf`: those of deaf stages, which come last and do not see what follows from their own facts.
    """

    stages: tuple[Stage, ...]
    views: AllFolds
    deaf: dict[type[Fact], tuple[Step, ...]] = field(default_factory=dict, init=False)
    steps: dict[type[Fact], tuple[Step, ...]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        for stage in self.stages:
            for kind, step in stage.steps.items():
                steps = self.deaf if stage.deaf else self.steps
                steps[kind] = (*steps.get(kind, ()), step)
        self.steps[ActionCaused] = self.steps.get(ActionTaken, ())


def digest(batch: Batch, rows: Rows, order: Order) -> list[New]:
    """Everything that follows from a batch. `rows` hold the result.

    Raises whatever a stage raises; the rows are of no use then.
    """
    for stage in order.stages:
        if stage.prime is not None:
            stage.prime(batch.entries)
    facts: list[New] = []
    for reminder in batch.due:
        facts += caused(_fallen(reminder, rows, order), batch.after)
    for entry in batch.entries:
        facts += caused(_taken(entry, batch, rows, order), entry.seq)
    return facts


def settle(rows: Rows, order: Order, upto: int) -> list[New]:
    """What the stages decide once a round over all rows, with entries `upto` taken: who is offered what."""
    facts: list[New] = []
    for stage in order.stages:
        if stage.settle is not None:
            facts += _follow(list(stage.settle(rows)), rows, order)
    return caused(facts, upto)


def caused(facts: Iterable[New], seq: int) -> list[New]:
    """The facts with the number of the entry from outside that they follow from: a rebuild folds them in the same order."""
    return [replace(fact, source=f"#{seq}") for fact in facts]


def _follow(first: Iterable[Written], rows: Rows, order: Order) -> list[New]:
    """Fold what happened, show it to each stage in order, and go on with what they answer."""
    waiting = deque(first)
    for item in waiting:
        fold(item, rows, order.views)
    facts = [item for item in waiting if isinstance(item, New)]
    own: set[bytes] = set()  # what follows from a deaf stage
    while waiting:
        item = waiting.popleft()
        kind = type(item.fact)
        followed: list[New] = []
        for step in order.steps.get(kind, ()):
            followed += _made(step, item, rows, order)
        if own and item.id in own:
            own.update([new.id for new in followed])
        else:
            for step in order.deaf.get(kind, ()):
                unheard = _made(step, item, rows, order)
                own.update([new.id for new in unheard])
                followed += unheard
        facts += followed
        waiting += followed
        if len(facts) > MOST_FOLLOWING:
            raise Conflict(f"more than {MOST_FOLLOWING} facts follow from one entry: a stage feeds itself")
    return facts


def _made(step: Step, item: Written, rows: Rows, order: Order) -> list[New]:
    """What a step makes of a fact, folded."""
    made = list(step(item, rows))
    for new in made:
        fold(new, rows, order.views)
    return made


def _taken(entry: Entry, batch: Batch, rows: Rows, order: Order) -> list[New]:
    facts = _follow([entry], rows, order)
    fact = entry.fact
    if isinstance(fact, ActionTaken):
        if fact.do == "retry":
            facts += _again(entry, batch, rows, order)
        elif not any(isinstance(new.fact, ActionDone | ActionRefused) and new.fact.action == fact.action for new in facts):
            reason = f"nothing here can {fact.do.replace('_', ' ')}"
            facts += _follow(
                [follows(entry, ActionRefused(fact.action, reason), subject=entry.subject, at=rows.now)], rows, order
            )
    return facts


def _again(entry: Entry, batch: Batch, rows: Rows, order: Order) -> list[New]:
    """Try an entry once more that had been set aside; what it leads to is written now."""
    fact = entry.fact
    assert isinstance(fact, ActionTaken)
    old = batch.again.get(int(fact.argument)) if fact.argument.isdigit() else None
    aside = rows.get(Aside, old.id) if old else None
    if old is None or aside is None or aside.done:
        refused = ActionRefused(fact.action, f"no entry {fact.argument} is set aside")
        return _follow([follows(entry, refused, subject=entry.subject, at=rows.now)], rows, order)
    facts = _taken(old, batch, rows, order)
    ends = [
        follows(entry, EntryDigested(old.id), subject=old.id, at=rows.now),
        follows(entry, ActionDone(fact.action), subject=entry.subject, at=rows.now),
    ]
    return facts + _follow(ends, rows, order)


def _fallen(reminder: Reminder, rows: Rows, order: Order) -> list[New]:
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    facts = _follow([fell], rows, order)
    for stage in order.stages:
        step = stage.due.get(reminder.what)
        if step is not None:
            facts += _follow(list(step(reminder, rows)), rows, order)
    return facts


def set_aside(entry: Entry, error: Exception, rows: Rows, order: Order) -> list[New]:
    """What is recorded of an entry that a stage could not digest; what it says of itself is kept in its own row."""
    fold(entry, rows, OWN)
    reason = f"{type(error).__name__}: {error}"[:300]
    stage = _room_of(error)
    again = isinstance(entry.fact, ActionTaken) and entry.fact.do == "retry"
    facts = [follows(entry, EntrySetAside(entry.id, entry.seq, stage, reason, again), subject=entry.id, at=rows.now)]
    if isinstance(entry.fact, ActionTaken):
        sorry = "this could not be done; it is set aside with its reason for an administrator"
        facts.append(follows(entry, ActionRefused(entry.fact.action, sorry), subject=entry.subject, at=rows.now))
    for new in facts:
        fold(new, rows, order.views)
    return caused(facts, entry.seq)


def let_fall(reminder: Reminder, error: Exception, rows: Rows, order: Order) -> list[New]:
    """What is recorded of a reminder that a stage could not digest: it fell, and why nothing came of it."""
    id = derived_id(reminder.id, int(reminder.at.timestamp() * 1000))
    fell = New(id, rows.now, reminder.subject, ReminderFell(reminder.id, reminder.what))
    reason = f"{reminder.what}: {type(error).__name__}: {error}"[:300]
    aside = follows(fell, EntrySetAside(fell.id, 0, _room_of(error), reason), subject=reminder.subject, at=rows.now)
    for new in (fell, aside):
        fold(new, rows, order.views)
    return caused([fell, aside], 0)


def _room_of(error: Exception) -> str:
    trace, room = error.__traceback__, "pipeline"
    while trace is not None:
        name = str(trace.tb_frame.f_globals.get("__name__", ""))
        room = name if name.startswith("rapport.") else room
        trace = trace.tb_next
    return room
