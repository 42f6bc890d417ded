"""The view of stories: which are kept, and for whom. Their words stay where they were said."""

from typing import cast

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact_story import StoryKept, StoryLetGo
from rapport.model.story import KeptStory


def _kept(entry: Written, rows: Rows) -> None:
    fact = cast(StoryKept, entry.fact)
    rows.put(KeptStory(fact.story, fact.by, entry.at, fact.purposes, fact.is_call))


def _let_go(entry: Written, rows: Rows) -> None:
    rows.drop(KeptStory, cast(StoryLetGo, entry.fact).story)


FOLDS: Folds = {StoryKept: _kept, StoryLetGo: _let_go}
