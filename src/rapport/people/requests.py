"""Requests: what a person asks by right, until when the law wants it answered, that the time ends, and what became of it."""

from collections.abc import Iterable
from typing import cast

from msgspec.structs import replace

from rapport.ledger.entry import New
from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import PersonErased, Words
from rapport.model.fact_rights import RightAnswered, RightAsked, RightNear
from rapport.model.ids import derived_id
from rapport.model.person import RightRequest
from rapport.model.reply import Reminder

DUE = "right"  # what its reminder is called


def reminder_of(request: bytes) -> bytes:
    """The id of a request's reminder."""
    return derived_id(request, "reminder", DUE)


def falls(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """What is said when a request's time ends, or has ended."""
    request = rows.get(RightRequest, reminder.subject)
    if request is None or request.state != "open" or request.late:
        return
    late = rows.now >= request.due_at
    fact = RightNear(request.id, request.person, late)
    yield New(derived_id(reminder.id, "near", int(late), request.due_at.isoformat()), rows.now, request.person, fact)


def _text(entry: Written) -> str:
    return entry.content.text if isinstance(entry.content, Words) else ""


def _asked(entry: Written, rows: Rows) -> None:
    fact = cast(RightAsked, entry.fact)
    if rows.get(RightRequest, fact.request) is not None:
        return
    rows.put(RightRequest(fact.request, fact.person, fact.kind, entry.at, fact.due_at, fact.by, fact.law, _text(entry)))
    rows.put(Reminder(reminder_of(fact.request), fact.warn_at, DUE, fact.request))


def _answered(entry: Written, rows: Rows) -> None:
    fact = cast(RightAnswered, entry.fact)
    request = rows.get(RightRequest, fact.request)
    if request is None or request.state != "open":
        return
    if fact.state == "extended":
        if request.extended or fact.due_at is None or fact.due_at <= request.due_at:
            return
        rows.put(replace(request, due_at=fact.due_at, extended=True, near=False, late=False, answer=_text(entry)))
        rows.put(Reminder(reminder_of(request.id), fact.warn_at or fact.due_at, DUE, request.id))
        return
    rows.put(replace(request, state=fact.state, closed_at=entry.at, closed_by=fact.by, answer=_text(entry)))
    rows.drop(Reminder, reminder_of(request.id))


def _near(entry: Written, rows: Rows) -> None:
    fact = cast(RightNear, entry.fact)
    request = rows.change(RightRequest, fact.request, near=True, late=fact.late)
    if request is not None and not fact.late:
        rows.put(Reminder(reminder_of(request.id), request.due_at, DUE, request.id))


def erased(entry: Written, rows: Rows) -> None:
    """What becomes of the requests of somebody who was erased: their words go; an erasure was done, the others are ended."""
    fact = cast(PersonErased, entry.fact)
    for request in list(rows.all(RightRequest)):
        if request.person not in fact.persons:
            continue
        gone = replace(request, words="", answer="")
        if request.state == "open":
            state = "done" if request.kind == "erasure" else "ended"
            gone = replace(gone, state=state, closed_at=entry.at, closed_by=fact.by)
            rows.drop(Reminder, reminder_of(request.id))
        rows.put(gone)


FOLDS: Folds = {RightAsked: _asked, RightAnswered: _answered, RightNear: _near}
