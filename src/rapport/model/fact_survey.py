"""Surveys: a person was asked how it was, and said so (from outside, 150 and 151); who is asked by itself (166 to 168)."""

from datetime import datetime

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


class SurveyPlanned(Fact, frozen=True):
    """A person is to be asked about a conversation at a time, by the survey that says so."""

    number = 166
    conversation: Id
    survey: str
    at: datetime


class SurveySent(Fact, frozen=True):
    """A person was asked by itself; `draft` is the text that went to the outbox."""

    number = 167
    conversation: Id
    person: Id
    survey: str
    draft: Id


class SurveyLeft(Fact, frozen=True):
    """A person was not asked after all. `reason`: one of `replies.surveying.choosing.REASONS`."""

    number = 168
    conversation: Id
    survey: str
    reason: str
