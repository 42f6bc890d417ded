"""A reply on its way: written, checked, approved where the rules ask for it, queued part by part, sent."""

from datetime import timedelta

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.errors import Refused
from rapport.model.agent import Agent
from rapport.model.bilingual import both, said_in
from rapport.model.centre import Policy
from rapport.model.conversation import Conversation
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ApprovalAsked,
    DraftApproved,
    DraftRefused,
    DraftReturned,
    DraftWithdrawn,
    DraftWritten,
    MessageSent,
    ReplyQueued,
    SendPutOff,
    SendRefused,
    SendRetried,
    SendUnknown,
    Words,
)
from rapport.model.ids import show_id
from rapport.model.message import Direction, Message, Reach, Standing
from rapport.model.reply import Draft, DraftState, Outgoing, OutgoingState
from rapport.people.stage import stage as people
from rapport.replies.stage import stage
from replies.test_check import find
from stagework import Stagework, an_id, everything

CARD = "Your card 4111 1111 1111 1111 was charged"


def fit(account: str, channel: str, text: str, reach: Reach, to: str) -> tuple[str, ...]:
    """A network that carries what stands between bars, and nothing that is too long."""
    if "too long" in text:
        raise Refused("the text is too long for this network; shorten it")
    return tuple(part.strip() for part in text.split("|"))


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(fit, find))
    work.agents(Agent("bob", name="Bob Ruiz", team="it"), "eva", Agent("sue", role="supervisor"))
    return work


@pytest.fixture
def held(work) -> Conversation:
    """A conversation that bob has."""
    conversation = work.conversation_of(work.hear("My wifi is down", name="Ana"))
    work.accept("bob", conversation)
    return conversation


def reply(work: Stagework, held: Conversation, text: str = "On my way", agent: str = "bob", **fields):
    return work.act(agent, "reply", text, conversation=held.id, **fields)


def ask_for_approval(work: Stagework) -> None:
    work.set("policy", "public", Policy("public", approve=("public",)))


def the_message(work: Stagework) -> Message:
    (found,) = [m for m in work.rows.all(Message) if m.direction is Direction.OUT]
    return found


def test_without_a_policy_a_reply_is_queued_at_once(work, held):
    answer = reply(work, held)

    assert isinstance(answer, ActionDone)
    assert work.last(DraftApproved).by == ""
    outgoing = work.only(Outgoing)
    assert (outgoing.text, outgoing.to, outgoing.state) == ("On my way", "mastodon:@ana@example.social", "queued")
    assert (outgoing.reach, outgoing.account, outgoing.handle) == ("public", "our-mastodon", held.handle)
    assert outgoing.in_reply_to == work.row(Message, held.message).key
    assert work.row(Draft, answer.result).state is DraftState.APPROVED


def test_our_message_stands_in_the_conversation_and_nothing_is_owed_any_more(work, held):
    work.later(minutes=1)
    reply(work, held)

    message = the_message(work)
    assert (message.text, message.author, message.standing, message.conversation) == (
        "On my way",
        "Bob Ruiz",
        "queued",
        held.id,
    )
    found = work.only(Conversation)
    assert (found.waiting_since, found.due_at, found.answered_at, found.preview) == (None, None, work.now, "On my way")


def test_what_was_written_is_sealed_for_the_person_and_in_no_body(work, held):
    reply(work, held, "The wifi key of room 512 is on the desk")

    quoting = [e for e in work.entries if isinstance(e.fact, DraftWritten | DraftApproved | ReplyQueued)]
    assert [e.owner for e in quoting] == [held.handle] * 3
    assert "512" not in str(work.facts)


def test_personal_data_in_public_is_refused_by_its_rule(work, held):
    answer = reply(work, held, CARD)

    assert work.last(DraftRefused).rule == "personal-data"
    assert isinstance(answer, ActionRefused)
    assert answer.reason.startswith("personal-data: ")
    assert (work.all(ReplyQueued), work.only(Draft).state) == ([], "refused")


def test_in_private_the_same_text_goes(work, held):
    assert isinstance(reply(work, held, CARD, reach="private"), ActionDone)
    assert work.only(Outgoing).reach is Reach.PRIVATE


def test_a_network_that_cannot_carry_it_refuses_it_with_the_cure(work, held):
    answer = reply(work, held, "this is too long")

    assert answer.reason == "unfit: the text is too long for this network; shorten it"


def test_an_empty_reply_is_refused(work, held):
    assert reply(work, held, "").reason == "empty: A reply needs words."


def test_only_who_has_the_conversation_writes_in_it(work, held):
    assert reply(work, held, agent="eva").reason.startswith("not-yours: eva does not have this conversation")
    assert isinstance(reply(work, held, agent="sue"), ActionDone)


@pytest.mark.parametrize("fields", [{"reach": "secret"}])
def test_a_reach_that_is_none_is_refused(work, held, fields):
    assert reply(work, held, **fields).reason == "A reply is public or private, got 'secret'."


def test_nothing_is_written_in_what_is_resolved(work, held):
    work.act("bob", "wrap_up", conversation=held.id, argument="solved")

    assert reply(work, held).reason == "This conversation is resolved; reopen it to write in it."


def test_a_policy_asks_for_approval_in_public(work, held):
    ask_for_approval(work)
    answer = reply(work, held)

    assert isinstance(answer, ActionDone)
    assert work.last(ApprovalAsked).rules == ("public",)
    assert work.only(Conversation).draft == answer.result
    assert (work.all(ReplyQueued), work.only(Draft).state) == ([], "asked")


@pytest.mark.parametrize(
    ("policy", "text", "reach", "rules"),
    [
        (Policy("p", approve=("private",)), "Hi", "private", ("private",)),
        (Policy("p", approve=("always",)), "Hi", "private", ("always",)),
        (Policy("p", checks={"personal-data": "ask"}), CARD, "", ("personal-data",)),
        (Policy("p", approve=("public",), teams=("it",)), "Hi", "", ("public",)),
        (Policy("p", approve=("public",), channels=("social",)), "Hi", "", ("public",)),
    ],
)
def test_policies_ask_for_what_they_name(work, held, policy, text, reach, rules):
    work.set("policy", "p", policy)
    reply(work, held, text, reach=reach)

    assert work.last(ApprovalAsked).rules == rules


@pytest.mark.parametrize(
    "policy",
    [
        Policy("p", approve=("private",)),
        Policy("p", approve=("public",), teams=("sales",)),
        Policy("p", approve=("public",), channels=("email",)),
        Policy("p", approve=("trainee",)),
        Policy("p", checks={"personal-data": "nonsense"}),
    ],
)
def test_policies_of_others_do_not_hold_here(work, held, policy):
    work.set("policy", "p", policy)
    reply(work, held)

    assert work.all(ApprovalAsked) == []


def test_a_trainee_is_looked_over_the_shoulder(work, held):
    work.agents(Agent("bob", attributes={"trainee": True}))
    work.set("policy", "p", Policy("p", approve=("trainee",)))
    reply(work, held, reach="private")

    assert work.last(ApprovalAsked).rules == ("trainee",)


def test_somebody_else_approves_and_it_is_queued(work, held):
    ask_for_approval(work)
    draft = reply(work, held).result
    answer = work.act("eva", "approve", draft=draft)

    assert isinstance(answer, ActionDone)
    assert work.last(DraftApproved).by == "eva"
    assert work.only(Outgoing).text == "On my way"
    assert (work.only(Conversation).draft, work.only(Draft).approver) == (None, "eva")


def test_the_draft_is_found_by_its_conversation(work, held):
    ask_for_approval(work)
    reply(work, held)

    assert isinstance(work.act("eva", "approve", conversation=held.id), ActionDone)


def test_nobody_approves_their_own_text(work, held):
    ask_for_approval(work)
    draft = reply(work, held).result

    assert work.act("bob", "approve", draft=draft).reason.startswith("own-text: ")
    assert work.all(ReplyQueued) == []


def test_an_approver_may_edit_and_what_goes_out_is_the_edited_text(work, held):
    ask_for_approval(work)
    draft = reply(work, held, "On my way, dude").result
    work.act("eva", "approve", "A technician is on the way | Room 512", draft=draft)

    assert [o.text for o in work.rows.all(Outgoing)] == ["A technician is on the way", "Room 512"]
    assert the_message(work).text == "A technician is on the way | Room 512"
    assert (work.only(Draft).text, work.only(Draft).parts) == ("On my way, dude", ("A technician is on the way", "Room 512"))


def test_an_edited_text_is_checked_again(work, held):
    ask_for_approval(work)
    draft = reply(work, held).result
    answer = work.act("eva", "approve", CARD, draft=draft)

    assert answer.reason.startswith("personal-data: ")
    assert work.only(Draft).state is DraftState.ASKED


def test_a_draft_is_returned_with_a_reason_and_another_can_be_written(work, held):
    ask_for_approval(work)
    draft = reply(work, held).result
    work.act("eva", "return", "Say when", draft=draft)
    again = reply(work, held, "On my way, five minutes")

    assert work.last(DraftReturned).by == "eva"
    assert (work.row(Draft, draft).state, work.row(Draft, draft).reason) == ("returned", "Say when")
    assert work.only(Conversation).draft == again.result


def test_its_author_alone_withdraws_a_draft(work, held):
    ask_for_approval(work)
    draft = reply(work, held).result

    assert isinstance(work.act("eva", "withdraw", draft=draft), ActionRefused)
    assert isinstance(work.act("bob", "withdraw", draft=draft), ActionDone)
    assert work.last(DraftWithdrawn).by == "bob"
    assert work.only(Conversation).draft is None


def test_while_one_waits_for_approval_no_other_is_written(work, held):
    ask_for_approval(work)
    reply(work, held)

    assert reply(work, held, "And another").reason.startswith("A reply of this conversation waits for approval")


@pytest.mark.parametrize("do", ["approve", "return", "withdraw"])
def test_what_is_decided_is_not_decided_again(work, held, do):
    draft = reply(work, held).result

    assert work.act("eva", do, draft=draft).reason == "This reply is approved already."


@pytest.mark.parametrize("do", ["reply", "approve", "return", "withdraw", "retry_send", "give_up"])
def test_what_names_nothing_is_refused(work, do):
    assert isinstance(work.act("eva", do, "text"), ActionRefused)


def test_a_reply_of_many_parts_is_sent_when_its_last_part_is(work, held):
    reply(work, held, "one | two")
    first, second = sorted(work.rows.all(Outgoing), key=lambda o: o.part)
    work.tell(MessageSent(first.id, "net-1", work.now))
    halfway = the_message(work).standing
    work.tell(MessageSent(second.id, "net-2", work.now))

    assert (first.parts, second.parts, halfway) == (2, 2, Standing.QUEUED)
    assert (the_message(work).standing, the_message(work).key) == (Standing.SENT, "net-1")


def test_who_answers_our_message_finds_the_conversation(work, held):
    reply(work, held)
    work.tell(MessageSent(work.only(Outgoing).id, "net-1", work.now))
    work.act("bob", "wrap_up", conversation=held.id, argument="solved")
    work.later(days=7)
    message = work.hear("It broke again", in_reply_to="net-1", intent="other")

    assert work.conversation_of(message).id == held.id


def test_by_email_the_subject_is_the_one_it_answers(work):
    conversation = work.conversation_of(work.hear("Help", by="email:ana@example.org", subject="Wifi", reach=Reach.PRIVATE))
    work.accept("bob", conversation)
    reply(work, conversation)
    reply(work, conversation, "More", subject="Another thing")

    assert sorted(o.subject for o in work.rows.all(Outgoing)) == ["Another thing", "Re: Wifi"]


def test_what_is_put_off_is_tried_again_later(work, held):
    reply(work, held)
    outgoing = work.only(Outgoing)
    later = work.now + timedelta(minutes=5)
    work.tell(SendPutOff(outgoing.id, 1, later), Words(reason="busy"), held.handle)
    work.later(minutes=10)

    found = work.only(Outgoing)
    assert (found.state, found.not_before, found.tries, found.reason) == ("queued", later, 1, "busy")


@pytest.mark.parametrize(
    ("receipt", "state", "standing"),
    [(SendRefused, OutgoingState.REFUSED, Standing.REFUSED), (SendUnknown, OutgoingState.UNKNOWN, Standing.UNKNOWN)],
)
def test_what_the_network_refused_or_nobody_knows_is_shown_with_its_reason(work, held, receipt, state, standing):
    reply(work, held)
    work.tell(receipt(work.only(Outgoing).id, 1), Words(reason="account suspended"), held.handle)

    assert work.only(Outgoing).state is state
    assert (the_message(work).standing, the_message(work).reason) == (standing, "account suspended")


def test_what_was_sent_stays_sent_whatever_an_older_attempt_says(work, held):
    reply(work, held)
    outgoing = work.only(Outgoing)
    work.tell(SendUnknown(outgoing.id, 1))
    work.tell(MessageSent(outgoing.id, "net-1", work.now, located=True))
    work.tell(SendRefused(outgoing.id, 1))
    work.tell(SendPutOff(outgoing.id, 1, work.now))

    assert (work.only(Outgoing).state, the_message(work).standing) == (OutgoingState.SENT, Standing.SENT)


def test_a_person_decides_what_nobody_knows(work, held):
    reply(work, held)
    outgoing = work.only(Outgoing)
    work.tell(SendUnknown(outgoing.id, 1))
    again = work.act("eva", "retry_send", outgoing=outgoing.id)
    queued = work.only(Outgoing)
    work.tell(SendUnknown(outgoing.id, 2))
    left = work.act("eva", "give_up", argument=show_id(outgoing.id))

    assert (again.result, queued.state, queued.tries) == (outgoing.id, "queued", 1)
    assert (left.result, work.only(Outgoing).state) == (outgoing.id, "recalled")
    assert [f.give_up for f in work.all(SendRetried)] == [False, True]


def test_what_is_on_its_way_is_not_to_be_decided(work, held):
    reply(work, held)

    assert (
        work.act("eva", "retry_send", outgoing=work.only(Outgoing).id).reason
        == "Nothing is to be decided: this message is queued."
    )


def test_the_same_text_twice_is_only_a_warning(work, held):
    reply(work, held)
    answer = reply(work, held)

    assert [f.rule for f in work.row(Draft, answer.result).findings] == ["duplicate"]
    assert len(work.all(ReplyQueued)) == 2


def test_parts_have_ids_that_stay_the_same(work, held):
    reply(work, held, "one | two")

    ids = [f.outgoing for f in work.all(ReplyQueued)]
    assert len(set(ids)) == 2
    assert ids == [o.id for o in sorted(work.rows.all(Outgoing), key=lambda o: o.part)]


def test_folding_again_from_zero_gives_the_same_rows(work, held):
    ask_for_approval(work)
    draft = reply(work, held, "one | two").result
    work.act("eva", "approve", "one | two | three", draft=draft)
    for outgoing in list(work.rows.all(Outgoing))[:2]:
        work.tell(MessageSent(outgoing.id, f"net-{outgoing.part}", work.now))
    work.tell(SendUnknown(sorted(work.rows.all(Outgoing), key=lambda o: o.part)[2].id, 1))
    tables = (Draft, Outgoing, Message, Conversation)

    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


def test_every_fact_is_of_the_running_round(work, held):
    work.later(hours=1)
    reply(work, held)

    ours = [e for e in work.entries if isinstance(e.fact, DraftWritten | DraftApproved | ReplyQueued | ActionDone)]
    assert {e.at for e in ours} == {work.now}
    assert an_id("nobody") not in {e.owner for e in ours}


def test_what_a_networks_rules_do_not_let_out_is_refused_before_it_is_a_draft_and_says_why_in_both_languages():
    asked = []

    def may(asking):
        asked.append(asking)
        return both("The window of 24 hours is over.", "La ventana de 24 horas terminó.")

    work = Stagework(people(), conversations(), stage(fit, find, may))
    work.agents("bob")
    message = work.hear("My wifi is down")
    work.accept("bob", work.conversation_of(message))
    answer = work.act("bob", "reply", "On it", conversation=work.conversation_of(message).id)

    assert isinstance(answer, ActionRefused)
    assert said_in(answer.reason, "en") == "The window of 24 hours is over."
    assert said_in(answer.reason, "es") == "La ventana de 24 horas terminó."
    assert work.all(DraftWritten) == []
    assert (asked[0].handle, asked[0].heard_at, asked[0].key) == ("mastodon:@ana@example.social", message.at, message.key)


def test_a_window_that_closed_while_a_reply_waited_for_approval_holds_it_back():
    is_open = [True]
    work = Stagework(people(), conversations(), stage(fit, find, lambda asking: "" if is_open[0] else "The window is over."))
    work.agents("bob", Agent("sue", role="supervisor"))
    work.set("policy", "all", Policy("all", approve=("always",)))
    message = work.hear("My wifi is down")
    work.accept("bob", work.conversation_of(message))
    work.act("bob", "reply", "On it", conversation=work.conversation_of(message).id)
    is_open[0] = False

    answer = work.act("sue", "approve", conversation=work.conversation_of(message).id)

    assert answer == ActionRefused(answer.action, "The window is over.")
    assert work.all(ReplyQueued) == []
