"""Poll: one question to everybody, with choices in both languages; Vote: what one browser chose, and nothing of who that is."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from rapport.model.ids import Id, derived_id

LANGUAGES = ("es", "en")
FEWEST, MOST = 2, 8  # choices
LONGEST = 200  # letters of the question and of each choice
OPEN_AT_MOST = timedelta(days=366)
Results = Literal["always", "voted", "closed"]


class Poll(msgspec.Struct, frozen=True):
    """A question with its choices, by language. `results`: who sees them: everybody, who has voted, or nobody until the end."""

    id: Id
    question: dict[str, str]
    choices: tuple[dict[str, str], ...]
    at: datetime
    closes_at: datetime
    by: str
    results: str = "always"

    def is_open(self, now: datetime) -> bool:
        """Whether a vote counts now."""
        return now < self.closes_at


class Vote(msgspec.Struct, frozen=True):
    """The last choice of one voter, from 0. `id` is derived from poll and voter; who that is stands nowhere."""

    id: Id
    poll: Id
    choice: int
    at: datetime


def vote_id(poll: bytes, voter: bytes) -> bytes:
    """The id of a voter's vote: each has one in each poll."""
    return derived_id(poll, "vote", voter)


def said_in(texts: dict[str, str], language: str) -> str:
    """A text in a language, else in whichever it was written in."""
    return texts.get(language) or next((text for text in texts.values() if text), "")
