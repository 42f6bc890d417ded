"""What journey events and messages teach us of a person: the built-in knowledge, and the centre's own signals.

Names that matching and pages may count on, all attributes of a person:
* `interests`: a list of names such as `running`; one mention is enough.
* `topics`: levels in [0, 1] by name, such as `money-management`; each mention takes the level 35 % of the way to 1, so one
  question says little (0.35) and the fifth in a row much (0.88).
* `agents`: a list of agents who worked with the person as another department tells; it is folded into `Person.agents`.
* whatever a centre's signals set.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from rapport.model.attribute import Value
from rapport.model.centre import Centre, Signal
from rapport.model.person import JourneyEvent, Person
from rapport.people.attributes import held, merged, read_value
from rapport.people.lexicon import NAMED_KEYS, UNDONE, plain, slug, spoken_of, texts_of

GROWTH = 0.35
ENOUGH = 0.97  # a level above this is not worth another fact
LASTS = timedelta(days=180)
MOST_TEXT = 2000


class Learnt(msgspec.Struct, frozen=True):
    """One attribute as it stands after something was learnt; `source` says from what."""

    name: str
    value: Value
    source: str
    confidence: float = 1.0
    expires: datetime | None = None


def from_message(text: str, person: Person | None, at: datetime) -> list[Learnt]:
    """What the words of a message teach us of who wrote them."""
    spoken = spoken_of(text[:MOST_TEXT])
    if not spoken:
        return []
    return _grown(_by_attribute((known.attribute, known.name) for known in spoken), person, at, "message", 0.7)


def from_event(
    event: JourneyEvent, events: Iterable[JourneyEvent], person: Person | None, at: datetime, centre: Centre
) -> list[Learnt]:
    """What a journey event teaches us; `events` are the person's latest, `event` among them.

    Of what was undone, such as an order that was cancelled, the centre's signals alone learn.
    """
    learnt = [] if UNDONE.search(_words(event.kind)) else _built_in(event, person, at, centre)
    taken = {one.name: one.value for one in learnt}
    for signal in centre.signals.values():
        if signal.enabled and not signal.words and _is_of(event, signal) and _holds(signal, events, at):
            for name, value in set_by(signal, person, at, taken):
                taken[name] = value
                learnt = [one for one in learnt if one.name != name]
                learnt.append(Learnt(name, value, f"signal:{signal.id}", 1.0, at + timedelta(days=signal.expires_days)))
    return learnt


def _built_in(event: JourneyEvent, person: Person | None, at: datetime, centre: Centre) -> list[Learnt]:
    names = {(known.attribute, known.name) for known in spoken_of(_said(event), in_event=True)} | set(_named(event.data))
    learnt = _grown(_by_attribute(sorted(names)), person, at, f"event:{event.kind}", 0.8)
    colleagues = _agents_in(event.data, centre)
    if colleagues:
        learnt.append(Learnt("agents", colleagues, f"event:{event.kind}"))
    return learnt


def _said(event: JourneyEvent) -> str:
    return f"{_words(event.kind)} {' '.join(texts_of(event.data))}"[:MOST_TEXT]


def _words(kind: str) -> str:
    return plain(kind).replace(".", " ").replace("_", " ").replace("-", " ")


def _named(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:  # Any: plain JSON
    for key, value in data.items():
        attribute = NAMED_KEYS.get(plain(key))
        if attribute:
            for text in texts_of(value):
                if name := slug(text):
                    yield attribute, name


def _by_attribute(names: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for attribute, name in names:
        found.setdefault(attribute, []).append(name)
    return found


def _grown(names: Mapping[str, list[str]], person: Person | None, at: datetime, source: str, confidence: float) -> list[Learnt]:
    learnt = []
    for attribute, new in names.items():
        before = held(person, attribute, at)
        old = before.value if before else None
        value: Value
        if attribute == "interests":
            value = merged(old if isinstance(old, list) else None, new)
        else:
            levels = old if isinstance(old, dict) else {}
            grown = {name: 1 - (1 - levels.get(name, 0.0)) * (1 - GROWTH) for name in new if levels.get(name, 0.0) < ENOUGH}
            value = {**levels, **{name: round(level, 4) for name, level in grown.items()}}
        if value != old:
            learnt.append(Learnt(attribute, value, source, confidence, at + LASTS))
    return learnt


def _agents_in(data: Mapping[str, Any], centre: Centre) -> list[str]:  # Any: plain JSON
    """The agents that an event names, by their id or their full name."""
    named = {plain(text) for value in data.values() for text in texts_of(value) if len(text) <= 80}
    if not named:
        return []
    return [a.id for a in centre.agents.values() if plain(a.id) in named or (a.name and plain(a.name) in named)]


def _is_of(event: JourneyEvent, signal: Signal) -> bool:
    if signal.event.endswith("*"):
        return event.kind.startswith(signal.event[:-1])
    return event.kind == signal.event


def _holds(signal: Signal, events: Iterable[JourneyEvent], at: datetime) -> bool:
    """Whether enough of the latest events of its kind say what the signal asks."""
    since = at - timedelta(days=signal.days)
    of_kind = sorted((e for e in events if _is_of(e, signal) and e.at >= since), key=lambda e: e.at, reverse=True)
    return sum(all(_says(e.data.get(k), v) for k, v in signal.where.items()) for e in of_kind[: signal.last]) >= signal.at_least


def _says(value: Any, wanted: str) -> bool:  # Any: plain JSON
    if isinstance(value, list):
        return any(_says(item, wanted) for item in value)
    if isinstance(value, bool):
        return plain(wanted) == ("true" if value else "false")
    return value is not None and plain(str(value)) == plain(wanted)


def set_by(signal: Signal, person: Person | None, at: datetime, taken: Mapping[str, Value]) -> Iterable[tuple[str, Value]]:
    """What a signal that holds changes, beside what was `taken` from the same entry already."""
    half = timedelta(days=signal.expires_days / 2)
    for name, raw in signal.set.items():
        before = held(person, name, at)
        old = taken.get(name, before.value if before else None)
        value = merged(old, read_value(raw) or raw)
        fresh = before is not None and (before.expires is None or before.expires - at > half)
        if value != old or not fresh:
            yield name, value
