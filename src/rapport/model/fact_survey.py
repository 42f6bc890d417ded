"""Facts from outside, numbers 150 and 151: a person was asked how it was, and said so."""

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class SurveyAsked(Fact, frozen=True):
    """A person was sent the link to the questions about a conversation. `by`: who asked."""

    number = 150
    conversation: Id
    by: str = ""


class SurveyAnswered(Fact, frozen=True):
    """A person answered; -1: they left it out. Whoever answers again is taken at their last word.

    `satisfied`: 1 to 5; `effort`: 1 (very hard) to 7 (very easy); `recommends`: 0 to 10; `solved`: 0 or 1.
    """

    number = 151
    conversation: Id
    satisfied: int = -1
    effort: int = -1
    recommends: int = -1
    solved: int = -1
