"""The stage of playbooks: they begin with the work, are followed step by step, and end with the conversation."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from rapport.conversations.playbooks.answering import done, refused
from rapport.conversations.playbooks.deeds import done_by_itself
from rapport.conversations.playbooks.editions import newest, playbook_of
from rapport.conversations.playbooks.policy import forbids_straying
from rapport.conversations.playbooks.progress import applies, before, filled, missed
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Stage, Written
from rapport.model.conversation import Conversation, State
from rapport.model.fact import ActionTaken, ConversationResolved, OfferAccepted, Words
from rapport.model.fact_work import PlaybookBegun, PlaybookLeft, PlaybookMoved, StepDone, TaskSet, Values
from rapport.model.ids import derived_id, read_id
from rapport.model.playbook import Playbook, PlaybookStep, Run, Task, step_ids

AFTER_ITS_END = frozenset({"task", "do_task"})
SENIOR = frozenset({"supervisor", "administrator"})
Act = Callable[[Written, ActionTaken, Conversation, Rows], Iterable[New]]


def stage() -> Stage:
    """The stage of playbooks."""
    return Stage("playbooks", {ActionTaken: _act, OfferAccepted: _accepted, ConversationResolved: _resolved})


def running(conversation: bytes | None, rows: Rows) -> Run | None:
    """The playbook under way in a conversation."""
    run = rows.get(Run, conversation)
    return run if run is not None and run.ended_at is None else None


def _accepted(entry: Written, rows: Rows) -> Iterable[New]:
    """Whoever takes a conversation begins with the playbook of its intent, where the centre has one."""
    fact = cast(OfferAccepted, entry.fact)
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None or fact.bot or not conversation.intent or running(conversation.id, rows):
        return
    fit = [book for book in rows.centre.playbooks.values() if book.intent == conversation.intent and book.steps]
    if len(fit) == 1:
        yield _began(entry, fit[0], conversation.id, "", rows)


def _began(entry: Written, playbook: Playbook, conversation: bytes, by: str, rows: Rows) -> New:
    begun = PlaybookBegun(conversation, playbook.id, newest("playbook", playbook.id, rows), by)
    return follows(entry, begun, subject=conversation, at=rows.now)


def _resolved(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ConversationResolved, entry.fact)
    run = running(fact.conversation, rows)
    if run is not None:
        yield _ended(entry, run, fact.agent, rows)


def _ended(entry: Written, run: Run, by: str, rows: Rows) -> New:
    book = playbook_of(run, rows)
    left = PlaybookLeft(run.id, run.playbook, run.edition, by, missed(book, run) if book else ())
    return follows(entry, left, subject=run.id, at=rows.now)


def _act(entry: Written, rows: Rows) -> Iterable[New]:
    fact = cast(ActionTaken, entry.fact)
    act = ACTIONS.get(fact.do)
    if act is None:
        return
    conversation = rows.get(Conversation, fact.conversation)
    if conversation is None:
        yield refused(entry, fact, rows, "There is no such conversation.")
    elif conversation.state is State.RESOLVED and fact.do not in AFTER_ITS_END:
        yield refused(entry, fact, rows, "This conversation is resolved; reopen it to work on it.")
    else:
        yield from act(entry, fact, conversation, rows)


def _begin(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    book = rows.centre.playbooks.get(fact.argument)
    if book is None or not book.steps:
        yield refused(entry, fact, rows, f"The centre has no playbook {fact.argument[:60]!r} with steps.")
        return
    run = running(conversation.id, rows)
    if run is not None:
        yield _ended(entry, run, fact.agent, rows)
    yield _began(entry, book, conversation.id, fact.agent, rows)
    yield done(entry, fact, rows, conversation.id)


def _leave(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    run = running(conversation.id, rows)
    if run is None:
        yield refused(entry, fact, rows, "No playbook is under way here.")
        return
    book = playbook_of(run, rows)
    if book is not None and missed(book, run) and forbids_straying(conversation, fact.agent, rows):
        yield refused(entry, fact, rows, f"The policy asks for these steps first: {_told(missed(book, run))}.")
        return
    yield _ended(entry, run, fact.agent, rows)
    yield done(entry, fact, rows, conversation.id)


def _told(steps: tuple[str, ...]) -> str:
    return ", ".join(steps)


def _move(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    run = running(conversation.id, rows)
    number = newest("playbook", run.playbook, rows) if run else 0
    if run is None:
        yield refused(entry, fact, rows, "No playbook is under way here.")
    elif run.playbook not in rows.centre.playbooks:
        yield refused(entry, fact, rows, f"The centre has no playbook {run.playbook!r} any more; it is followed as it was.")
    elif number <= run.edition:
        yield refused(entry, fact, rows, "This conversation follows the newest version already.")
    else:
        moved = PlaybookMoved(conversation.id, run.playbook, number, fact.agent)
        yield follows(entry, moved, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, conversation.id)


def _step(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    run = running(conversation.id, rows)
    book = playbook_of(run, rows) if run else None
    if run is None or book is None:
        yield refused(entry, fact, rows, "No playbook is under way here.")
        return
    steps = dict(zip(step_ids(book), book.steps, strict=True))
    step = steps.get(fact.argument)
    if step is None:
        yield refused(entry, fact, rows, f"This playbook has no step {fact.argument[:60]!r}; it has {', '.join(steps)}.")
    elif why := _obstacle(fact, conversation, book, run, step, rows):
        yield refused(entry, fact, rows, why)
    elif fact.do == "undo_step":
        yield _done_step(entry, fact, conversation, run, {}, rows, undone=True)
        yield done(entry, fact, rows, conversation.id)
    else:
        yield from _do(entry, fact, conversation, book, run, step, rows)


def _obstacle(fact: ActionTaken, conversation: Conversation, book: Playbook, run: Run, step: PlaybookStep, rows: Rows) -> str:
    """Why the step cannot be done or taken back now; "" where it can."""
    agent = rows.centre.agents.get(fact.agent)
    if conversation.agent != fact.agent and not (agent is not None and agent.role in SENIOR):
        return f"not-yours: {fact.agent} does not have this conversation; take it or accept its offer first."
    if fact.do == "undo_step":
        return "" if fact.argument in run.done else "This step is not done."
    if fact.argument in run.done:
        return "This step is done already."
    if not applies(step, run.values):
        return "This step is not asked for, by what was filled in."
    first = before(book, run, fact.argument)
    if first and forbids_straying(conversation, fact.agent, rows):
        return f"The policy asks for these steps first: {_told(first)}."
    return ""


def _do(
    entry: Written, fact: ActionTaken, conversation: Conversation, book: Playbook, run: Run, step: PlaybookStep, rows: Rows
) -> Iterable[New]:
    said = entry.content.values if isinstance(entry.content, Words) else {}
    try:
        values = filled(step, said, run.values)
    except ValueError as wrong:
        yield refused(entry, fact, rows, f"{str(wrong)[:1].upper()}{str(wrong)[1:]}.")
        return
    strayed = bool(before(book, run, fact.argument))
    yield _done_step(entry, fact, conversation, run, values, rows, strayed=strayed)
    deeds = [deed for deed in step.actions if deed.do != "reply"]
    cause = f"playbook:{run.playbook}@{run.edition}"
    all_values = run.values | values
    yield from done_by_itself(entry, deeds, conversation, rows, agent=fact.agent, cause=cause, values=all_values)
    yield done(entry, fact, rows, conversation.id)


def _done_step(
    entry: Written,
    fact: ActionTaken,
    conversation: Conversation,
    run: Run,
    values: dict[str, float | str | bool],
    rows: Rows,
    *,
    undone: bool = False,
    strayed: bool = False,
) -> New:
    step = StepDone(conversation.id, run.playbook, run.edition, fact.argument, fact.agent, undone, strayed)
    content = Values(values) if values else None
    owner = conversation.handle if values else None
    return follows(entry, step, subject=conversation.id, at=rows.now, content=content, owner=owner)


def _task(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    words = entry.content if isinstance(entry.content, Words) else Words()
    to = fact.argument.strip()
    if not words.text.strip():
        yield refused(entry, fact, rows, "A task needs words.")
    elif to and to not in rows.centre.agents and to not in {agent.team for agent in rows.centre.agents.values()}:
        yield refused(entry, fact, rows, f"The centre has no agent and no team {to[:60]}.")
    else:
        task = TaskSet(derived_id(fact.action, "task"), conversation.id, to, fact.agent)
        text = Words(text=words.text)
        yield follows(entry, task, subject=conversation.id, at=rows.now, content=text, owner=conversation.handle)
        yield done(entry, fact, rows, task.task)


def _do_task(entry: Written, fact: ActionTaken, conversation: Conversation, rows: Rows) -> Iterable[New]:
    task = rows.get(Task, read_id(fact.argument))
    if task is None or task.conversation != conversation.id:
        yield refused(entry, fact, rows, "There is no such task.")
    elif task.done_at is not None:
        yield refused(entry, fact, rows, "This task is done already.")
    else:
        ended = TaskSet(task.id, conversation.id, task.to, fact.agent, done=True)
        yield follows(entry, ended, subject=conversation.id, at=rows.now)
        yield done(entry, fact, rows, task.id)


ACTIONS: Mapping[str, Act] = {
    "begin_playbook": _begin,
    "leave_playbook": _leave,
    "move_playbook": _move,
    "do_step": _step,
    "undo_step": _step,
    "task": _task,
    "do_task": _do_task,
}
