"""Operations on messages that are there, and what networks report of ours: asked, done, refused, unknown; all on record."""

import itertools
from datetime import timedelta
from functools import partial

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.model.agent import Agent
from rapport.model.centre import Account, Policy
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    Changed,
    ConversationRead,
    MessageSent,
    OperationAsked,
    OperationDone,
    ReceiptSeen,
    SendUnknown,
)
from rapport.model.message import Direction, Message, Standing
from rapport.model.news import Delivery
from rapport.model.reply import Outgoing, OutgoingState
from rapport.model.sequel import Sequel
from rapport.people.stage import stage as people
from rapport.replies.stage import stage
from replies.test_check import find
from replies.test_replies_stage import CARD, fit
from stagework import Stagework, an_id


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find))
    work.agents(Agent("bob", name="Bob Ruiz"), "eva", Agent("sue", role="supervisor"))
    return work


@pytest.fixture
def theirs(work) -> Message:
    """A message in a conversation that bob has."""
    message = work.hear("Esto es una estafa", name="Ana")
    work.accept("bob", work.conversation_of(message))
    return work.row(Message, message.id)


@pytest.fixture
def ours(work, theirs) -> Message:
    """Bob's answer, which the network has."""
    work.act("bob", "reply", "Lo vemos", conversation=theirs.conversation)
    work.tell(MessageSent(work.only(Outgoing).id, "net-1", work.now, account="our-mastodon", attempt=1))
    return next(m for m in work.rows.all(Message) if m.direction is Direction.OUT)


def do(work: Stagework, agent: str, op: str, message: Message, text: str = ""):
    return work.act(agent, "moderate", text, argument=op, message=message.id, conversation=message.conversation)


def the_operation(work: Stagework) -> Outgoing:
    return next(part for part in work.rows.all(Outgoing) if part.op)


@pytest.mark.parametrize("told", ["yes", "no"])
def test_where_an_account_says_so_the_network_is_told_once_that_its_agent_read_the_last_message(work, told):
    work.set("account", "our-mastodon", Account("our-mastodon", "mastodon", settings={"mark_read": told}))
    message = work.hear("Esto es una estafa", name="Ana")
    conversation = work.conversation_of(message)
    work.accept("bob", conversation)

    for _ in range(2):
        work.tell(ConversationRead(conversation.id, "bob"))

    assert [(part.op, part.target) for part in work.rows.all(Outgoing)] == [("mark_read", message.key)] * (told == "yes")
    for part in work.rows.all(Outgoing):
        work.tell(OperationDone(part.id, work.now))
    assert list(work.rows.all(Sequel)) == []  # nothing became of the message


def test_a_message_of_ours_is_taken_down_when_its_network_has_done_it_and_stays_in_the_record(work, ours):
    answer = do(work, "bob", "delete", ours)
    operation = the_operation(work)
    waiting = work.only(Sequel)
    work.tell(OperationDone(operation.id, work.now))

    assert isinstance(answer, ActionDone)
    assert (operation.target, operation.by, operation.state) == ("net-1", "bob", OutgoingState.QUEUED)
    assert waiting.deleted_at is None
    assert (work.only(Sequel).deleted_at, work.only(Sequel).deleted_by) == (work.now, "bob")
    assert work.row(Message, ours.id).text == "Lo vemos"


def test_each_part_of_a_message_is_taken_down(work, theirs):
    work.act("bob", "reply", "uno | dos", conversation=theirs.conversation)
    for part in sorted(work.rows.all(Outgoing), key=lambda part: part.part):
        work.tell(MessageSent(part.id, f"net-{part.part}", work.now))
    message = next(m for m in work.rows.all(Message) if m.direction is Direction.OUT)
    do(work, "bob", "delete", message)

    assert [asked.of for asked in work.all(OperationAsked)] == ["net-0", "net-1"]


def test_an_edit_is_what_the_message_says_once_it_is_done_and_the_earlier_text_is_kept(work, ours):
    do(work, "bob", "edit", ours, "Lo vemos ya")
    before = work.row(Message, ours.id).text
    work.tell(OperationDone(the_operation(work).id, work.now))

    assert (before, work.row(Message, ours.id).text) == ("Lo vemos", "Lo vemos ya")
    assert [version.text for version in work.only(Sequel).versions] == ["Lo vemos", "Lo vemos ya"]


def test_their_message_is_hidden_and_shown_again(work, theirs):
    do(work, "bob", "hide", theirs)
    work.tell(OperationDone(the_operation(work).id, work.now))
    hidden = work.only(Sequel).hidden_by
    do(work, "sue", "unhide", theirs)
    work.tell(OperationDone(work.last(OperationAsked).outgoing, work.now))

    assert (hidden, work.only(Sequel).hidden_by) == ("bob", "")


def test_a_reaction_of_ours_is_shown_until_it_is_taken_back(work, theirs):
    do(work, "bob", "react", theirs, "👍")
    work.tell(OperationDone(the_operation(work).id, work.now))
    there = work.only(Sequel).ours
    do(work, "bob", "unreact", theirs, "👍")
    work.tell(OperationDone(work.last(OperationAsked).outgoing, work.now))

    assert (there, work.only(Sequel).ours) == (("👍",), ())


@pytest.mark.parametrize(("one_sign", "kept"), [(True, [("👍",), ("❤️",), ()]), (False, [("👍",), ("👍", "❤️"), ("❤️",)])])
def test_where_a_network_keeps_one_sign_of_ours_the_next_takes_its_place_and_any_takes_it_back(work, theirs, one_sign, kept):
    found = []
    for op, sign in (("react", "👍"), ("react", "❤️"), ("unreact", "👍")):
        do(work, "bob", op, theirs, sign)
        work.tell(OperationDone(work.last(OperationAsked).outgoing, work.now, one_sign=one_sign))
        found.append(work.only(Sequel).ours)

    assert found == kept


@pytest.mark.parametrize(
    ("agent", "op", "whose", "text", "why"),
    [
        ("eva", "hide", "theirs", "", "does not have this conversation"),
        ("bob", "delete", "theirs", "", "Only a message of ours"),
        ("bob", "hide", "ours", "", "Only a message of ours"),
        ("bob", "edit", "ours", "", "needs words"),
        ("bob", "edit", "ours", CARD, "personal-data"),
        ("bob", "edit", "ours", "one | two", "does not fit"),
        ("bob", "burn", "ours", "", "An operation is one of"),
    ],
)
def test_what_may_not_be_done_is_refused_and_says_why(work, theirs, ours, agent, op, whose, text, why):
    answer = do(work, agent, op, theirs if whose == "theirs" else ours, text)

    assert isinstance(answer, ActionRefused)
    assert why in answer.reason
    assert work.all(OperationAsked) == []


def test_an_edit_that_would_need_approval_is_for_who_may_approve(work, ours):
    work.set("policy", "public", Policy("public", approve=("public",)))
    refused, done = do(work, "bob", "edit", ours, "Otra cosa"), do(work, "sue", "edit", ours, "Otra cosa")

    assert (type(refused), type(done)) == (ActionRefused, ActionDone)


def test_an_operation_whose_outcome_is_unknown_changes_no_message_and_can_be_tried_again(work, ours):
    do(work, "bob", "delete", ours)
    operation = the_operation(work)
    work.tell(SendUnknown(operation.id, 1))
    unknown = (the_operation(work).state, work.row(Message, ours.id).standing)
    work.act("sue", "retry_send", outgoing=operation.id)

    assert unknown == (OutgoingState.UNKNOWN, Standing.SENT)
    assert (the_operation(work).state, work.row(Message, ours.id).standing) == (OutgoingState.QUEUED, Standing.SENT)


def a_report(work: Stagework, delivery: Delivery, reason: str = "", of: str = "net-1") -> None:
    fact = ReceiptSeen("our-mastodon", "mastodon", of, an_id("handle"), delivery, work.now)
    work.tell(fact, Changed(reason=reason), an_id("handle"))


@pytest.mark.parametrize("order", list(itertools.permutations(["sent", "delivered", "read", "taken"])))
def test_reports_in_any_order_even_before_our_own_receipt_join_to_the_furthest(work, theirs, order):
    work.act("bob", "reply", "Lo vemos", conversation=theirs.conversation)
    taken = partial(work.tell, MessageSent(work.only(Outgoing).id, "net-1", work.now, account="our-mastodon", attempt=1))
    for what in order:
        taken() if what == "taken" else a_report(work, Delivery(what))

    assert (work.only(Outgoing).delivery, work.only(Outgoing).state) == (Delivery.READ, OutgoingState.SENT)


@pytest.mark.parametrize("first", ["taken", "failed"])
def test_a_part_that_its_network_took_and_could_not_deliver_is_told_to_people_and_can_be_sent_anew(work, theirs, first):
    work.act("bob", "reply", "Lo vemos", conversation=theirs.conversation)
    part = work.only(Outgoing)
    taken = MessageSent(part.id, "net-1", work.now, account="our-mastodon", attempt=1)
    steps = [lambda: work.tell(taken), lambda: a_report(work, Delivery.FAILED, "no such number")]
    for step in steps if first == "taken" else steps[::-1]:
        step()
    failed = work.only(Outgoing)
    message = work.row(Message, failed.message)
    work.act("sue", "retry_send", outgoing=part.id)
    again = work.only(Outgoing)

    assert (failed.state, failed.reason) == (OutgoingState.REFUSED, "no such number")
    assert (message.standing, message.reason) == (Standing.REFUSED, "no such number")
    assert (again.state, again.anew, again.tries) == (OutgoingState.QUEUED, 1, 1)
    assert again.not_before is not None


def test_a_late_report_of_the_first_try_does_not_fail_what_was_sent_anew(work, theirs):
    work.act("bob", "reply", "Lo vemos", conversation=theirs.conversation)
    part = work.only(Outgoing)
    work.tell(MessageSent(part.id, "net-1", work.now, attempt=1))
    a_report(work, Delivery.FAILED)
    work.act("sue", "retry_send", outgoing=part.id)
    work.tell(MessageSent(part.id, "net-2", work.now + timedelta(seconds=1), attempt=2))
    a_report(work, Delivery.FAILED)

    assert (work.only(Outgoing).state, work.only(Outgoing).key) == (OutgoingState.SENT, "net-2")


def test_a_report_that_it_arrived_after_all_counts(work, ours):
    a_report(work, Delivery.FAILED)
    a_report(work, Delivery.DELIVERED)

    assert work.row(Message, ours.id).standing is Standing.SENT
