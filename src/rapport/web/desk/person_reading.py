"""A person as pages show them: who, what matters now, and each moment of their journey."""

from collections.abc import Sequence
from datetime import timedelta

from rapport.model.attribute import Attribute
from rapport.model.conversation import Conversation, State
from rapport.model.person import Handle, JourneyEvent, Person
from rapport.people.lexicon import plain as folded, spoken_of
from rapport.people.reading import Milestone
from rapport.people.view import without_lines
from rapport.web.desk.context import HandleShown, Matter, PersonShown, Step
from rapport.web.wording import plain

MOST_TAGS, MOST_MATTERS, MOST_DATA = 4, 5, 4
JUST = timedelta(days=2)
WHY = ("same", "just", "")  # what bears most on a need first
SHORTEST_WORD = 4


def handle_shown(handle: Handle) -> HandleShown:
    """A handle without its network."""
    channel, _, name = handle.name.partition(":")
    if channel == "webchat":  # a token that no person would know again
        name = f"{name[:4].upper()}…"
    return HandleShown(channel, name or channel)


def _tag(attribute: Attribute) -> str:
    """What a tag says of an attribute: its words, or its name where it is true or a number; "" for what no tag can say."""
    name, value = attribute.name.replace("_", " "), attribute.value
    if isinstance(value, str | list | tuple):
        return plain(value)
    if isinstance(value, bool):
        return name if value else ""
    return f"{name} {plain(value)}" if isinstance(value, int | float) else ""


def person_shown(person: Person, handles: Sequence[Handle], moments: int) -> PersonShown:
    """The head of the person pane."""
    tags = [tag for a in person.attributes if (tag := _tag(a))]
    return PersonShown(
        person.id,
        person.name,
        person.language,
        person.first_at,
        tuple(dict.fromkeys(tags))[:MOST_TAGS],
        tuple(map(handle_shown, handles)),
        moments,
    )


def said_by(event: JourneyEvent) -> str:
    """What an event says beyond its kind, in one line."""
    parts = [f"{key.replace('_', ' ')}: {plain(value)}" for key, value in list(without_lines(event).data.items())[:MOST_DATA]]
    return " · ".join(parts)


def step_of(moment: Milestone) -> Step:
    """One moment of a journey as a line."""
    if (c := moment.conversation) is not None:
        return Step(
            c.last_at,
            "conversation",
            c.subject or c.preview,
            channel=c.channel,
            state=c.state.value,
            agent=c.agent,
            conversation=c.id,
        )
    event = moment.event
    return Step(moment.at, "event", said_by(event) if event else "", event.kind if event else "", event.source if event else "")


def _about(now: Conversation) -> tuple[set[str], set[str]]:
    """The words and the topics of a conversation."""
    said = f"{now.subject} {now.preview}"
    words = {word for word in folded(f"{said} {' '.join(now.words)}").split() if len(word) >= SHORTEST_WORD}
    return words, {known.name for known in spoken_of(said)}


def _bears(text: str, words: set[str], topics: set[str]) -> str:
    """`same` where a text speaks of what the conversation is about."""
    own = set(folded(text.replace(".", " ").replace("_", " ").replace(":", " ")).split())
    return "same" if words & own or topics & {known.name for known in spoken_of(text, in_event=True)} else ""


def _fresh(event: JourneyEvent, now: Conversation) -> str:
    return "just" if abs(now.last_at - event.at) < JUST else ""


def matters_of(person: Person, moments: Sequence[Milestone], now: Conversation) -> tuple[Matter, ...]:
    """What matters now: of this conversation, then what is believed of the person, then what other departments wrote last."""
    found = []
    if now.reopened:
        found.append(Matter("again", number=now.reopened))
    if now.wants_person:
        found.append(Matter("wants_person"))
    if now.emotion and now.emotion != "neutral":
        found.append(Matter("emotion", now.emotion))
    others = [
        m for m in moments if m.conversation and m.conversation.id != now.id and m.conversation.state is not State.RESOLVED
    ]
    if others:
        found.append(Matter("others", number=len(others)))
    words, topics = _about(now)
    events = [(_bears(f"{e.kind} {said_by(e)}", words, topics) or _fresh(e, now), e) for m in moments if (e := m.event)]
    events.sort(key=lambda pair: WHY.index(pair[0]))  # of one reason the latest stays first
    found += [Matter("event", e.kind, said_by(e), at=e.at, why=why) for why, e in events[:3]]
    believed = [(_bears(f"{a.name} {plain(a.value)}", words, topics), a) for a in person.attributes if a.value]
    believed.sort(key=lambda pair: WHY.index(pair[0]))
    found += [Matter("attribute", a.name, plain(a.value), why=why) for why, a in believed[:3]]
    before = [agent for agent in person.agents if agent != now.agent]
    if before:
        found.append(Matter("known_agent", before[0]))
    return tuple(found[:MOST_MATTERS])
