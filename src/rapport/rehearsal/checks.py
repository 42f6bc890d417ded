"""Names in a rehearsal that must name something: messages, persons, agents, networks, deeds and states."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from rapport.centre.tables import nearest
from rapport.centre.things import Things
from rapport.errors import CentreError
from rapport.model.conversation import State
from rapport.model.fact import ACTIONS
from rapport.rehearsal.networks import KIND_OF
from rapport.rehearsal.tables import (
    JUDGED,
    ActionTable,
    CrowdTable,
    EventTable,
    ExpectTable,
    MessageTable,
    PersonTable,
)

OF_PRESENCE = frozenset({"go_online", "go_away", "go_busy", "go_offline"})
UPON_NOTHING = OF_PRESENCE | {
    "set_presence",
    "change_today",
    "end_today",
    "answer_burst",
    "ask_swap",
    "answer_swap",
    "decide_swap",
    "take_roster",
}
DEEDS = ACTIONS - {"retry", "read", "answer_back", "whisper_back", "seen_tellings"}
OF_ALL = frozenset({"messages_sent", "served_share", "burst"})


@dataclass(frozen=True, slots=True)
class Names:
    """What one tenant's tables may name."""

    messages: tuple[str, ...]
    persons: dict[str, PersonTable]
    agents: frozenset[str]
    crowds: frozenset[str]
    elsewhere: tuple[str, ...] = ()  # messages of other tenants, whose conversations may be handed over to this one


def names_of(
    tenant: str,
    things: Mapping[str, Things],
    persons: Iterable[PersonTable],
    messages: Iterable[MessageTable],
    crowds: Iterable[CrowdTable],
) -> Names:
    """The names of one tenant. Raises CentreError where two messages or persons share one."""
    everything = tuple(messages)
    takes = any(kind == "agreement" for kind, _ in things.get(tenant, {}))
    mine = [message for message in everything if message.tenant == tenant]
    known = [person for person in persons if person.tenant == tenant]
    for table in _repeated(mine) or _repeated(known):
        raise CentreError(f"{table.place}: id {table.id!r} is there twice; give each one its own")
    return Names(
        messages=tuple(message.id for message in mine),
        persons={person.id: person for person in known},
        agents=frozenset(name for kind, name in things.get(tenant, {}) if kind == "agent"),
        crowds=frozenset(crowd.id for crowd in crowds if crowd.tenant == tenant),
        elsewhere=tuple(message.id for message in everything if message.tenant != tenant) if takes else (),
    )


def _repeated(tables: Sequence[MessageTable | PersonTable]) -> list[MessageTable | PersonTable]:
    counted = Counter(table.id for table in tables)
    return [table for table in tables if counted[table.id] > 1][1:2]


def _must_be(word: str, known: Collection[str], place: str, what: str) -> None:
    if word not in known:
        raise CentreError(f"{place}: there is no {what} {word!r}; {nearest(word, known)}")


def handle_of(names: Names, sender: str, network: str) -> str:
    """The handle that a table names: one written out, a person's on that network (else their first), or a bare name on it."""
    person = names.persons.get(sender)
    if person is not None:
        own = [handle for handle in person.handles if handle.startswith(f"{network}:")]
        return (own or list(person.handles) or [f"{network}:{sender}"])[0]
    return sender if ":" in sender else f"{network}:{sender}"


def checked_person(person: PersonTable) -> PersonTable:
    """A person whose handles are all written `network:name`."""
    for handle in person.handles:
        network, colon, name = handle.partition(":")
        if not (network and colon and name):
            raise CentreError(f"{person.place}: handle {handle!r} names no network; write it as mastodon:@guest@example.social")
    return person


def checked_event(event: EventTable, names: Names) -> EventTable:
    """An event whose person is a handle."""
    if not event.person and len(names.persons) == 1:
        event = replace(event, person=next(iter(names.persons)))
    if ":" not in event.person:
        _must_be(event.person, names.persons, event.place, "person")
    return replace(event, person=handle_of(names, event.person, "person"))


def checked_message(message: MessageTable, names: Names) -> MessageTable:
    """A message whose sender is a handle."""
    _must_be(message.channel, KIND_OF, message.place, "network")
    if message.in_reply_to:
        _must_be(message.in_reply_to, names.messages, message.place, "message")
    return replace(message, sender=handle_of(names, message.sender, message.channel))


def checked_crowd(crowd: CrowdTable) -> CrowdTable:
    """A crowd that can be made."""
    _must_be(crowd.channel, KIND_OF, crowd.place, "network")
    if not 0 < crowd.count <= 100_000:
        raise CentreError(f"{crowd.place}: count is {crowd.count}; write 1 to 100000")
    if not 0 <= crowd.known_share <= 1:
        raise CentreError(f"{crowd.place}: known_share is {crowd.known_share:g}; write a share from 0 to 1")
    if crowd.over < timedelta(0):
        raise CentreError(f'{crowd.place}: over is negative; write how long the crowd takes, as over = "10m"')
    for language in crowd.languages if not crowd.templates else ():
        _must_be(language, ("es", "en"), crowd.place, "built-in text in language")
    return crowd


def checked_action(action: ActionTable, names: Names) -> ActionTable:
    """An action by an agent who is there, upon a message that is there."""
    _must_be(action.do, DEEDS, action.place, "deed")
    _must_be(action.agent, names.agents, action.place, "agent")
    if action.do == "change_today" and action.until is None:
        raise CentreError(f'{action.place}: change_today needs an end; add until = "2h", counted from the start')
    if action.do in UPON_NOTHING:
        return action
    if action.do == "snooze" and action.until is None:
        raise CentreError(f'{action.place}: snooze needs a time; add until = "2h", counted from the start')
    if action.do == "reply" and not action.text.strip():
        raise CentreError(f'{action.place}: reply needs what is said; add text = "..."')
    return replace(action, message=_message(action.message, names, action.place))


def _message(named: str, names: Names, place: str) -> str:
    if named:
        _must_be(named, (*names.messages, *names.elsewhere), place, "message")
        return named
    if len(names.messages) != 1:
        said = f"one of {', '.join(names.messages)}" if names.messages else "there is none; add a [[message]]"
        raise CentreError(f"{place}: message is left out, which is only clear where there is one; name {said}")
    return names.messages[0]


def checked_expect(expect: ExpectTable, names: Names) -> ExpectTable:
    """An expectation that asks something of what is there."""
    asked = [name for name in JUDGED if getattr(expect, name) is not None]
    if not asked:
        raise CentreError(f"{expect.place}: nothing is expected; add one of {', '.join(JUDGED)}")
    _check_values(expect, names)
    if expect.message or not set(asked) <= OF_ALL:
        expect = replace(expect, message=_message(expect.message, names, expect.place))
    for other in (expect.same_conversation_as, expect.same_person_as):
        if other is not None:
            _must_be(other, names.messages, expect.place, "message")
    return expect


def _check_values(expect: ExpectTable, names: Names) -> None:
    for agent in (*one_or_more(expect.offered_to), *one_or_more(expect.not_offered_to)):
        _must_be(agent, names.agents, expect.place, "agent")
    if expect.state is not None:
        _must_be(expect.state, list(State), expect.place, "state")
    if expect.crowd:
        _must_be(expect.crowd, names.crowds, expect.place, "crowd")
    if expect.burst is not None:
        _must_be(expect.burst, ("real", "brigade", "none"), expect.place, "kind of burst")
    for name in ("urgency_at_least", "served_share"):
        value = getattr(expect, name)
        if value is not None and not 0 <= value <= 1:
            raise CentreError(f"{expect.place}: {name} is {value:g}; write a share from 0 to 1")
    if expect.within is not None and expect.served_share is None:
        raise CentreError(f"{expect.place}: within belongs to served_share; for one message write offered_within")
    if expect.after is not None and expect.not_offered_to is None and expect.offered_to is None:
        raise CentreError(f"{expect.place}: after belongs to not_offered_to or offered_to; add one of them")


def one_or_more(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    """A name or several, as several."""
    return () if value is None else (value,) if isinstance(value, str) else value
