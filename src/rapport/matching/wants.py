"""What a waiting conversation wants of an agent: its skills by the words, the person's interests, whom they know.

Made from the rows of the conversation, the person and their journey, against one roster; kept while none of these changes.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from rapport.matching import attributes
from rapport.matching.lexicon import intent_stems, is_telling
from rapport.matching.protected import is_protected
from rapport.matching.roster import INTEREST_NAMES, ByWord, Roster, base_language
from rapport.matching.stems import plain, stem, words_in
from rapport.matching.timing import looks_at_time
from rapport.matching.wishes import Found, Wish, wish_of
from rapport.model.attribute import Attribute
from rapport.model.conversation import Conversation, is_private_chat
from rapport.model.person import JourneyEvent, Person, PersonEvents
from rapport.model.signal import FOR_PERSONS, MET

RECENT = timedelta(days=60)  # how long a journey event says whom and what a person knows
EARLIER = 0.7  # what words beyond the newest 32 count for
TOPIC_NAMES = ("topics", "topic", "needs", "need", "concerns", "concern", "temas", "tema")
ASKED_FROM = 0.75  # how strongly words must speak of a skill for a plan to ask for it
MOST_TEXT = 400
CALM = 0.6  # urgency from which no bot goes first
COMPUTED = (("skill",), ("known",))  # what of a need follows from the agents who are there
Hits = dict[int, dict[str, float]]


class Wants(NamedTuple):
    """Positions are the roster's. `skills`, `topics`, `interests` and `known` say how much, in about [0, 1], and why."""

    conversation: Conversation
    person: Person | None
    events: PersonEvents | None
    roster: Roster
    language: str
    skills: Found
    topics: Found
    interests: Found
    known: Found
    wish: Wish

    def are_of(self, conversation: Conversation, person: Person | None, events: PersonEvents | None, roster: Roster) -> bool:
        """Whether they were made of these very rows."""
        same = self.conversation is conversation and self.roster is roster
        return same and self.person is person and self.events is events

    def record_with(self, values: Iterable[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:  # Any: values of the need's fields
        """The need as expressions see it, with the skill that it asks for, who knows the person and the time from `values`."""
        record = record_of(self.conversation, self.person, self.language, self.roster.centre.profile.protected)
        for path, value in values:
            if path in COMPUTED:
                record[path[0]] = list(value) if isinstance(value, tuple) else value
            elif looks_at_time(path) and len(path) == 2:
                record.setdefault(path[0], {})[path[1]] = value
        return record


def wants_of(conversation: Conversation, person: Person | None, events: PersonEvents | None, roster: Roster) -> Wants:
    """What this conversation wants of these agents."""
    language = base_language(conversation.language or (person.language if person else ""))
    recent = [event for event in (events.events if events else ()) if conversation.last_at - event.at <= RECENT]
    topics, interests = _of_person(person, conversation, roster)
    if recent:
        _add_events(recent, roster, topics, interests)
    skills, known = _skills(conversation, roster), _known(person, recent, roster)
    wish = wish_of(skills, topics, interests, known)
    return Wants(conversation, person, events, roster, language, skills, topics, interests, known, wish)


def record_of(
    conversation: Conversation, person: Person | None, language: str, protected: tuple[str, ...] = ()
) -> dict[str, Any]:  # Any: as in Wants
    """The need as expressions see it. `protected`: names of attributes that the tenant never uses for matching."""
    kind = str(conversation.kind)
    return {
        "language": language,
        "intent": conversation.intent,
        "kind": kind,
        "channel": conversation.channel,
        "account": conversation.account,
        "reach": str(conversation.reach),
        "urgency": conversation.urgency,
        "emotion": conversation.emotion,
        "wants_person": conversation.wants_person,
        "team": conversation.team,
        "words": list(conversation.words),
        "signals": [one.kind for one in conversation.signals if one.state != "met"],
        "person": attributes.record_of(person.attributes, conversation.last_at, protected) if person else {},
    }


def _skills(conversation: Conversation, roster: Roster) -> Found:
    hits: Hits = {}
    words, by_word = conversation.words, roster.skills.by_word
    for place, word, said in [(place, word, said) for place, word in enumerate(words) if (said := by_word[word])]:
        for skill, strength in said:
            hits.setdefault(skill, {})[word] = strength if place < 32 else strength * EARLIER
    for both in [short + after for short, after in zip(words, words[1:], strict=False) if len(short) + len(after) <= 5]:
        for skill, strength in by_word[both]:  # "wi fi"
            hits.setdefault(skill, {})[both] = strength
    for part in intent_stems(conversation.intent):
        for skill, strength in by_word[part]:
            hits.setdefault(skill, {})[conversation.intent] = strength
    if conversation.emotion == "anger" or conversation.urgency >= 0.6:
        for skill, strength in by_word["anger"]:
            hits.setdefault(skill, {})[conversation.emotion or "urgent"] = strength * 0.3
    return {skill: _together(words) for skill, words in hits.items()}


def _together(words: Mapping[str, float]) -> tuple[float, str]:
    """Several words that speak of one thing say a little more than the best of them."""
    if len(words) == 1:
        ((word, strength),) = words.items()
        return strength, word
    best = sorted([(-strength, word) for word, strength in words.items()])
    return -best[0][0] * (1 + 0.1 * min(3, len(best) - 1)), " ".join([word for _, word in best[:3]])


def _of_person(person: Person | None, conversation: Conversation, roster: Roster) -> tuple[Found, Found]:
    topics: Found = {}
    interests: Found = {}
    own = roster.centre.profile.protected
    for attribute in person.attributes if person else ():
        if attribute.expires is not None and attribute.expires <= conversation.last_at:
            continue
        if is_protected(attribute.name, own):
            continue
        is_interest = attribute.name in INTEREST_NAMES
        for name, level in _named(attribute):
            _relate(name, level, roster.interests.by_word, interests)
            if not is_interest:
                _relate(name, level, roster.skills.by_word, topics)
    return topics, interests


def _named(attribute: Attribute) -> Iterable[tuple[str, float]]:
    """What an attribute names, and how much: the levels of topics, the items of a list, or a text."""
    sure = attribute.confidence if attribute.name in (*TOPIC_NAMES, *INTEREST_NAMES) else 0.6 * attribute.confidence
    value = attribute.value
    if isinstance(value, dict):
        return [(name, sure * min(1.0, level)) for name, level in value.items()]
    if isinstance(value, list):
        return [(name, sure) for name in value]
    return [(value, sure)] if isinstance(value, str) and len(value) <= 60 else []


def _relate(name: str, level: float, by_word: ByWord, into: Found) -> None:
    """Note what a name, such as `money-management`, has to do with skills or interests."""
    parts = [word for word in words_in(name) if is_telling(stem(word))]
    for word in {*parts, "".join(words_in(name))}:
        for place, strength in by_word[word]:
            if level * strength > into.get(place, (0.0, ""))[0]:
                into[place] = (level * strength, name)


def _add_events(recent: Iterable[JourneyEvent], roster: Roster, topics: Found, interests: Found) -> None:
    """Note what journey events speak of: one says half, the third in a row all."""
    counts: dict[int, list[tuple[float, str]]] = {}
    for event in recent:
        words = event_words(event, roster.centre.profile.protected)
        said: Found = {}
        for word in words:
            for place, strength in roster.skills.by_word[word]:
                if strength > said.get(place, (0.0, ""))[0]:
                    said[place] = (strength, event.kind)
            for place, strength in roster.interests.by_word[word]:
                if strength > interests.get(place, (0.0, ""))[0]:
                    interests[place] = (strength, event.kind)
        for place, evidence in said.items():
            counts.setdefault(place, []).append(evidence)
    for place, found in counts.items():
        strength, kind = max(found)
        level = strength * min(1.0, 0.25 + 0.25 * len(found))
        if level > topics.get(place, (0.0, ""))[0]:
            topics[place] = (level, kind)


_words_of_events: dict[tuple[bytes, tuple[str, ...]], tuple[str, ...]] = {}


def event_words(event: JourneyEvent, protected: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The words of an event's kind and values, but for values under a protected name. `protected`: the tenant's own names."""
    found = _words_of_events.get((event.id, protected))
    if found is None:
        if len(_words_of_events) > 20_000:
            _words_of_events.clear()
        said = [value for name, value in event.data.items() if not is_protected(name, protected)]
        texts = [event.kind, *(text for value in said for text in _texts(value))]
        words = dict.fromkeys(word for text in texts for word in words_in(text[:MOST_TEXT]) if is_telling(stem(word)))
        found = _words_of_events[event.id, protected] = tuple(words)[:64]
    return found


def _texts(value: Any) -> Iterable[str]:  # Any: plain JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value[:20]:
            yield from _texts(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)


def _known(person: Person | None, recent: Iterable[JourneyEvent], roster: Roster) -> Found:
    """The agents who know the person: named by a journey event of late, or who answered them before."""
    known: Found = {}
    for nth, agent in enumerate(person.agents if person else ()):
        place = roster.place.get(agent)
        if place is not None:
            known[place] = (0.6 - 0.05 * nth, "answered")
    for event in recent:
        for text in (text for value in event.data.values() for text in _texts(value) if len(text) <= 80):
            place = roster.who.get(plain(text))
            if place is not None and known.get(place, (0.0, ""))[0] < 1.0:
                known[place] = (1.0, event.kind)
    return known


def bot_may(conversation: Conversation) -> bool:
    """Whether a bot may go first: it is private, written, not urgent, and shows nothing that is for persons."""
    asks = conversation.wants_person or conversation.transfer_to or conversation.urgency >= CALM
    shows = any(one.kind in FOR_PERSONS and one.state != MET for one in conversation.signals)
    return is_private_chat(conversation) and not (asks or shows)
