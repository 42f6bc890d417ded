"""Reading: what we understood of a message, each value with its confidence."""

import msgspec

from rapport.model.signal import Shown

SPAM_FROM = 0.6  # of a reading's `spam`: from here on a message is taken for it


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What a message says, as far as we know. Confidences, urgency and strengths in [0, 1]; empty text: don't know."""

    language: str = ""  # ISO 639-1
    language_confidence: float = 0.0
    intent: str = ""
    intent_confidence: float = 0.0
    emotion: str = ""  # anger, joy, sadness, fear, neutral
    emotion_strength: float = 0.0
    urgency: float = 0.0
    wants_person: bool = False
    actionable: bool = True  # False: thanks, noise, an auto-reply
    personal: tuple[str, ...] = ()  # kinds of personal data found: card, iban, email, phone ...
    words: tuple[str, ...] = ()  # normalised words that carry meaning, at most 64; content, as it quotes the person
    evidence: tuple[str, ...] = ()  # which words decided, for people to read; content
    version: str = ""
    signals: tuple[Shown, ...] = ()  # what it shows beside: safety, a question ...; content
    sentiment: str = ""  # negative, neutral, positive: how they speak of what they met with
    sentiment_confidence: float = 0.0
    spam: float = 0.0  # how surely it is bait or an advertisement
    noise: float = 0.0  # how surely it asks for nothing
    because: tuple[Shown, ...] = ()  # which words spoke for the sentiment, for spam, for noise; content


NOTHING_READ = Reading()
