"""Polls, from outside, numbers 169 and 170: a question was put to everybody or ended; somebody voted."""

from datetime import datetime

from rapport.model.fact_kind import Fact
from rapport.model.ids import Id


class PollSet(Fact, frozen=True):
    """A poll was made. Said again of one that is there: it closes at another time; its words stay as people read them."""

    number = 169
    poll: Id
    question: dict[str, str]
    choices: tuple[dict[str, str], ...]
    closes_at: datetime
    by: str
    results: str = "always"


class VoteCast(Fact, frozen=True):
    """Somebody chose; `voter` is drawn by chance for a browser. Whoever votes again is taken at their last word."""

    number = 170
    poll: Id
    voter: Id
    choice: int
