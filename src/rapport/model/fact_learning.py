"""Facts of what is learnt from the desk, numbers 122 and 123: a reading was corrected, readers were compared."""

from rapport.model.correction import Figures
from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class ReadingCorrected(Fact, frozen=True):
    """An agent said what a message is. "" where a thing was not corrected; `step`: how far the intent was raised for its like.

    The message's words are not in it: they are taken from the message, which may be erased.
    """

    number = 122
    message: Id
    conversation: Id
    handle: Id | None
    agent: str
    intent: str = ""
    emotion: str = ""
    urgency: str = ""
    was_intent: str = ""
    was_emotion: str = ""
    step: float = 0.0
    version: str = ""
    sentiment: str = ""
    spam: str = ""


class ReaderCompared(Fact, frozen=True):
    """A reader that was taught by a tenant's labels was compared with the one that serves, on labels held back."""

    number = 123
    comparison: Id
    agent: str
    figures: Figures
