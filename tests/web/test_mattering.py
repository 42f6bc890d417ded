"""What matters now: five facts, first those that bear on the need, each with why."""

from datetime import UTC, datetime, timedelta

from rapport.model.attribute import Attribute
from rapport.model.conversation import Conversation, State
from rapport.model.message import ChannelKind, Reach
from rapport.model.person import JourneyEvent, Person
from rapport.people.reading import Milestone
from rapport.web.desk.person_reading import matters_of

NOW = datetime(2026, 3, 3, 16, tzinfo=UTC)


def an_event(n: int, kind: str, days: float, **data: str) -> Milestone:
    at = NOW - timedelta(days=days)
    return Milestone(at, event=JourneyEvent(bytes([n] * 16), at, kind, "shop", data=data))


def test_what_bears_on_the_need_comes_before_what_is_only_new():
    need = Conversation(
        bytes(16), bytes(16), bytes(16), State.OPEN, ChannelKind.CHAT, "web", "webchat", Reach.PRIVATE, NOW, NOW,
        preview="¿Tienen un traje de gala en talla 40?",
    )  # fmt: skip
    attributes = tuple(Attribute(name, "gold", "crm", NOW) for name in ("loyalty", "tier", "club"))
    moments = [
        an_event(1, "bank.question", 0.1, text="saldo"),
        an_event(2, "newsletter.opened", 9),
        an_event(3, "shop.searched", 20, words="ropa formal"),
    ]

    found = matters_of(Person(bytes(16), attributes=attributes), moments, need)

    assert [(m.word, m.why) for m in found] == [
        ("shop.searched", "same"),
        ("bank.question", "just"),
        ("newsletter.opened", ""),
        ("loyalty", ""),
        ("tier", ""),
    ]
