"""What the page of patterns shows of a message and of whom it is from: in each state, with the values that pages give."""

from datetime import datetime, timedelta

import msgspec

from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.need import Explanation, Term
from rapport.model.reply import Finding, Outgoing, OutgoingState
from rapport.model.sequel import Version
from rapport.model.signal import Shown as Because, Signal
from rapport.model.telling import Telling
from rapport.web.desk.context import Matter, Step
from rapport.web.desk.shown import Afterwards
from rapport.web.links import Link

# A link in each state: what its text is, where it goes, and what is wrong with it.
LINKS = (
    ("https://reforma.example/reserva/48817", "reforma.example", ()),
    ("http://reforma.example.premios.example/gana", "premios.example", ("resembles", "open")),
    ("https://rеforma.example", "rеforma.example", ("mixed",)),  # noqa: RUF001 a Cyrillic letter, as it comes
    ("https://203.0.113.9/x", "203.0.113.9", ("number",)),
    ("https://reforma.example@premios.example:8443/", "premios.example", ("user", "port")),
)
KINDS = ("safety", "vulnerable", "wants-person", "legal", "leaving", "question", "mood-worse", "mood-better", "thanks")
MATTERS = (
    Matter("again", number=2),
    Matter("wants_person"),
    *(Matter("emotion", mood) for mood in ("anger", "sadness", "fear", "joy")),
    Matter("others", number=3),
    Matter("known_agent", "ana"),
    Matter("event", "hotel.checked_in", "512", why="just"),
    Matter("attribute", "loyalty", "gold", why="same"),
)


class MessagePatterns(msgspec.Struct, frozen=True):
    """Links, signals, readings, what became of messages, why an agent, findings; `after` by what it shows."""

    links: tuple[Link, ...]
    signals: tuple[Signal, ...]
    read: tuple[Message, ...]
    after: tuple[Afterwards, ...]
    why: tuple[Explanation, ...]
    matters: tuple[Matter, ...]
    journey: tuple[Step, ...]
    findings: tuple[Finding, ...]
    tellings: tuple[Telling, ...]


def message_patterns(now: datetime) -> MessagePatterns:
    """The components with values as long as they come."""
    return MessagePatterns(
        tuple(Link(url, "", domain, warnings) for url, domain, warnings in LINKS),
        _signals(now),
        _readings(now),
        _afterwards(now),
        _reasons(),
        MATTERS,
        (
            Step(now - timedelta(hours=2), "event", "habitación 512", "hotel.checked_in", "recepción"),
            Step(
                now,
                "conversation",
                "El wifi se cae cada cinco minutos",
                channel="webchat",
                state="open",
                conversation=bytes(16),
            ),
        ),
        (
            Finding("personal-data", "refuse", "", 0, 14),
            Finding("link", "ask", "", 18, 35),
            Finding("banned-words", "warn", ""),
        ),
        (
            Telling(bytes(15) + b"\1", bytes(16), "ana", "irene", "whisper", now, "Ofrézcale el cable."),
            Telling(bytes(15) + b"\2", bytes(16), "irene", "ana", "answer", now, "Ya se lo ofrecí.", now),
            Telling(bytes(15) + b"\3", bytes(16), "ana", "irene", "taken", now),
        ),
    )


def _signals(now: datetime) -> tuple[Signal, ...]:
    promises = (
        Signal("promise", "hoy le llamamos", None, now, until=now + timedelta(hours=2)),
        Signal("promise", "mañana le avisamos antes de las nueve en punto", None, now, "late"),
        Signal("promise", "we will write today", None, now, "met"),
    )
    return *(
        Signal(kind, "si no me contestan hoy mismo, me voy" if n < 5 else "", None, now) for n, kind in enumerate(KINDS)
    ), *promises


def _readings(now: datetime) -> tuple[Message, ...]:
    unread = Message(bytes(15) + b"\1", now, Direction.IN, Standing.RECEIVED, Reach.PUBLIC, conversation=bytes(16), text="…")
    read = msgspec.structs.replace(
        unread,
        id=bytes(15) + b"\2",
        intent="wifi",
        emotion="anger",
        urgency=0.8,
        sure=0.93,
        evidence=("wifi", "se cae"),
        sentiment="negative",
        read_by="lexicon-7",
        because=(Because("negative", "nadie contesta"),),
    )
    promoted = msgspec.structs.replace(
        unread, id=bytes(15) + b"\3", spam=0.9, read_by="lexicon-7", because=(Because("spam", "GANA UN PREMIO"),)
    )
    return unread, read, promoted, msgspec.structs.replace(read, id=bytes(15) + b"\4", corrected_by="ana")


def _afterwards(now: datetime) -> tuple[Afterwards, ...]:
    def asked(op: str, state: OutgoingState, reason: str = "") -> Outgoing:
        return Outgoing(bytes(16), bytes(16), bytes(16), "", "mastodon", Reach.PUBLIC, now, state, op=op, reason=reason)

    earlier = (Version(now - timedelta(minutes=9), "El wifi ya quedo"), Version(now - timedelta(minutes=4), "El wifi ya quedó"))
    return (
        Afterwards(delivery="delivered", reactions=(("like", 12), ("share", 3)), ours=("🙏",)),
        Afterwards(delivery="read", earlier=earlier),
        Afterwards(hidden_by="ana", asked=(asked("edit", OutgoingState.QUEUED),)),
        Afterwards(
            deleted_at=now, deleted_by="ana", proof="48 · b8c142f0a9d3", asked=(asked("delete", OutgoingState.REFUSED),)
        ),
        Afterwards(deleted_at=now, asked=(asked("hide", OutgoingState.UNKNOWN),)),
    )


def _reasons() -> tuple[Explanation, ...]:
    terms = (Term("skills", "wifi", 0.9, "wifi"), Term("known", "", 0.31), Term("languages", "es", 0.0))
    best = Explanation("by-skill", 1, 41, {"presence": 12, "slots": 3, "languages": 9}, terms, others=(("irene", 0.74),))
    patient = msgspec.structs.replace(best, mode="patient", likely=0.81, price=0.12, hope=0.4, propensity=0.9)
    return best, patient, Explanation(considered=1, mode="plain")
