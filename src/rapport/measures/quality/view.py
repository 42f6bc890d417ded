"""The view of quality reviews: scorecards by version, what was drawn, what waits, what reviewers said and what became of it."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import CentreSet, Words
from rapport.model.fact_review import (
    AppealAnswered,
    CalibrationClosed,
    ReviewAppealed,
    ReviewAsked,
    ReviewGiven,
    ReviewLeft,
    ReviewSeen,
    SampleDrawn,
)
from rapport.model.playbook import Edition
from rapport.model.reviewed import DONE, LEFT, OPEN, WITHDRAWN, Review, Reviewable, Sample, card_id, version_of


def _set(entry: Written, rows: Rows) -> None:
    fact = cast(CentreSet, entry.fact)
    if fact.thing == "scorecard":
        id = card_id(fact.name, version_of(fact.body))
        if not rows.knows(Edition, id):
            rows.put(Edition(id, fact.body, entry.at))


def _drawn(entry: Written, rows: Rows) -> None:
    f = cast(SampleDrawn, entry.fact)
    rows.put(
        Sample(
            f.sample, f.plan, f.version, f.scorecard, f.card_version, f.starts, f.ends, entry.at, f.by, f.seq, f.seed,
            f.digest, f.candidates, f.asked, f.picked,
        )
    )  # fmt: skip


def _asked(entry: Written, rows: Rows) -> None:
    f = cast(ReviewAsked, entry.fact)
    rows.put(
        Reviewable(f.item, f.conversation, f.agent, entry.at, f.scorecard, f.version, f.kind, f.wanted, f.sample, f.why)
    )  # fmt: skip


def _given(entry: Written, rows: Rows) -> None:
    f = cast(ReviewGiven, entry.fact)
    words = _words(entry)
    notes = {name: text for name, text in words.values.items() if isinstance(text, str)}
    rows.put(
        Review(
            f.review, f.item, f.conversation, f.agent, f.reviewer, entry.at, f.answers, f.score, f.fatal, f.passed,
            f.evidence, notes, words.text,
        )
    )  # fmt: skip
    item = rows.get(Reviewable, f.item)
    if item is not None:
        ended = entry.at if f.last else None
        rows.change(Reviewable, f.item, given=(*item.given, f.reviewer), state=DONE if f.last else OPEN, ended_at=ended)


def _closed(entry: Written, rows: Rows) -> None:
    fact = cast(CalibrationClosed, entry.fact)
    rows.change(Reviewable, fact.item, state=DONE, ended_at=entry.at, ended_by=fact.by)


def _left(entry: Written, rows: Rows) -> None:
    fact = cast(ReviewLeft, entry.fact)
    item = rows.get(Reviewable, fact.item)
    state = DONE if item is not None and item.given else LEFT  # what was given stands, and its agent may read and appeal
    rows.change(Reviewable, fact.item, state=state, ended_at=entry.at, ended_by=fact.by, reason=_words(entry).reason)


def _appealed(entry: Written, rows: Rows) -> None:
    rows.change(Review, cast(ReviewAppealed, entry.fact).review, appeal=_words(entry).text, appealed_at=entry.at)


def _answered(entry: Written, rows: Rows) -> None:
    fact = cast(AppealAnswered, entry.fact)
    counts = fact.verdict != WITHDRAWN
    rows.change(
        Review, fact.review, answer=_words(entry).text, answered_at=entry.at, answered_by=fact.by, verdict=fact.verdict,
        counts=counts,
    )  # fmt: skip


def _seen(entry: Written, rows: Rows) -> None:
    rows.change(Review, cast(ReviewSeen, entry.fact).review, seen_at=entry.at)


def _words(entry: Written) -> Words:
    return entry.content if isinstance(entry.content, Words) else Words()


FOLDS: Folds = {
    CentreSet: _set,
    SampleDrawn: _drawn,
    ReviewAsked: _asked,
    ReviewGiven: _given,
    CalibrationClosed: _closed,
    ReviewLeft: _left,
    ReviewAppealed: _appealed,
    AppealAnswered: _answered,
    ReviewSeen: _seen,
}
