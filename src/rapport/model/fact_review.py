"""Facts of quality reviews, numbers 158 to 165: what was drawn, asked, given, compared, appealed and seen."""

from datetime import datetime

from rapport.model.fact_kind import Fact, Words
from rapport.model.ids import Id


class SampleDrawn(Fact, frozen=True):
    """A plan drew the conversations of a period that are reviewed. Fields as of `model.reviewed.Sample`."""

    number = 158
    sample: Id
    plan: str
    version: str
    scorecard: str
    card_version: str
    starts: datetime
    ends: datetime
    by: str
    seq: int
    seed: str
    digest: str
    candidates: int
    asked: int
    picked: int


class ReviewAsked(Fact, frozen=True):
    """A conversation is to be reviewed, for what an agent did in it. Fields as of `model.reviewed.Reviewable`."""

    number = 159
    item: Id
    conversation: Id
    agent: str
    scorecard: str
    version: str
    kind: str
    wanted: int
    sample: Id | None = None
    why: tuple[str, ...] = ()


class ReviewGiven(Fact, frozen=True):
    """A reviewer scored a conversation. The content is what they tell its agent, and their notes by question.

    `counted`: it stands for the agent's work, as it was drawn at random and is no calibration.
    """

    number = 160
    content_type = Words
    review: Id
    item: Id
    conversation: Id
    agent: str
    reviewer: str
    answers: dict[str, str]
    score: float | None
    fatal: bool
    passed: bool
    evidence: dict[str, tuple[str, ...]] = {}
    counted: bool = False
    last: bool = False  # nobody else is awaited


class CalibrationClosed(Fact, frozen=True):
    """A calibration session is over: what each reviewer gave can be compared."""

    number = 161
    item: Id
    by: str


class ReviewAppealed(Fact, frozen=True):
    """The agent does not agree, and says why."""

    number = 162
    content_type = Words
    review: Id
    item: Id
    conversation: Id
    agent: str


class AppealAnswered(Fact, frozen=True):
    """Somebody else answered an appeal. `verdict`: kept or withdrawn; what is withdrawn counts no more."""

    number = 163
    content_type = Words
    review: Id
    item: Id
    conversation: Id
    by: str
    verdict: str


class ReviewSeen(Fact, frozen=True):
    """The agent has read a review of theirs."""

    number = 164
    review: Id
    agent: str


class ReviewLeft(Fact, frozen=True):
    """A conversation cannot be reviewed, or by nobody else: what was given then stands. The content is the reason."""

    number = 165
    content_type = Words
    item: Id
    conversation: Id
    by: str
