"""Swaps: an agent gives their work of a day to another, for theirs of another day or for nothing; legal, agreed, on record."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import cast

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Folds, Rows, Written
from rapport.matching.answers import done, refused
from rapport.matching.duty.legal import SPAN, first_of, newly_wrong, uncovered
from rapport.matching.duty.turns import Turn, everybody, show, turns_from, written_anew
from rapport.matching.holding import bounds_changed, dirty, wake
from rapport.matching.shifts import zone_of
from rapport.matching.strain import has_week, shift_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Thing, read_thing
from rapport.model.fact import ActionTaken
from rapport.model.fact_workforce import ShiftAnswered, ShiftAsked, ShiftsSet
from rapport.model.ids import derived_id, read_id
from rapport.model.reply import Reminder
from rapport.model.shift_ask import ShiftAsk
from rapport.model.today import TODAY, read_today

TOO_LATE = "shift_ask"  # the reminder that what was asked can be answered no more
LONGEST_WHY = 200
FURTHEST = timedelta(days=60)


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `ask_swap` asks for; days as ISO dates, `begin` minutes from midnight. `to` "": whoever agrees."""

    day: str
    begin: int
    to: str = ""
    back_day: str = ""
    back_begin: int = 0


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `answer_swap` says (agree, decline, withdraw), and `decide_swap` (approve, refuse)."""

    ask: str
    do: str
    why: str = ""


_wanted, _answered = msgspec.json.Decoder(Wanted), msgspec.json.Decoder(Answer)
SAYS = {"answer_swap": ("agree", "decline", "withdraw"), "decide_swap": ("approve", "refuse")}


def _ask(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        asked = _asked(_wanted.decode(fact.argument.encode()), fact.agent, derived_id(fact.action, "swap"), rows)
        wrong = "" if not asked.to else not_allowed(asked, rows)
    except (BadInput, msgspec.MsgspecError) as error:
        yield refused(entry, fact, rows, str(error))
        return
    if wrong:
        yield refused(entry, fact, rows, wrong)
        return
    yield follows(entry, asked, subject=asked.ask, at=rows.now)
    yield done(entry, fact, rows, asked.ask)


def _asked(wanted: Wanted, agent: str, id: bytes, rows: Rows) -> ShiftAsked:
    """What is asked for, as a fact. Raises BadInput where there is no such turn, or it is past."""
    centre = rows.centre
    mine = _turn(agent, wanted.day, wanted.begin, rows)
    day = mine.day.isoformat()
    if wanted.to and (wanted.to == agent or wanted.to not in centre.agents or centre.agents[wanted.to].bot):
        raise BadInput(f"There is nobody {wanted.to[:60]!r} to swap with.")
    _check_soon(mine, rows)
    if any(ask.open and ask.agent == agent and ask.day == day and ask.begin == mine.start for ask in rows.all(ShiftAsk)):
        raise BadInput(f"You have asked to swap the shift of {mine.day} already.")
    given = ShiftAsked(id, "swap", agent, wanted.to, day, mine.start, mine.end, mine.begins)
    if not wanted.back_day:
        return given
    if not wanted.to:
        raise BadInput("Whose shift is wanted back? Name somebody.")
    back = _turn(wanted.to, wanted.back_day, wanted.back_begin, rows)
    _check_soon(back, rows)
    return msgspec.structs.replace(given, back_day=back.day.isoformat(), back_begin=back.start, back_end=back.end)


def _check_soon(turn: Turn, rows: Rows) -> None:
    """Raises BadInput where a turn has begun, or is too far away."""
    if not rows.now < turn.begins < rows.now + FURTHEST:
        raise BadInput(f"The shift of {turn.day} has begun, or is more than 60 days away: it cannot be swapped.")


def _turn(agent: str, day: str, begin: int, rows: Rows) -> Turn:
    """The turn that is meant. Raises BadInput."""
    centre = rows.centre
    who = centre.agents.get(agent)
    try:
        at = date.fromisoformat(day)
    except ValueError:
        raise BadInput(f"A day such as 2026-03-03 is needed, got {day[:40]!r}.") from None
    if abs(at - rows.now.date()) > FURTHEST + timedelta(days=1):
        raise BadInput(f"The shift of {at} has begun, or is more than 60 days away: it cannot be swapped.")
    turns = turns_from(agent, shift_of(who, centre), who.timezone or centre.profile.zone, at, 1) if who else []
    for turn in turns:
        if turn.start == begin:
            return turn
    raise BadInput(f"{agent} does not work on {at} at {show(begin)}: the schedule has changed.")


def not_allowed(asked: ShiftAsked | ShiftAsk, rows: Rows) -> str:
    """Why a swap may not be, in words; "" where it may. Raises BadInput where a turn is there no more."""
    centre, day = rows.centre, date.fromisoformat(asked.day)
    for name in (asked.agent, asked.to) if asked.kind == "swap" else (asked.to,):
        if name not in centre.agents:
            return f"The centre has no agent {name[:60]}."
        if _otherwise_today(name, rows):
            return f"The shift of {name} is otherwise for today: end that first."
    given = _turn(asked.agent, asked.day, asked.begin, rows) if asked.kind == "swap" else None
    back = _turn(asked.to, asked.back_day, asked.back_begin, rows) if asked.back_day else None
    if any(turn.begins <= rows.now for turn in (given, back) if turn):
        return f"The shift of {asked.day} has begun: it cannot be swapped."
    after = changed(asked, centre, rows.now)
    days = [day, *([back.day] if back else [])]
    first, count = first_of(min(days)), (max(days) - min(days)).days + 2 * SPAN
    wrong: list[str] = []
    for name, texts in after.items():
        agent = centre.agents[name]
        zone = agent.timezone or centre.profile.zone
        before = turns_from(name, shift_of(agent, centre), zone, first, count)
        anew = shift_of(msgspec.structs.replace(agent, shift=texts), centre)
        wrong += newly_wrong(before, turns_from(name, anew, zone, first, count), centre.profile)
    turns = everybody(centre, first, count)
    for turn, taker in ((given, asked.to), (back, asked.agent)):
        wrong += uncovered(turn, taker, centre, turns) if turn and not wrong else []
    return wrong[0] if wrong else ""


def _otherwise_today(agent: str, rows: Rows) -> bool:
    """Whether it is, at the agent; where no week stands there, also by their team of today, or by a policy of today."""
    thing = rows.get(Thing, f"{TODAY}/agent/{agent}")
    set_today = read_today(thing.body).set.keys() if thing is not None else set()
    if "shift" in set_today or has_week(rows.centre.agents[agent]):
        return "shift" in set_today
    policies = [read_today(one.body).set for one in rows.all(Thing) if one.id.startswith(f"{TODAY}/policy/")]
    return "team" in set_today or any({"shift", "teams"} & fields.keys() for fields in policies)


def changed(asked: ShiftAsked | ShiftAsk, centre: Centre, now: datetime) -> dict[str, tuple[str, ...]]:
    """What would stand at each agent after it; a policy's week stays where it is."""
    today = now.astimezone(zone_of(centre.profile.zone)).date()
    found: dict[str, tuple[str, ...]] = {}

    def move(agent: Agent, day: str, away: tuple[int, int] | None, more: tuple[int, int] | None) -> None:
        texts = found.get(agent.id, agent.shift)
        whole = shift_of(msgspec.structs.replace(agent, shift=texts), centre)
        at = date.fromisoformat(day)
        turns = [(turn.start, turn.end) for turn in turns_from(agent.id, whole, "UTC", at, 1)]
        kept = [one for one in turns if one != away] + ([more] if more else [])
        found[agent.id] = written_anew(texts, at, kept, today)

    turn = (asked.begin, asked.end)
    if asked.kind == "swap":
        move(centre.agents[asked.agent], asked.day, turn, None)
    move(centre.agents[asked.to], asked.day, None, turn)
    if asked.back_day:
        back = (asked.back_begin, asked.back_end)
        move(centre.agents[asked.to], asked.back_day, back, None)
        move(centre.agents[asked.agent], asked.back_day, None, back)
    return found


def _answer(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        said = _answered.decode(fact.argument.encode())
        if said.do not in SAYS[fact.do]:
            raise BadInput(f"An answer is {' or '.join(SAYS[fact.do])}, got {said.do[:40]!r}.")
        ask = _may_answer(rows.get(ShiftAsk, read_id(said.ask)), said, fact.agent, rows)
        yield from _settled(entry, ask, said, fact.agent, rows)
    except (BadInput, msgspec.MsgspecError) as error:
        yield refused(entry, fact, rows, str(error))
        return
    yield done(entry, fact, rows, ask.id)


def _may_answer(ask: ShiftAsk | None, said: Answer, by: str, rows: Rows) -> ShiftAsk:
    """The ask, as it is for who answers. Raises BadInput where it is not theirs to say, or settled."""
    if ask is None or not ask.open:
        raise BadInput("This is settled already.")
    if said.do in ("agree", "decline"):
        if ask.state != "asked" or by == ask.agent or (ask.to and by != ask.to) or by not in rows.centre.agents:
            raise BadInput("Somebody else is asked this, or it is agreed already.")
        return msgspec.structs.replace(ask, to=by) if said.do == "agree" else ask
    if said.do == "withdraw":
        if by != ask.agent:
            raise BadInput("Only who asked can take it back.")
        return ask
    if ask.state != "agreed":
        raise BadInput("Whoever is asked has not agreed yet.")
    return ask


def _settled(entry: Written, ask: ShiftAsk, said: Answer, by: str, rows: Rows) -> Iterable[New]:
    """The facts of an answer: agreed, and where the rules decide or a planner approves, done. Raises BadInput."""
    why = said.why.strip()[:LONGEST_WHY]
    if said.do in ("decline", "withdraw", "refuse"):
        state = {"decline": "declined", "withdraw": "withdrawn", "refuse": "refused"}[said.do]
        if said.do == "decline" and not ask.to:
            raise BadInput("It was put to everybody: leave it to the others.")
        yield _told(entry, ShiftAnswered(ask.id, state, by, ask.to, why), rows)
        return
    if wrong := not_allowed(ask, rows):
        raise BadInput(wrong)
    if said.do == "agree":
        yield _told(entry, ShiftAnswered(ask.id, "agreed", by, ask.to, why), rows)
        if ask.kind == "swap" and rows.centre.profile.swaps != "rules":
            return
    decided = by if said.do == "approve" else ""
    for nth, (agent, shift) in enumerate(changed(ask, rows.centre, rows.now).items()):
        if shift_of(rows.centre.agents[agent], rows.centre):  # who has none may work at any time, and still may
            yield follows(entry, ShiftsSet(agent, shift, decided), subject=ask.id, at=rows.now, nth=nth)
    yield _told(entry, ShiftAnswered(ask.id, "done", decided, ask.to, why), rows, nth=1)


def _told(entry: Written, fact: ShiftAnswered, rows: Rows, nth: int = 0) -> New:
    return follows(entry, fact, subject=fact.ask, at=rows.now, nth=nth)


def too_late(reminder: Reminder, rows: Rows) -> Iterable[New]:
    """The time of what was asked has come, and nothing became of it."""
    ask = rows.get(ShiftAsk, reminder.subject)
    if ask is not None and ask.open:
        id = derived_id(reminder.id, ShiftAnswered.number)
        yield New(id, rows.now, ask.id, ShiftAnswered(ask.id, "over", "", ask.to))


# ---- views


def _asked_folded(entry: Written, rows: Rows) -> None:
    fact = cast(ShiftAsked, entry.fact)
    said = {name: getattr(fact, name) for name in fact.__struct_fields__ if name != "ask"}
    rows.put(ShiftAsk(id=fact.ask, at=entry.at, **said))
    rows.put(Reminder(derived_id(fact.ask, TOO_LATE), fact.until, TOO_LATE, fact.ask))


def _answered_folded(entry: Written, rows: Rows) -> None:
    fact = cast(ShiftAnswered, entry.fact)
    ask = rows.change(ShiftAsk, fact.ask, state=fact.state, by=fact.by, why=fact.why, to=fact.to, answered_at=entry.at)
    if ask is not None and not ask.open:
        rows.drop(Reminder, derived_id(fact.ask, TOO_LATE))


def _shifts_set(entry: Written, rows: Rows) -> None:
    """What stands at the agent, with these shifts; of an agent who was removed nothing is."""
    fact = cast(ShiftsSet, entry.fact)
    thing = rows.get(Thing, f"agent/{fact.agent}")
    if thing is None:
        return
    agent = msgspec.structs.replace(cast(Agent, read_thing("agent", thing.body)), shift=fact.shift)
    rows.put(Thing(thing.id, msgspec.json.encode(agent), entry.at))
    bounds_changed(rows, "agent", fact.agent)
    dirty(rows, fact.agent)
    wake(rows, fact.agent, entry.at)


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {
    "ask_swap": _ask,
    "answer_swap": _answer,
    "decide_swap": _answer,
}
FOLDS: Folds = {ShiftAsked: _asked_folded, ShiftAnswered: _answered_folded, ShiftsSet: _shifts_set}
