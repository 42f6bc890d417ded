"""Scoring: what the answers to a scorecard come to: from 0 to 100, and nothing at all where a fatal error was found. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from rapport.model.review import FATAL, NA, NO, SCALE, YES, Question, Scorecard


class Scored(NamedTuple):
    """`score` in [0, 100], None where no question applied; `by_section` likewise; `fatal`: a fatal error was found."""

    score: float | None
    fatal: bool
    passed: bool
    by_section: dict[str, float | None]


def wrong_answer(card: Scorecard, answers: Mapping[str, str]) -> tuple[str, str] | None:
    """The first question whose answer is none, and that answer; "" where it is missing. None: all are sound."""
    known = {question.id: question for question in card.questions}
    for name in answers:
        if name not in known:
            return name, answers[name]
    for question in card.questions:
        said = answers.get(question.id, "")
        if said not in allowed(question):
            return question.id, said
    return None


def allowed(question: Question) -> tuple[str, ...]:
    """What can be answered."""
    skip = (NA,) if question.may_skip else ()
    if question.kind == SCALE:
        return (*(str(n) for n in range(question.low, question.high + 1)), *skip)
    return (YES, NO) if question.kind == FATAL else (YES, NO, *skip)


def share_of(question: Question, said: str) -> float | None:
    """How well a question was met, in [0, 1]; None where it does not apply or only finds fatal errors."""
    if said == NA or question.kind == FATAL:
        return None
    if question.kind == SCALE:
        return (int(said) - question.low) / (question.high - question.low)
    return 1.0 if said == YES else 0.0


def scored(card: Scorecard, answers: Mapping[str, str]) -> Scored:
    """The weighted mean of the sections, each the weighted mean of its questions; what does not apply weighs nothing."""
    fatal = any(question.kind == FATAL and answers[question.id] == YES for question in card.questions)
    sections: dict[str, float | None] = {}
    for section in card.sections:
        own = [question for question in card.questions if question.section == section.id]
        shares = [(share, q.weight) for q in own if (share := share_of(q, answers[q.id])) is not None]
        sections[section.id] = _mean(shares)
    whole = _mean([(share, s.weight) for s in card.sections if (share := sections[s.id]) is not None])
    score = 0.0 if fatal else None if whole is None else round(100 * whole, 4)
    return Scored(
        score,
        fatal,
        not fatal and score is not None and score >= card.pass_mark,
        {name: None if share is None else round(100 * share, 4) for name, share in sections.items()},
    )


def _mean(weighed: list[tuple[float, float]]) -> float | None:
    total = sum(weight for _, weight in weighed)
    return sum(value * weight for value, weight in weighed) / total if total > 0 else None
