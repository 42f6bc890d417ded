"""Surveys in the rows of the measures: when a person was asked about a conversation, and what they said of it last."""

from collections.abc import Callable
from typing import Any, Protocol

from rapport.measures.columns import NEVER, Columns
from rapport.measures.lately import Lately
from rapport.model.fact import Fact, SurveyAnswered, SurveyAsked, SurveyHeard, SurveyHinted, SurveySent


class Rows(Protocol):
    """What surveys are folded into. `to_survey`: messages that answer a question of ours, or try to."""

    talks: Columns
    rows: dict[bytes, int]
    to_survey: Lately[bytes, bool]

    def set(self, table: Columns, row: int, **fields: int) -> None:
        """Set fields of a row."""


def asked(folded: Rows, at: int, fact: SurveyAsked | SurveySent) -> None:
    """A person was asked how it was, by somebody or by itself."""
    row = folded.rows.get(fact.conversation)
    if row is not None:
        folded.set(folded.talks, row, asked=at)


def told(folded: Rows, at: int, fact: SurveyAnswered) -> None:
    """A person said how it was; their last word on each question counts, and what they left out stands."""
    row = folded.rows.get(fact.conversation)
    if row is not None:
        said = {"satisfied": fact.satisfied, "effort": fact.effort, "recommends": fact.recommends, "solved": fact.solved}
        folded.set(folded.talks, row, told=at, **{name: value for name, value in said.items() if value != NEVER})


def heard(folded: Rows, at: int, fact: SurveyHeard) -> None:
    """A person answered the question that we asked in their conversation; what they said of others stands."""
    folded.to_survey.keep(fact.message, True)
    row = folded.rows.get(fact.conversation)
    if row is not None:
        folded.set(folded.talks, row, told=at, **{fact.question: fact.value})


def hinted(folded: Rows, at: int, fact: SurveyHinted) -> None:
    """A person meant to answer it: nobody waits for a word of ours then."""
    folded.to_survey.keep(fact.message, True)


FOLDS: dict[type[Fact], Callable[[Any, int, Any], None]] = {  # Any: the rows, and each its own kind of fact
    SurveyAsked: asked,
    SurveySent: asked,
    SurveyAnswered: told,
    SurveyHeard: heard,
    SurveyHinted: hinted,
}
