"""A roster is taken over: the shifts of some days to come stand at the agents from then on, if they are legal."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import blake2b

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.answers import done, refused
from rapport.matching.duty.legal import SPAN, first_of, newly_wrong
from rapport.matching.duty.turns import at_wall, leave_of, turns_from, turns_of, written_anew
from rapport.matching.shifts import DAY, zone_of
from rapport.matching.strain import shift_of
from rapport.model.agent import Agent
from rapport.model.centre import Centre, Thing
from rapport.model.fact import ActionTaken
from rapport.model.fact_workforce import ShiftsSet
from rapport.model.today import TODAY, read_today

MOST_DAYS = 14
Turns = tuple[tuple[str, int, int], ...]


class Rostered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `take_roster` asks for: `days` as ISO dates, and by agent (day, begin, end), minutes by the agent's own clock.

    Who is named works on these days as it says and not otherwise; nobody else changes. The days are those of the centre: what
    begins on one of them there may begin on the day before or after where the agent is. `stood`: of each agent what
    `as_it_stands` gave when the roster was made; whose shifts are others now is not overwritten.
    """

    days: tuple[str, ...]
    turns: dict[str, Turns]
    stood: dict[str, str] = {}


_read = msgspec.json.Decoder(Rostered)


def _take(entry: Written, fact: ActionTaken, rows: Rows) -> Iterable[New]:
    try:
        asked = _read.decode(fact.argument.encode())
        shifts = rostered(asked, rows.centre, rows.now.astimezone(zone_of(rows.centre.profile.zone)).date())
        _check_today(shifts, rows)
    except (BadInput, msgspec.MsgspecError) as error:
        yield refused(entry, fact, rows, str(error))
        return
    for nth, (agent, shift) in enumerate(shifts.items()):
        yield follows(entry, ShiftsSet(agent, shift, fact.agent), subject=fact.action, at=rows.now, nth=nth)
    yield done(entry, fact, rows, None)


def _check_today(names: Iterable[str], rows: Rows) -> None:
    """Raises BadInput where somebody's shift is otherwise for today: it would stay so."""
    for name in names:
        thing = rows.get(Thing, f"{TODAY}/agent/{name}")
        if thing is not None and "shift" in read_today(thing.body).set:
            raise BadInput(f"The shift of {name} is otherwise for today: end that first.")


def rostered(asked: Rostered, centre: Centre, today: date) -> dict[str, tuple[str, ...]]:
    """What would stand at each agent. Raises BadInput where a day is none, past or far away, or a rule would be broken."""
    days = _days(asked.days, today)
    found: dict[str, tuple[str, ...]] = {}
    for name, turns in asked.turns.items():
        agent = centre.agents.get(name)
        if agent is None or agent.bot:
            raise BadInput(f"The centre has no agent {name[:60]}.")
        texts = _anew(agent, turns, days, centre, today)
        if sorted(texts) != sorted(agent.shift) and asked.stood.get(name, now := as_it_stands(agent, centre, days)) != now:
            raise BadInput(f"The shifts of {name} have changed since this roster was made: make it again.")
        if wrong := _wrong(agent, texts, days, centre):
            raise BadInput(wrong)
        found[name] = texts
    return found


def breaks(agent: Agent, turns: Turns, days: Sequence[date], centre: Centre, today: date) -> str:
    """The rule that these turns of an agent would break if they were taken over, in words; "" where they may be."""
    try:
        return _wrong(agent, _anew(agent, turns, days, centre, today), days, centre)
    except BadInput as wrong:
        return str(wrong)


def _anew(agent: Agent, turns: Turns, days: Sequence[date], centre: Centre, today: date) -> tuple[str, ...]:
    """What would stand at an agent; the week of a policy stays where it is. Raises BadInput."""
    by = _beside(agent, days, centre)
    was = {day: list(each) for day, each in by.items()}
    leave = leave_of(agent.shift)
    for said, begin, end in turns:
        day = next((one for one in by if one.isoformat() == said), None)
        if (
            day is None
            or not 0 <= begin < DAY
            or not begin < end <= begin + DAY
            or _day_of(agent, day, begin, centre) not in days
        ):
            raise BadInput(f"The shift of {agent.id} on {said[:20]} is not within the days of the roster.")
        if day in leave:
            raise BadInput(f"{agent.id} is away on {day}, and the roster has a shift for them.")
        by[day].append((begin, end))
    texts = agent.shift
    for day, each in by.items():
        if day in days or each != was[day] or len(each) != len(_stands(agent, day, centre)):
            texts = written_anew(texts, day, each, today)
    return texts


def _beside(agent: Agent, days: Sequence[date], centre: Centre) -> dict[date, list[tuple[int, int]]]:
    """The days of an agent that these days of the centre touch, each with what begins on other days of the centre and stays."""
    found: dict[date, list[tuple[int, int]]] = {day: [] for day in days}
    if (agent.timezone or centre.profile.zone) != centre.profile.zone:
        found = {day + timedelta(days=n): [] for n in (-1, 0, 1) for day in days}
    for day in found:
        found[day] = [one for one in _stands(agent, day, centre) if _day_of(agent, day, one[0], centre) not in days]
    return found


def _stands(agent: Agent, day: date, centre: Centre) -> list[tuple[int, int]]:
    """What an agent works on a day of theirs, as minutes."""
    return [(turn.start, turn.end) for turn in turns_of(agent, centre, day, 1)]


def _day_of(agent: Agent, day: date, minute: int, centre: Centre) -> date:
    """On which day of the centre it is so many minutes after the midnight of an agent's day."""
    return at_wall(day, minute, agent.timezone or centre.profile.zone).astimezone(zone_of(centre.profile.zone)).date()


def as_it_stands(agent: Agent, centre: Centre, days: Iterable[date]) -> str:
    """A digest of what is written of an agent's week and of the days that these touch, in hexadecimal."""
    names = {f"{day}" for day in _beside(agent, list(days), centre)}
    texts = [text for one in shift_of(agent, centre) if not (text := one.strip())[:1].isdigit() or text[:10] in names]
    return blake2b("\n".join(sorted(texts)).encode(), digest_size=6).hexdigest()


def _days(said: Iterable[str], today: date) -> list[date]:
    try:
        days = sorted({date.fromisoformat(text) for text in said})
    except ValueError:
        raise BadInput("The days of a roster are written as 2026-03-03.") from None
    if not 0 < len(days) <= MOST_DAYS or not today < days[0] or days[-1] > today + timedelta(days=60):
        raise BadInput(f"A roster is for 1 to {MOST_DAYS} days, from tomorrow on, at most 60 days ahead.")
    return days


def _wrong(agent: Agent, texts: tuple[str, ...], days: Sequence[date], centre: Centre) -> str:
    """The first rule that would be broken and was not so far; "" where none is."""
    zone, first = agent.timezone or centre.profile.zone, first_of(days[0])
    count = (days[-1] - first).days + SPAN
    anew = msgspec.structs.replace(agent, shift=texts)
    before, after = (turns_from(agent.id, shift_of(one, centre), zone, first, count) for one in (agent, anew))
    return next(iter(newly_wrong(before, after, centre.profile)), "")


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"take_roster": _take}
