"""The view of playbooks: editions of what was set, runs in conversations, tasks."""

from typing import cast

from msgspec.structs import replace

from rapport.conversations.playbooks.editions import VERSIONED, edition_id, newest
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import CentreSet, Words
from rapport.model.fact_work import PlaybookBegun, PlaybookLeft, PlaybookMoved, StepDone, TaskSet, Values
from rapport.model.playbook import Edition, Run, Task


def _set(entry: Written, rows: Rows) -> None:
    fact = cast(CentreSet, entry.fact)
    if fact.thing not in VERSIONED:
        return
    number = newest(fact.thing, fact.name, rows)
    last = rows.get(Edition, edition_id(fact.thing, fact.name, number))
    if last is None or last.body != fact.body:
        rows.put(Edition(edition_id(fact.thing, fact.name, number + 1), fact.body, entry.at))


def _begun(entry: Written, rows: Rows) -> None:
    fact = cast(PlaybookBegun, entry.fact)
    rows.put(Run(fact.conversation, fact.playbook, fact.edition, entry.at, fact.by))


def _step_done(entry: Written, rows: Rows) -> None:
    fact = cast(StepDone, entry.fact)
    run = rows.get(Run, fact.conversation)
    if run is None:
        return
    values = entry.content.values if isinstance(entry.content, Values) else {}
    done = {step: by for step, by in run.done.items() if step != fact.step}
    strayed = tuple(step for step in run.strayed if step != fact.step)
    if not fact.undone:
        done[fact.step] = fact.by, entry.at.isoformat()
        strayed = (*strayed, fact.step) if fact.strayed else strayed
    rows.put(replace(run, done=done, strayed=strayed, values=run.values | values))


def _moved(entry: Written, rows: Rows) -> None:
    fact = cast(PlaybookMoved, entry.fact)
    rows.change(Run, fact.conversation, edition=fact.edition)


def _left(entry: Written, rows: Rows) -> None:
    fact = cast(PlaybookLeft, entry.fact)
    rows.change(Run, fact.conversation, ended_at=entry.at, missed=fact.missed)


def _task(entry: Written, rows: Rows) -> None:
    fact = cast(TaskSet, entry.fact)
    if fact.done:
        rows.change(Task, fact.task, done_at=entry.at, done_by=fact.by)
        return
    text = entry.content.text if isinstance(entry.content, Words) else ""
    rows.put(Task(fact.task, fact.conversation, text, fact.to, entry.at, fact.by))


FOLDS: Folds = {
    CentreSet: _set,
    PlaybookBegun: _begun,
    StepDone: _step_done,
    PlaybookMoved: _moved,
    PlaybookLeft: _left,
    TaskSet: _task,
}
