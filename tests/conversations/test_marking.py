"""Labels, priority, mentions, merge, split and blocking: what each changes, and that its opposite takes it back."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from rapport.conversations.stage import stage
from rapport.guard.stage import stage as guard
from rapport.guard.view import FOLDS as GUARD_FOLDS
from rapport.matching import view as matching_view
from rapport.matching.stage import stage as matching
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation, Labelled, Mention, State
from rapport.model.fact import ActionRefused, ConversationMarked, MessageHeld, MessageReceived, MessageUnderstood, NeedRaised
from rapport.model.fact_signal import SignalsChanged
from rapport.model.message import Message
from rapport.model.need import Need
from rapport.model.reply import Reminder
from rapport.model.signal import Signal, Signalled, Signals
from rapport.people.stage import stage as people
from stagework import NEIGHBOURS, VIEWS, Stagework, everything

READ = {MessageUnderstood: NEIGHBOURS[MessageUnderstood]}
CHAT = "webchat:visitor-1"
MAIL = "email:ana@example.org"


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), stage())
    work.agents(Agent("bob", name="Bob Ibarra", team="it"), Agent("eva", name="Eva Ruiz"))
    return work


def test_labels_are_kept_alike_and_come_off_again(work):
    conversation = work.conversation_of(work.hear("hello"))

    work.act("eva", "label", conversation=conversation.id, argument="Wi Fi, VIP, wi-fi")
    assert work.row(Conversation, conversation.id).labels == ("vip", "wi-fi")
    assert {row.label for row in work.rows.all(Labelled)} == {"vip", "wi-fi"}

    work.act("eva", "unlabel", conversation=conversation.id, argument="VIP")
    assert work.row(Conversation, conversation.id).labels == ("wi-fi",)
    assert {row.label for row in work.rows.all(Labelled)} == {"wi-fi"}


@pytest.mark.parametrize(
    ("do", "argument", "why"),
    [
        ("label", " , ", "A label needs a name"),
        ("label", "=cmd()", "got '=cmd()'"),
        ("label", ",".join(f"l{n}" for n in range(21)), "at most 20"),
        ("unlabel", "nix", "has no label 'nix'"),
        ("prioritise", "now", "got 'now'"),
    ],
)
def test_what_cannot_be_marked_is_refused_saying_why(work, do, argument, why):
    answer = work.act("eva", do, conversation=work.conversation_of(work.hear("hi")).id, argument=argument)

    assert isinstance(answer, ActionRefused)
    assert why in answer.reason
    assert work.all(ConversationMarked) == []


def test_a_priority_moves_urgency_and_the_need_up_and_down_again():
    work = Stagework(people(), stage(), matching(), views=(VIEWS[0], READ, *VIEWS[2:], matching_view.FOLDS))
    conversation = work.conversation_of(work.hear("my wifi is down", urgency=0.3))

    work.act("eva", "prioritise", conversation=conversation.id, argument="urgent")
    assert (work.row(Conversation, conversation.id).urgency, work.only(Need).urgency) == (1.0, 1.0)

    work.act("eva", "prioritise", conversation=conversation.id, argument="low")
    work.hear("please", urgency=0.9)
    assert (work.row(Conversation, conversation.id).urgency, work.only(Need).urgency) == (0.1, 0.1)
    assert len(work.all(NeedRaised)) == 3


def test_a_note_that_names_an_agent_waits_for_them_until_they_look(work):
    conversation = work.conversation_of(work.hear("hello"))

    work.act("eva", "note", "@Bob and @eva, see mail@bob.example", conversation=conversation.id)
    (mention,) = work.rows.all(Mention)
    assert (mention.agent, mention.by, mention.conversation, mention.seen_at) == ("bob", "eva", conversation.id, None)

    work.act("bob", "seen_mentions", conversation=conversation.id)
    assert work.row(Mention, mention.id).seen_at == work.now


def test_a_merge_moves_messages_and_threads_and_is_taken_apart_again(work):
    one = work.hear("first", by=MAIL, subject="Bill", thread="t1")
    work.later(hours=30)
    two = work.hear("second", by="mastodon:@ana@example.social")
    into, gone = work.conversation_of(two), work.conversation_of(one)

    work.act("eva", "merge", conversation=gone.id, argument=into.id.hex())
    later = work.hear("and more", by=MAIL, thread="t1")
    assert work.conversation_of(one).id == work.conversation_of(later).id == into.id
    assert work.row(Conversation, gone.id).state is State.RESOLVED
    assert work.row(Conversation, into.id).messages == 3

    work.act("eva", "unmerge", conversation=gone.id)
    assert work.conversation_of(one).id == gone.id
    assert work.conversation_of(later).id == into.id
    assert work.row(Conversation, gone.id).state is State.OPEN


@pytest.mark.parametrize(("do", "argument"), [("close", "solved"), ("snooze", "2026-03-20T10:00")])
def test_what_waits_for_an_answer_still_waits_when_it_goes_on_where_nobody_works(work, do, argument):
    over = work.conversation_of(work.hear("first", by=MAIL, thread="t1"))
    work.act("eva", do, conversation=over.id, argument=argument)
    assert work.row(Conversation, over.id).state in (State.RESOLVED, State.SNOOZED)
    waiting = work.conversation_of(work.hear("second", by="mastodon:@ana@example.social"))

    work.act("eva", "merge", conversation=waiting.id, argument=over.id.hex())

    again = work.row(Conversation, over.id)
    assert (again.state, again.waiting_since is not None) == (State.OPEN, True)
    assert work.row(Conversation, waiting.id).state is State.RESOLVED
    assert everything(work.rebuilt(), (Conversation, Message)) == everything(work.rows, (Conversation, Message))


def test_a_chain_of_merges_is_taken_apart_with_every_message_where_it_began(work):
    said = {name: work.hear(f"about {name}", by=f"mastodon:@{name}@example.social") for name in "abc"}
    a, b, c = [work.conversation_of(said[name]).id for name in "abc"]
    work.act("eva", "merge", conversation=a, argument=b.hex())
    work.act("eva", "merge", conversation=b, argument=c.hex())
    assert {work.conversation_of(one).id for one in said.values()} == {c}

    work.act("eva", "unmerge", conversation=b)
    assert [work.conversation_of(said[name]).id for name in "abc"] == [b, b, c]

    work.act("eva", "merge", conversation=b, argument=c.hex())
    work.act("eva", "unmerge", conversation=a)
    assert [work.conversation_of(said[name]).id for name in "abc"] == [a, c, c]
    assert [work.row(Conversation, id).messages for id in (a, b, c)] == [1, 0, 2]


def test_a_split_makes_a_conversation_of_its_own_and_merging_takes_it_back(work):
    first = work.hear("wifi", intent="wifi")
    work.later(minutes=1)
    second = work.hear("and my bill", intent="billing", urgency=0.4)
    origin = work.conversation_of(first)

    split = work.act("eva", "split", conversation=origin.id, message=second.id)
    new = work.conversation_of(second)
    assert (new.id, new.intent, new.state, new.urgency) == (split.result, "billing", State.OPEN, 0.4)
    assert isinstance(work.act("eva", "split", conversation=origin.id, message=first.id), ActionRefused)

    work.act("eva", "merge", conversation=new.id, argument=origin.id.hex())
    assert work.conversation_of(second).id == origin.id
    assert everything(work.rebuilt(), (Conversation, Message)) == everything(work.rows, (Conversation, Message))


def test_spam_is_resolved_and_its_sender_held_until_it_is_taken_back():
    work = Stagework(guard(), people(), stage(), views=(*VIEWS, GUARD_FOLDS))
    conversation = work.conversation_of(work.hear("BUY NOW", by=CHAT))

    work.act("eva", "spam", conversation=conversation.id)
    assert work.row(Conversation, conversation.id).disposition == "spam"
    work.tell(work.all(MessageReceived)[0])
    assert work.last(MessageHeld).rule == "blocked"

    work.act("eva", "not_spam", conversation=conversation.id)
    work.hear("sorry, I am a customer", by=CHAT)
    assert len(work.all(MessageHeld)) == 1
    assert work.row(Conversation, conversation.id).state is State.OPEN


def test_what_a_conversation_shows_goes_with_its_messages_and_comes_back_with_them(work):
    one, two = work.hear("I will sue you", by=MAIL, thread="t1"), work.hear("and here", by="mastodon:@ana@example.social")
    gone, into = work.conversation_of(one), work.conversation_of(two)
    legal = Signal("legal", "sue", one.id, work.now)
    work.tell(SignalsChanged(gone.id, one.handle, ("legal",)), Signals((legal,)), one.handle)

    work.act("eva", "merge", conversation=gone.id, argument=into.id.hex())
    merged = work.row(Conversation, into.id).signals, {row.conversation for row in work.rows.all(Signalled)}
    work.act("eva", "unmerge", conversation=gone.id)

    assert merged == ((replace(legal, words=""),), {into.id})
    assert work.row(Conversation, into.id).signals == ()
    assert {row.conversation for row in work.rows.all(Signalled)} == {gone.id}
    assert everything(work.rebuilt(), (Conversation, Signalled)) == everything(work.rows, (Conversation, Signalled))


def test_in_another_conversation_of_the_same_person_the_words_stay_with_what_is_shown(work):
    one, two = work.hear("I will sue you", by=MAIL), work.hear("and here", by="mastodon:@ana@example.social")
    gone, into = work.conversation_of(one), work.conversation_of(two)
    legal = Signal("legal", "sue", one.id, work.now)
    work.rows.put(replace(into, person=gone.person))
    work.tell(SignalsChanged(gone.id, one.handle, ("legal",)), Signals((legal,)), one.handle)
    work.act("eva", "merge", conversation=gone.id, argument=into.id.hex())

    assert work.row(Conversation, into.id).signals == (legal,)


def test_what_goes_to_another_persons_conversation_leaves_its_words_and_each_keeps_the_time_of_its_promise(work):
    one, two = work.hear("I will sue you", by=MAIL, thread="t1"), work.hear("and here", by="mastodon:@ana@example.social")
    gone, into = work.conversation_of(one), work.conversation_of(two)
    soon, later = (work.now + timedelta(hours=hours) for hours in (1, 2))
    theirs, own = (Signal("promise", "we call", m.id, work.now, until=until) for m, until in ((one, soon), (two, later)))
    work.tell(SignalsChanged(gone.id, one.handle, ("promise",), due=soon), Signals((theirs,)), one.handle)
    work.tell(SignalsChanged(into.id, two.handle, ("promise",), due=later), Signals((own,)), two.handle)

    work.act("eva", "merge", conversation=gone.id, argument=into.id.hex())
    said = [(signal.words, signal.until) for signal in work.row(Conversation, into.id).signals]
    work.act("eva", "unmerge", conversation=gone.id)

    assert sorted(said) == [("", soon), ("we call", later)]
    assert {(one.subject, one.at) for one in work.rows.all(Reminder)} == {(gone.id, soon), (into.id, later)}
