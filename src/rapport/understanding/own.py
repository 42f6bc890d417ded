"""Own: readings as a tenant taught them: its intents; and feelings, sentiment, spam and urgency where its agents corrected what
is nearly alike."""

from collections.abc import Sequence

from msgspec.structs import replace

from rapport.model.correction import Correction
from rapport.model.reading import SPAM_FROM, Reading
from rapport.model.signal import Shown
from rapport.understanding import intent
from rapport.understanding.adapting import Adapted
from rapport.understanding.further import ASKING_NOTHING, PRESSED
from rapport.understanding.linear import Floats
from rapport.understanding.words import Prepared

URGENT, CALM = 0.8, 0.2  # a reading's urgency where an agent said so of what is nearly alike: at least, at most
WORDS = 3


def taught_readings(
    adapted: Adapted, prepared: Sequence[Prepared], likely: Floats, readings: Sequence[Reading], may_ask: Sequence[bool]
) -> list[Reading]:
    """The readings with what the tenant taught. `likely`: (messages, shipped intents); `may_ask`: what rules alone say."""
    standing, values = adapted.standing([text.words for text in prepared], likely)
    rows = adapted.likely(standing).tolist()
    return [
        _asking(_taught(adapted, text, row, near, reading)) if may else _taught(adapted, text, row, near, reading)
        for text, row, near, reading, may in zip(prepared, rows, adapted.nearest(values), readings, may_ask, strict=True)
    ]


def _taught(adapted: Adapted, text: Prepared, likely: list[float], near: Correction | None, reading: Reading) -> Reading:
    version = reading.version + adapted.version
    if not text.words:
        return replace(reading, version=version)
    name, sure = intent.known(likely, adapted.names)
    if not name and reading.wants_person:
        name, sure = reading.intent, reading.intent_confidence
    evidence = reading.evidence
    if name and name != reading.intent:
        evidence = tuple(dict.fromkeys((*_weightiest(adapted, text, name), *evidence)))[: len(evidence) + WORDS]
    read = replace(reading, intent=name, intent_confidence=sure, evidence=evidence, version=version)
    return _as_near(read, near) if near else read


def _asking(read: Reading) -> Reading:
    """A reading that the head of noise alone silenced, where what was taught says that somebody should answer."""
    asks = read.intent not in ASKING_NOTHING or read.urgency >= PRESSED or read.sentiment == "negative"
    return replace(read, actionable=True) if asks and not read.actionable else read


def _as_near(read: Reading, near: Correction) -> Reading:
    if near.emotion:
        read = replace(read, emotion=near.emotion, emotion_strength=max(read.emotion_strength, 0.5))
    if near.sentiment:
        read = replace(read, sentiment=near.sentiment, sentiment_confidence=max(read.sentiment_confidence, 0.5))
    spam = spam_as_said(read.spam, near.spam)
    because = still_said(read.because, read.sentiment, spam)
    return replace(read, urgency=as_said(read.urgency, near.urgency), spam=spam, because=because)


def still_said(because: Sequence[Shown], sentiment: str, spam: float) -> tuple[Shown, ...]:
    """The words of answers that still hold: none for a sentiment or for spam that a correction overruled."""
    over = {"negative", "positive"} - {sentiment} | ({"spam"} if spam < SPAM_FROM else set())
    return tuple(one for one in because if one.kind not in over)


def spam_as_said(spam: float, said: str) -> float:
    """How surely a message is spam as an agent corrected it: `said` is one of `SPAM`, or "" for nothing."""
    return max(spam, SPAM_FROM) if said == "yes" else 0.0 if said else spam


def as_said(urgency: float, said: str) -> float:
    """An urgency as an agent corrected it: `said` is one of `URGENCIES`, or "" for nothing."""
    return max(urgency, URGENT) if said == "urgent" else min(urgency, CALM) if said else urgency


def _weightiest(adapted: Adapted, text: Prepared, name: str) -> tuple[str, ...]:
    added = adapted.added(text.words, adapted.names.index(name))
    ranked = sorted(zip(added, text.shown, strict=True), reverse=True)[:WORDS]
    return tuple(word for weight, word in ranked if weight > 0 and len(word) > 1)
