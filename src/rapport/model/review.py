"""Scorecard: what a reviewer is asked of a conversation; SamplingPlan: which are reviewed. Data of the centre."""

from collections.abc import Sequence
from typing import Literal

import msgspec

Every = Literal["day", "week", "month"]
Kind = Literal["yes-no", "scale", "fatal"]
YES, NO, NA = "yes", "no", "na"
SCALE, FATAL = "scale", "fatal"
RANDOM, RISK, FILL, CALIBRATION = "random", "risk", "fill", "calibration"
RISKS = ("angry", "promise-late", "held-by-checks", "low-survey", "reopened")
SAID_IN = ("en", "es")
MOST_QUESTIONS, MOST_EACH, LONGEST_SCALE, MOST_WEIGHT = 60, 50, 10, 1000


class Misplaced(ValueError):
    """Something is wrong in a part of a thing; `steps` lead to it, so that a file's line can be named."""

    def __init__(self, said: str, *steps: str | int) -> None:
        super().__init__(said)
        self.steps = steps


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a scorecard. `weight`: against the other sections."""

    id: str
    title: dict[str, str]
    weight: float = 1.0


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One question. `kind`: yes-no; scale from `low` to `high`; fatal, whose yes is an error that leaves no points at all.

    `may_skip`: it may be said not to apply. `distance`: how far two answers on a scale lie apart, when reviewers are compared.
    """

    id: str
    section: str
    text: dict[str, str]
    kind: Kind = "yes-no"
    weight: float = 1.0
    low: int = 1
    high: int = 5
    may_skip: bool = True
    distance: Literal["ordinal", "interval"] = "ordinal"
    help: dict[str, str] = {}


class Scorecard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a reviewer is asked, in both languages. `pass_mark`: the least score that passes, of 100.

    `appeal_days`: for how long the agent may appeal, from when the review was finished.
    """

    id: str
    title: dict[str, str]
    sections: tuple[Section, ...] = ()
    questions: tuple[Question, ...] = ()
    pass_mark: float = 80.0
    appeal_days: float = 14.0

    def __post_init__(self) -> None:
        """Raise Misplaced where it could not be scored, or not be read in both languages."""
        _both(self.title, "title", f"scorecard {self.id!r}", "title")
        if not 0 <= self.pass_mark <= 100:
            raise Misplaced(f"pass_mark is from 0 to 100, got {self.pass_mark:g}", "pass_mark")
        if not 0 <= self.appeal_days <= 365:
            raise Misplaced(f"appeal_days is from 0 to 365, got {self.appeal_days:g}", "appeal_days")
        if not 1 <= len(self.questions) <= MOST_QUESTIONS:
            said = f"a scorecard has 1 to {MOST_QUESTIONS} questions, got {len(self.questions)}; write [[questions]] above each"
            raise Misplaced(said, "questions")
        _once([section.id for section in self.sections], "sections")
        _once([question.id for question in self.questions], "questions")
        for nth, section in enumerate(self.sections):
            _check_section(section, "sections", nth)
        known = {section.id for section in self.sections}
        for nth, question in enumerate(self.questions):
            _check_question(question, known, "questions", nth)
        if all(question.kind == FATAL for question in self.questions):
            raise Misplaced("every question finds fatal errors, so nothing can be scored; add one of another kind", "questions")

    def question(self, id: str) -> Question | None:
        """The question with this id; None where there is none."""
        return next((one for one in self.questions if one.id == id), None)


def _check_section(section: Section, *steps: str | int) -> None:
    _both(section.title, "title", f"section {section.id!r}", *steps, "title")
    if not 0 < section.weight <= MOST_WEIGHT:
        said = f"weight of section {section.id!r} is {section.weight:g}; write above 0, at most {MOST_WEIGHT}"
        raise Misplaced(said, *steps, "weight")


def _check_question(question: Question, sections: set[str], *steps: str | int) -> None:
    _both(question.text, "text", f"question {question.id!r}", *steps, "text")
    if question.section not in sections:
        names = ", ".join(sorted(sections)) or "none"
        said = f"question {question.id!r} is in section {question.section!r}, which there is not; there are: {names}"
        raise Misplaced(said, *steps, "section")
    if not 0 < question.weight <= MOST_WEIGHT:
        said = f"weight of question {question.id!r} is {question.weight:g}; write above 0, at most {MOST_WEIGHT}"
        raise Misplaced(said, *steps, "weight")
    if question.kind == SCALE and not 0 < question.high - question.low <= LONGEST_SCALE:
        said = (
            f"the scale of question {question.id!r} goes from {question.low} to {question.high}; "
            f"write a high above low, at most {LONGEST_SCALE} steps above"
        )
        raise Misplaced(said, *steps, "high")


def _both(said: dict[str, str], name: str, what: str, *steps: str | int) -> None:
    for language in SAID_IN:
        if not said.get(language, "").strip():
            raise Misplaced(f'{name} of {what} has no {language!r}; write {name} = {{ en = "...", es = "..." }}', *steps)


def _once(ids: Sequence[str], what: str) -> None:
    for nth, id in enumerate(ids):
        if not id.strip() or any(sign in id for sign in " ./{}"):
            raise Misplaced(f"the id {id!r} of {what} must be a short word without spaces, dots or slashes", what, nth, "id")
        if id in ids[:nth]:
            raise Misplaced(f"the id {id!r} is there twice among {what}; give each its own", what, nth, "id")


class SamplingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which conversations are reviewed by a scorecard: of each agent `per_agent` a day, week or month.

    `risky`: how many of these are drawn among those that show a risk; `risks`: how much each risk weighs, empty: all alike.
    `twice`: the share that two reviewers see, neither knowing what the other said. `teams`, `channels` empty: all.
    """

    id: str
    scorecard: str
    every: Every = "week"
    per_agent: int = 2
    risky: int = 0
    risks: dict[str, float] = {}
    twice: float = 0.0
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    paused: bool = False

    def __post_init__(self) -> None:
        """Raise Misplaced where it could not be drawn."""
        if not 1 <= self.per_agent <= MOST_EACH:
            raise Misplaced(f"per_agent is from 1 to {MOST_EACH}, got {self.per_agent}", "per_agent")
        if not 0 <= self.risky <= self.per_agent:
            raise Misplaced(f"risky is from 0 to per_agent ({self.per_agent}), got {self.risky}", "risky")
        if not 0 <= self.twice <= 1:
            raise Misplaced(f"twice is a share from 0 to 1, got {self.twice:g}", "twice")
        for name, weight in self.risks.items():
            if name not in RISKS:
                raise Misplaced(f"there is no risk {name!r}; there are {', '.join(RISKS)}", "risks", name)
            if not 0 < weight <= MOST_WEIGHT:
                said = f"the risk {name!r} weighs {weight:g}; write above 0, at most {MOST_WEIGHT}, or leave it out"
                raise Misplaced(said, "risks", name)

    def weights(self) -> dict[str, float]:
        """How much each risk weighs."""
        return self.risks or dict.fromkeys(RISKS, 1.0)
