"""Facts that follow, numbers 84 to 89: a conversation is handed over, shared, called back about, or answered from elsewhere."""

from datetime import datetime

from rapport.model.fact_kind import Fact, Words
from rapport.model.ids import Id
from rapport.model.statement import Summary


class HandedOver(Fact, frozen=True):
    """A conversation went from one hand to another; what was said, tried and promised is in `content`.

    `how`: agent, team, anyone, bot, centre (`to`: the agreement) or call.
    """

    number = 84
    content_type = Summary
    conversation: Id
    by: str
    to: str = ""
    how: str = "anyone"


class ConferenceChanged(Fact, frozen=True):
    """Who writes in a conversation together. `lead` has it; `beside` are the others."""

    number = 85
    conversation: Id
    lead: str
    beside: tuple[str, ...] = ()
    by: str = ""


class CallBackAsked(Fact, frozen=True):
    """The person is to be called; the number is in `content`."""

    number = 86
    content_type = Words
    conversation: Id
    at: datetime
    by: str = ""


class CrossingAnswered(Fact, frozen=True):
    """The other centre answered what was handed to it."""

    number = 88
    content_type = Words
    message: Id
    conversation: Id
    agreement: str
