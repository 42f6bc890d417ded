"""Comparing: how far reviewers agree, question by question, and how far apart those were who reviewed the same. Pure."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

from rapport.measures.quality.alpha import Agreement, Floats, Metric, agreement
from rapport.model.review import NA, NO, SCALE, YES, Question, Scorecard
from rapport.model.reviewed import Review

GOOD, FAIR = (
    0.8,
    0.667,
)  # Krippendorff, Content Analysis (2nd edition, 2004), page 241: rely on .800, conclude little below .667
NOMINAL = {NO: 0.0, YES: 1.0, NA: 2.0}
Valued = Callable[[Review], float]


class Compared(NamedTuple):
    """How far reviewers agree on a question; on the whole score where `question` is None."""

    question: Question | None
    metric: Metric
    agreement: Agreement


class Spread(NamedTuple):
    """What each reviewer answered to a question, in their order; "" where they did not. `apart`: they differ."""

    question: Question
    answers: tuple[str, ...]
    apart: bool


class Scores(NamedTuple):
    """The scores of those who reviewed the same. `deviation`: standard, by n - 1; None of one."""

    number: int
    mean: float
    low: float
    high: float
    deviation: float | None


def compared(card: Scorecard, reviews: Iterable[Review]) -> list[Compared]:
    """Agreement on the score and on each question, over everything that two reviewers or more gave."""
    by_item: dict[bytes, list[Review]] = {}
    for one in reviews:
        by_item.setdefault(one.item, []).append(one)
    twice = [given for given in by_item.values() if len(given) > 1]
    found = [Compared(None, "interval", agreement(_matrix(twice, _score), "interval"))]
    for question in card.questions:
        metric: Metric = question.distance if question.kind == SCALE else "nominal"
        found.append(Compared(question, metric, agreement(_matrix(twice, partial(_answer, question)), metric)))
    return found


def spread(card: Scorecard, reviews: Sequence[Review]) -> tuple[list[Spread], Scores | None]:
    """Question by question what each reviewer said, and how their scores lie; None where nobody scored."""
    lines = []
    for question in card.questions:
        answers = tuple(one.answers.get(question.id, "") for one in reviews)
        lines.append(Spread(question, answers, len({said for said in answers if said}) > 1))
    scores = [one.score for one in reviews if one.score is not None]
    if not scores:
        return lines, None
    deviation = stdev(scores) if len(scores) > 1 else None
    return lines, Scores(len(scores), fmean(scores), min(scores), max(scores), deviation)


def _matrix(units: Sequence[Sequence[Review]], value: Valued) -> Floats:
    """(reviewers, units): alpha asks which values a unit has, not whose they are, so each takes the next place."""
    scores = np.full((max((len(unit) for unit in units), default=0), len(units)), np.nan)
    for column, unit in enumerate(units):
        scores[: len(unit), column] = [value(one) for one in unit]
    return scores


def _score(review: Review) -> float:
    return float("nan") if review.score is None else review.score


def _answer(question: Question, review: Review) -> float:
    """What a review answers, as a number; not applying is a value of its own, but for a scale, where it is missing."""
    said = review.answers.get(question.id, "")
    if question.kind == SCALE:
        return float(said) if said.isdigit() and question.low <= int(said) <= question.high else float("nan")
    return NOMINAL.get(said, float("nan"))
