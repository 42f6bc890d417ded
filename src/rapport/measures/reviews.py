"""Reviews as rows of the measures: one for each conversation that was drawn at random and reviewed; the first review counts."""

from collections.abc import Callable
from typing import Any, Protocol

from rapport.measures.columns import NEVER, Columns
from rapport.model.fact import AppealAnswered, Fact, ReviewGiven
from rapport.model.reviewed import WITHDRAWN

REVIEWS = {  # `score` in hundredths of a point; NEVER where nothing applied, or an appeal was upheld
    "talk": "i8", "day": "i4", "hour": "i1", "agent": "i4", "team": "i4", "site": "i4", "score": "i4", "passed": "i1",
}  # fmt: skip
HUNDREDTHS = 100


class Around(Protocol):
    """Who is who at the moment."""

    def who(self, agent: str) -> tuple[int, int, int]:
        """An agent with their team and site, as numbers of words."""


class Rows(Protocol):
    """What reviews are folded into."""

    talks: Columns
    reviews: Columns
    reviewed: dict[bytes, int]
    rows: dict[bytes, int]
    around: Any  # Any: as `Around`; a protocol's attribute would have to be the very type

    def set(self, table: Columns, row: int, **fields: int) -> None:
        """Set fields of a row."""


def given(folded: Rows, at: int, fact: ReviewGiven) -> None:
    """A review that stands for its agent's work. It belongs to the day of its conversation, and the team of that time."""
    talk = folded.rows.get(fact.conversation)
    if talk is None or not fact.counted or fact.score is None:
        return
    row = folded.reviewed[fact.review] = folded.reviews.add()
    agent, team, site = folded.around.who(fact.agent)
    talks = {name: folded.talks.cells[name][talk] for name in ("day", "hour", "agent", "team", "site")}
    if talks["agent"] == agent:
        team, site = talks["team"], talks["site"]
    score = round(fact.score * HUNDREDTHS)
    folded.set(
        folded.reviews, row, talk=talk, day=talks["day"], hour=talks["hour"], agent=agent, team=team, site=site, score=score,
        passed=int(fact.passed),
    )  # fmt: skip


def answered(folded: Rows, at: int, fact: AppealAnswered) -> None:
    """A review that was withdrawn counts no more."""
    row = folded.reviewed.get(fact.review)
    if row is not None and fact.verdict == WITHDRAWN:
        folded.set(folded.reviews, row, score=NEVER)


FOLDS: dict[type[Fact], Callable[[Any, int, Any], None]] = {  # Any: the rows, and each its own kind of fact
    ReviewGiven: given,
    AppealAnswered: answered,
}
