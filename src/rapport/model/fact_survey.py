"""Surveys: a person was asked how it was, and said so (from outside, 150 and 151); who is asked by itself
(166 to 168); and what they write back to a question that was asked in the conversation itself (154 to 156).
"""

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
    """A person was asked by itself; `draft` is the text that went to the outbox.

    `question`: the one that they may answer by writing back (`model.survey.SCALES`); "" where the text has a link alone.
    """

    number = 167
    conversation: Id
    person: Id
    survey: str
    draft: Id
    question: str = ""


class SurveyLeft(Fact, frozen=True):
    """A person was not asked after all. `reason`: one of `replies.surveying.choosing.REASONS`."""

    number = 168
    conversation: Id
    survey: str
    reason: str


class SurveyHeard(Fact, frozen=True):
    """A message answers the question that we asked in its conversation; it asks nothing of us. One counts, the first."""

    number = 154
    conversation: Id
    message: Id
    handle: Id
    question: str
    value: int


class SurveyHinted(Fact, frozen=True):
    """A message looks like an answer and is none. `draft`: the words that say how to answer; None: nothing is said any more."""

    number = 155
    conversation: Id
    message: Id
    handle: Id
    draft: Id | None = None


class SurveyLapsed(Fact, frozen=True):
    """The time is over in which what a person writes is an answer to what we asked."""

    number = 156
    conversation: Id
    handle: Id
