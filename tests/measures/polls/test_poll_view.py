"""Polls and votes: one vote for each voter, the last counts, and nothing after the end."""

from datetime import timedelta

import pytest

from rapport.access.poll_links import poll_link, read_poll_link, read_voter, voter_text
from rapport.errors import BadInput
from rapport.measures.polls import view
from rapport.measures.polls.counting import reckoned
from rapport.model.fact import PollSet, VoteCast
from rapport.model.poll import Poll, Vote
from rapport.model.share import wilson
from stagework import VIEWS, Stagework, an_id, everything

POLL = an_id("poll")
CHOICES = ({"es": "Sí", "en": "Yes"}, {"es": "No", "en": "No"})


@pytest.fixture
def work() -> Stagework:
    work = Stagework(views=(*VIEWS, view.FOLDS))
    work.tell(PollSet(POLL, {"es": "¿Otra vez?"}, CHOICES, work.now + timedelta(hours=2), "sue"))
    return work


def choices(work: Stagework) -> list[int]:
    return sorted(vote.choice for vote in work.rows.all(Vote))


def test_each_voter_has_one_vote_and_the_last_choice_counts(work):
    for voter, choice in (("a", 0), ("b", 0), ("a", 1)):
        work.tell(VoteCast(POLL, an_id(voter), choice))

    assert choices(work) == [0, 1]
    assert everything(work.rebuilt(), (Poll, Vote)) == everything(work.rows, (Poll, Vote))


def test_what_comes_after_the_end_names_no_choice_or_no_poll_counts_for_nothing(work):
    work.tell(VoteCast(POLL, an_id("a"), 2))
    work.tell(VoteCast(POLL, an_id("a"), -1))
    work.tell(VoteCast(an_id("other"), an_id("a"), 0))
    work.tell(VoteCast(POLL, an_id("b"), 1))
    work.later(hours=2)
    work.tell(VoteCast(POLL, an_id("b"), 0))

    assert choices(work) == [1]


def test_a_poll_that_is_set_again_ends_at_another_time_and_keeps_its_words(work):
    work.later(minutes=5)
    work.tell(PollSet(POLL, {"es": "¿Otra cosa?"}, CHOICES[:1], work.now, "sue"))
    work.tell(VoteCast(POLL, an_id("late"), 0))

    poll = work.row(Poll, POLL)
    assert (poll.question, len(poll.choices), poll.is_open(work.now)) == ({"es": "¿Otra vez?"}, 2, False)
    assert choices(work) == []


def test_shares_have_the_intervals_of_wilson_and_none_is_zero_of_zero():
    some, none = reckoned([3, 1, 0]), reckoned([0, 0])

    assert [(one.share, one.low, one.high) for one in some] == [
        (0.75, *wilson(3, 4)), (0.25, *wilson(1, 4)), (0.0, *wilson(0, 4)),
    ]  # fmt: skip
    assert [(one.share, one.low, one.high) for one in none] == [(0.0, 0.0, 1.0)] * 2


def test_a_link_and_a_mark_are_ours_for_one_poll_of_one_tenant_alone():
    link, mark = poll_link(3, POLL, key=b"k"), voter_text(3, POLL, an_id("a"), key=b"k")

    assert read_poll_link(link, key=b"k") == (3, POLL)
    assert read_voter(mark, 3, POLL, key=b"k") == an_id("a")
    assert read_voter(mark, 4, POLL, key=b"k") is None
    assert read_voter(mark, 3, an_id("other"), key=b"k") is None
    assert [read_voter(text, 3, POLL, key=b"k") for text in ("", "00", an_id("a").hex() + ".x", "é")] == [None] * 4
    for wrong in (link[:-1] + "0" * (link[-1] != "0") + "1" * (link[-1] == "0"), "x.y", "", poll_link(3, POLL, key=b"j")):
        with pytest.raises(BadInput, match="leads to no poll"):
            read_poll_link(wrong, key=b"k")
