"""Surveys in the rows of the measures: when a person was asked about a conversation, and what they said of it last."""

from collections.abc import Callable
from typing import Any, Protocol

from rapport.measures.columns import Columns
from rapport.model.fact import Fact, SurveyAnswered, SurveyAsked, SurveyHeard, SurveySent


class Rows(Protocol):
    """What surveys are folded into."""

    talks: Columns
    rows: dict[bytes, int]

    def set(self, table: Columns, row: int, **fields: int) -> None:
        """Set fields of a row."""


def asked(folded: Rows, at: int, fact: SurveyAsked | SurveySent) -> None:
    """A person was asked how it was, by somebody or by itself."""
    row = folded.rows.get(fact.conversation)
    if row is not None:
        folded.set(folded.talks, row, asked=at)


def told(folded: Rows, at: int, fact: SurveyAnswered) -> None:
    """A person said how it was; their last word counts."""
    row = folded.rows.get(fact.conversation)
    if row is not None:
        said = {"satisfied": fact.satisfied, "effort": fact.effort, "recommends": fact.recommends, "solved": fact.solved}
        folded.set(folded.talks, row, told=at, **said)


def heard(folded: Rows, at: int, fact: SurveyHeard) -> None:
    """A person answered the question that we asked in their conversation; what they said of others stands."""
    row = folded.rows.get(fact.conversation)
    if row is not None:
        folded.set(folded.talks, row, told=at, **{fact.question: fact.value})


FOLDS: dict[type[Fact], Callable[[Any, int, Any], None]] = {  # Any: the rows, and each its own kind of fact
    SurveyAsked: asked,
    SurveySent: asked,
    SurveyAnswered: told,
    SurveyHeard: heard,
}
