"""What has not left can be taken back, and what is to leave later waits for its time."""

from datetime import timedelta

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.model.agent import Agent
from rapport.model.centre import Policy
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, MessageSent, ReplyQueued, Words
from rapport.model.ids import derived_id
from rapport.model.message import Message
from rapport.model.reply import Draft, Outgoing
from rapport.model.statement import Statement
from rapport.people.stage import stage as people
from rapport.replies.stage import stage
from replies.test_check import find
from replies.test_replies_stage import fit
from stagework import Stagework, an_id, everything


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find))
    work.agents("bob", "eva", Agent("sue", role="supervisor"))
    work.set("policy", "p", Policy("p", hold_seconds=10))
    return work


@pytest.fixture
def held(work) -> Conversation:
    conversation = work.conversation_of(work.hear("My wifi is down"))
    work.accept("bob", conversation)
    return work.row(Conversation, conversation.id)


def reply(work, held, text="On my way", **fields):
    return work.act("bob", "reply", text, conversation=held.id, **fields)


def test_a_reply_waits_for_the_policys_seconds(work, held):
    reply(work, held)

    assert work.only(Outgoing).not_before == work.now + timedelta(seconds=10)


def test_one_click_takes_it_back_and_the_answer_is_owed_as_before(work, held):
    work.later(minutes=1)
    draft = reply(work, held, "one | two").result
    work.later(seconds=5)
    answer = work.act("bob", "unsend", draft=draft)

    assert isinstance(answer, ActionDone)
    assert {part.state for part in work.rows.all(Outgoing)} == {"recalled"}
    found = work.only(Conversation)
    assert (found.waiting_since, found.due_at, found.answered_at) == (held.waiting_since, held.due_at, None)
    assert work.row(Message, derived_id(draft, "message")).standing == "withdrawn"
    assert (work.row(Draft, draft).state, list(work.rows.all(Statement))) == ("withdrawn", [])


@pytest.mark.parametrize("seconds", [9.5, 60])
def test_what_is_about_to_leave_or_has_left_cannot_be_taken_back(work, held, seconds):
    draft = reply(work, held).result
    work.later(seconds=seconds)

    assert work.act("bob", "unsend", draft=draft).reason == "It has left already; take the message down instead."


def test_only_its_author_its_approver_or_a_senior_takes_it_back(work, held):
    draft = reply(work, held).result

    assert work.act("eva", "unsend", draft=draft).reason.startswith("not-yours: ")
    assert isinstance(work.act("sue", "unsend", draft=draft), ActionDone)


def test_what_the_network_took_all_the_same_is_shown_as_sent(work, held):
    draft = reply(work, held).result
    work.act("bob", "unsend", draft=draft)
    work.tell(MessageSent(work.only(Outgoing).id, "net-1", work.now))

    assert (work.only(Outgoing).state, work.row(Message, derived_id(draft, "message")).standing) == ("sent", "sent")


def test_a_reply_can_be_written_for_later_and_taken_back_until_then(work, held):
    draft = reply(work, held, argument="2026-03-04T09:00").result
    at = work.only(Outgoing).not_before
    work.later(hours=10)

    assert at.isoformat() == "2026-03-04T09:00:00+00:00"
    assert isinstance(work.act("bob", "unsend", draft=draft), ActionDone)


@pytest.mark.parametrize("argument", ["tomorrow", "2020-01-01T10:00", "2030-01-01T10:00"])
def test_a_time_that_is_none_or_past_or_far_away_is_refused(work, held, argument):
    assert isinstance(reply(work, held, argument=argument), ActionRefused)
    assert work.all(ReplyQueued) == []


def test_after_an_approval_the_seconds_begin_anew_and_the_approver_may_take_it_back(work, held):
    work.set("policy", "q", Policy("q", approve=("always",)))
    draft = reply(work, held).result
    work.later(minutes=5)
    work.act("eva", "approve", draft=draft)

    assert work.only(Outgoing).not_before == work.now + timedelta(seconds=10)
    assert isinstance(work.act("eva", "unsend", draft=draft), ActionDone)


def test_what_was_taken_back_can_be_said_again_and_a_rebuild_gives_the_same_rows(work, held):
    work.act("bob", "unsend", draft=reply(work, held).result)
    answer = reply(work, held)

    tables = [Draft, Conversation, Outgoing, Message, Statement]
    assert isinstance(answer, ActionDone)
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


def test_the_text_of_an_action_is_never_in_its_body(work, held):
    work.tell(ActionTaken(an_id("x"), "bob", "reply", held.id), Words("The key of room 512"), held.handle)

    assert "512" not in str(work.facts)
