"""What is otherwise for today: a plan, an agent or a policy, until a time at which it ends by itself.

The piece stays as it was set; `model.centre.read_centre` lays what is otherwise over it. Whoever waits in a step of a plan that
changes stays in it, and is widened when the step's new time has passed since it began.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Step, Written
from rapport.matching.answers import done, refused
from rapport.matching.holding import bounds_changed, dirty, wake
from rapport.matching.offering import widened
from rapport.matching.plan import plan_called, step_of, until
from rapport.matching.sound import refuse_unsound
from rapport.model.centre import Thing, read_thing, thing_today
from rapport.model.fact import ActionTaken, Fact, TodayChanged, TodayEnded
from rapport.model.ids import derived_id
from rapport.model.need import Need, Plan
from rapport.model.reply import Reminder
from rapport.model.today import FIELDS, MAY_BE_NEW, TODAY, Today, body_today, read_today

LONGEST = timedelta(days=7)
LONGEST_WHY = 200  # characters
MOST_RETIMED = 5_000  # needs whose step is given another end at once


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `change_today` asks for; `until` an ISO time, in the centre's zone where it names none."""

    thing: str
    name: str
    set: dict[str, Any]  # Any: JSON of the piece's fields
    until: str
    why: str


_asked = msgspec.json.Decoder(Asked)


def _change(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        today = otherwise(_asked.decode(fact.argument.encode()), fact.agent, rows)
    except (BadInput, msgspec.MsgspecError) as wrong:
        yield refused(entry, fact, rows, str(wrong))
        return
    changed = TodayChanged(today.id, msgspec.json.encode(today))
    yield follows(entry, changed, subject=reminded_of(today.id), at=rows.now)
    yield done(entry, fact, rows, None)


def otherwise(asked: Asked, by: str, rows: Rows) -> Today:
    """What is to be otherwise. Raises BadInput or msgspec.ValidationError where it cannot be, naming the field."""
    id = f"{asked.thing}/{asked.name}"
    body = _body(id, rows)
    _refuse(asked, id, body, rows)
    ends = _time(asked.until, rows)
    was = msgspec.json.decode(body) if body else {}
    today = Today(
        id, asked.set, {field: was.get(field) for field in asked.set}, by, asked.why.strip()[:LONGEST_WHY], rows.now, ends
    )
    refuse_unsound(asked.thing, read_thing(asked.thing, body_today(body, today)), rows.centre)
    return today


def _refuse(asked: Asked, id: str, body: bytes | None, rows: Rows) -> None:
    fields = FIELDS.get(asked.thing)
    if fields is None:
        raise BadInput(f"for today one of {', '.join(FIELDS)} can be changed, got {asked.thing[:40]!r}")
    if not asked.name or (body is None and asked.thing not in MAY_BE_NEW):
        raise BadInput(f"there is no {asked.thing} {asked.name[:60]!r} in this centre")
    wrong = sorted(set(asked.set) - fields)
    if wrong or not asked.set:
        raise BadInput(
            f"for today one of {', '.join(sorted(fields))} can be changed, got {', '.join(wrong)[:60] or 'nothing'!r}"
        )
    if not asked.why.strip():
        raise BadInput("a change for today needs a reason, which everybody reads beside it")
    if (lasting := _lasting(id, rows)) is not None:
        raise BadInput(f"{lasting.by} has changed {id} for today already; end that first")


def _time(text: str, rows: Rows) -> datetime:
    """When it ends. Raises BadInput."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(rows.centre.profile.zone))
    except (ValueError, ZoneInfoNotFoundError):
        raise BadInput(f"a time such as 2026-03-03T22:00 is needed, got {text[:40]!r}") from None
    if not rows.now < at <= rows.now + LONGEST:
        raise BadInput(f"it must end within seven days from now, got {text[:40]}")
    return at


def _body(id: str, rows: Rows) -> bytes | None:
    thing = rows.get(Thing, id)
    return thing.body if thing else None


def _lasting(id: str, rows: Rows) -> Today | None:
    body = _body(f"{TODAY}/{id}", rows)
    return read_today(body) if body is not None else None


def reminded_of(id: str) -> bytes:
    """What the reminder of its end, and the facts of it, are about."""
    return derived_id(bytes(16), TODAY, id)


def _end(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    today = _lasting(fact.argument.strip(), rows)
    if today is None:
        yield refused(entry, fact, rows, f"Nothing is otherwise of {fact.argument.strip()[:60]} today.")
        return
    yield follows(entry, _ended(today, fact.agent), subject=reminded_of(today.id), at=rows.now)
    yield done(entry, fact, rows, None)


def _ended(today: Today, by: str = "") -> TodayEnded:
    return TodayEnded(today.id, msgspec.json.encode(today), by)


def over(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """The time of what is otherwise has come: it ends."""
    for thing in list(rows.all(Thing)):
        name = thing.id.removeprefix(f"{TODAY}/")
        if name == thing.id or reminded_of(name) != reminder.subject:
            continue
        today = read_today(thing.body)
        if today.until <= rows.now:
            id = derived_id(reminder.id, TodayEnded.number, int(reminder.at.timestamp() * 1000))
            yield New(id, rows.now, reminder.subject, _ended(today))


# ---- who waits in a plan that changes


def _retimed(entry: Written, rows: Rows) -> Iterable[New]:
    """The ends of the steps of those who wait, moved as their plan has changed."""
    fact = cast("TodayChanged | TodayEnded", entry.fact)
    today = read_today(fact.body)
    if today.kind != "plan":
        return
    base = cast("Plan | None", thing_today("plan", _body(today.id, rows), None))
    otherwise = cast("Plan | None", thing_today("plan", _body(today.id, rows), today))
    before = base if isinstance(fact, TodayChanged) else otherwise
    if before is None or today.name not in rows.centre.plans:
        return
    waiting = sorted((need for need in rows.all(Need) if need.plan == today.name), key=lambda need: (need.since, need.id))
    for need in waiting[:MOST_RETIMED]:
        is_asked_anew = need.step_until is not None and need.step >= len(before.steps) - 1
        ends = _ends(need, before, plan_called(rows.centre, need.plan, need.slot), rows.now)
        if not is_asked_anew and ends != need.step_until:
            yield widened(need, need.step, ends, rows)


def _ends(need: Need, before: Plan, after: Plan, now: datetime) -> datetime | None:
    """When the step of a need ends by the plan as it is now, counted from when the step began."""
    began = need.step_until - timedelta(seconds=step_of(before, need.step).seconds) if need.step_until else now
    return until(after, need.step, began)


# ---- views


def _changed(entry: Written, rows: Rows) -> None:
    fact = cast(TodayChanged, entry.fact)
    today = read_today(fact.body)
    rows.put(Thing(f"{TODAY}/{today.id}", fact.body, entry.at))
    rows.put(Reminder(derived_id(reminded_of(today.id), "end"), today.until, TODAY, reminded_of(today.id)))
    _bound_anew(today, entry.at, rows)


def _ended_now(entry: Written, rows: Rows) -> None:
    fact = cast(TodayEnded, entry.fact)
    rows.drop(Thing, f"{TODAY}/{fact.name}")
    rows.drop(Reminder, derived_id(reminded_of(fact.name), "end"))
    _bound_anew(read_today(fact.body), entry.at, rows)


def _bound_anew(today: Today, at: datetime, rows: Rows) -> None:
    bounds_changed(rows, today.kind, today.name)
    if today.kind == "agent":
        dirty(rows, today.name)
        wake(rows, today.name, at)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"change_today": _change, "end_today": _end}
STEPS: Mapping[type[Fact], Step] = {TodayChanged: _retimed, TodayEnded: _retimed}
FOLDS: Folds = {TodayChanged: _changed, TodayEnded: _ended_now}
