"""The view of polls and votes. What comes after the end, or names no choice, counts for nothing."""

from typing import cast

from msgspec.structs import replace

from rapport.ledger.views import Folds, Rows, Written
from rapport.model.fact import PollSet, VoteCast
from rapport.model.poll import Poll, Vote, vote_id


def _set(entry: Written, rows: Rows) -> None:
    fact = cast(PollSet, entry.fact)
    before = rows.get(Poll, fact.poll)
    if before is not None:
        rows.put(replace(before, closes_at=fact.closes_at))
        return
    rows.put(Poll(fact.poll, fact.question, fact.choices, entry.at, fact.closes_at, fact.by, fact.results))


def _cast(entry: Written, rows: Rows) -> None:
    fact = cast(VoteCast, entry.fact)
    poll = rows.get(Poll, fact.poll)
    if poll is not None and poll.is_open(entry.at) and 0 <= fact.choice < len(poll.choices):
        rows.put(Vote(vote_id(fact.poll, fact.voter), fact.poll, fact.choice, entry.at))


FOLDS: Folds = {PollSet: _set, VoteCast: _cast}
