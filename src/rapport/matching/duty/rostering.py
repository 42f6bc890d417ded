"""A roster is taken over: the shifts of some days to come stand at the agents from then on, if they are legal."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from hashlib import blake2b

import msgspec

from rapport.errors import BadInput
from rapport.ledger.entry import New, follows
from rapport.ledger.views import Rows, Written
from rapport.matching.answers import done, refused
from rapport.matching.duty.legal import SPAN, first_of, newly_wrong
from rapport.matching.duty.turns import leave_of, turns_from, written_anew
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

    Who is named works on these days as it says and not otherwise; nobody else changes. `stood`: of each agent what
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
        by: dict[date, list[tuple[int, int]]] = {day: [] for day in days}
        for day, begin, end in turns:
            at = next((one for one in days if one.isoformat() == day), None)
            if at is None or not 0 <= begin < DAY or not begin < end <= begin + DAY:
                raise BadInput(f"The shift of {name} on {day[:20]} is not within the days of the roster.")
            by[at].append((begin, end))
        texts = agent.shift  # the week of a policy stays where it is
        for of, each in by.items():
            if each and of in leave_of(agent.shift):
                raise BadInput(f"{name} is away on {of}, and the roster has a shift for them.")
            texts = written_anew(texts, of, each, today)
        if sorted(texts) != sorted(agent.shift) and asked.stood.get(name, now := as_it_stands(agent, centre, days)) != now:
            raise BadInput(f"The shifts of {name} have changed since this roster was made: make it again.")
        if wrong := _wrong(agent, texts, days, centre):
            raise BadInput(wrong)
        found[name] = texts
    return found


def as_it_stands(agent: Agent, centre: Centre, days: Iterable[date]) -> str:
    """A digest of what is written of an agent's week and of these days, in hexadecimal."""
    names = {f"{day}" for day in days}
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


def _wrong(agent: Agent, texts: tuple[str, ...], days: list[date], centre: Centre) -> str:
    """The first rule that would be broken and was not so far; "" where none is."""
    zone, first = agent.timezone or centre.profile.zone, first_of(days[0])
    count = (days[-1] - first).days + SPAN
    anew = msgspec.structs.replace(agent, shift=texts)
    before, after = (turns_from(agent.id, shift_of(one, centre), zone, first, count) for one in (agent, anew))
    return next(iter(newly_wrong(before, after, centre.profile)), "")


ACTIONS: Mapping[str, Callable[[Written, ActionTaken, Rows], Iterable[New]]] = {"take_roster": _take}
