"""One conversation for each issue: it opens, goes on, sleeps, wakes, ends and comes back."""

from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from rapport.conversations.lifecycle import may_follow
from rapport.conversations.stage import stage
from rapport.model.agent import Agent
from rapport.model.conversation import Conversation, State, Thread
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    ConversationContinued,
    ConversationOpened,
    ConversationResolved,
    ConversationTransferred,
    ConversationWoken,
    NoteWritten,
    OfferDeclined,
    OfferExpired,
    OfferMade,
    WrappedUp,
)
from rapport.model.message import Direction, Media, Message, Reach
from rapport.people.stage import stage as people
from stagework import Stagework, an_id, everything

MAIL = "email:ana@example.org"
CHAT = "webchat:visitor-1"


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), stage())
    work.agents(Agent("bob", name="Bob", team="it"), "eva")
    return work


def resolve(work: Stagework, conversation: Conversation) -> None:
    work.act("eva", "close", conversation=conversation.id, argument="solved")


def test_a_first_message_opens_a_conversation_with_what_it_says(work):
    message = work.hear(
        "My wifi is\n down", name="Ana", intent="wifi", language="en", urgency=0.7, emotion="anger", subject="Help"
    )

    found = work.conversation_of(message)
    assert (found.state, found.name, found.preview, found.intent, found.language) == (
        "open",
        "Ana",
        "My wifi is down",
        "wifi",
        "en",
    )
    assert (found.urgency, found.emotion, found.subject, found.messages, found.unread) == (0.7, "anger", "Help", 1, True)
    assert found.words == ("my", "wifi", "is", "down")
    assert found.waiting_since == work.now
    assert found.due_at == work.now + timedelta(minutes=15)  # the default target of a social channel


def test_a_second_message_of_the_same_person_goes_on_with_the_open_conversation(work):
    first = work.hear("My wifi is down")
    work.later(minutes=5)
    second = work.hear("Hello? Anyone?")

    found = work.conversation_of(second)
    assert work.conversation_of(first).id == found.id
    assert (found.messages, found.preview, found.last_at) == (2, "Hello? Anyone?", work.now)
    assert found.waiting_since == work.now - timedelta(minutes=5)


def test_the_same_issue_on_another_channel_is_the_same_conversation_and_the_answer_goes_there(work):
    work.declare("mastodon:@ana@example.social", MAIL)
    first = work.hear("My wifi is down")
    second = work.hear("As I posted, no wifi", by=MAIL, reach=Reach.PRIVATE)

    found = work.conversation_of(second)
    assert found.id == work.conversation_of(first).id
    assert (found.channel, found.kind, found.reach, found.handle) == ("email", "email", "private", an_id(MAIL))


def test_two_people_have_two_conversations_even_in_one_public_thread(work):
    first = work.hear("My wifi is down", thread="post-1")
    second = work.hear("Mine too!", by="mastodon:@ben@example.social", thread="post-1", in_reply_to=first.key)

    assert work.conversation_of(first).id != work.conversation_of(second).id


def test_by_email_whoever_answers_in_the_thread_is_in_the_conversation(work):
    first = work.hear("The invoice is wrong", by=MAIL, thread="<1@example.org>")
    second = work.hear("I am her accountant", by="email:tom@example.org", thread="<1@example.org>")

    assert work.conversation_of(first).id == work.conversation_of(second).id


def test_another_clear_issue_after_a_day_of_silence_opens_a_new_conversation(work):
    first = work.hear("My wifi is down", intent="wifi")
    work.later(hours=25)
    second = work.hear("My invoice is wrong", intent="billing")

    assert work.conversation_of(first).id != work.conversation_of(second).id


@pytest.mark.parametrize(("hours", "intent"), [(2, "billing"), (25, "wifi"), (25, "")])
def test_within_a_day_or_without_another_clear_intent_it_is_the_same_issue(work, hours, intent):
    first = work.hear("My wifi is down", intent="wifi")
    work.later(hours=hours)
    second = work.hear("And now?", intent=intent)

    assert work.conversation_of(first).id == work.conversation_of(second).id


@pytest.mark.parametrize("intent", ["wifi", ""])
def test_who_comes_back_within_three_days_reopens_the_issue(work, intent):
    first = work.hear("My wifi is down", intent="wifi")
    resolve(work, work.conversation_of(first))
    work.later(hours=70)
    second = work.hear("It is down again", intent=intent)

    found = work.conversation_of(second)
    assert found.id == work.conversation_of(first).id
    assert (found.state, found.reopened, found.waiting_since) == ("open", 1, work.now)
    assert (found.resolved_at, found.disposition) == (None, "")
    assert work.last(ConversationContinued).reopened


@pytest.mark.parametrize(
    ("hours", "intent", "by"), [(73, "wifi", CHAT), (1, "billing", CHAT), (1, "wifi", "sms:+525512345678")]
)
def test_later_or_with_another_issue_or_elsewhere_a_new_conversation_opens(work, hours, intent, by):
    work.declare(CHAT, "sms:+525512345678")
    first = work.hear("My wifi is down", by=CHAT, intent="wifi", thread="visitor-1")
    resolve(work, work.conversation_of(first))
    work.later(hours=hours)
    second = work.hear("Hello again", by=by, intent=intent, thread="visitor-1")

    assert work.conversation_of(first).id != work.conversation_of(second).id


def test_an_answer_in_the_thread_reopens_whatever_its_intent(work):
    first = work.hear("The invoice is wrong", by=MAIL, thread="<1@example.org>", intent="billing")
    resolve(work, work.conversation_of(first))
    work.later(days=10)
    second = work.hear("Now the wifi", by=MAIL, thread="<1@example.org>", in_reply_to="<2@us.example>", intent="wifi")

    assert work.conversation_of(second).id == work.conversation_of(first).id
    assert work.conversation_of(second).state is State.OPEN


def test_thanks_after_the_end_change_nothing(work):
    first = work.hear("My wifi is down")
    resolve(work, work.conversation_of(first))
    work.later(minutes=5)
    second = work.hear("Thank you!", actionable=False)

    found = work.conversation_of(second)
    assert found.id == work.conversation_of(first).id
    assert (found.state, found.reopened, found.waiting_since, found.due_at) == ("resolved", 0, None, None)


def test_thanks_to_an_answer_owe_nothing(work):
    conversation = work.conversation_of(work.hear("My wifi is down"))
    work.accept("bob", conversation)
    work.rows.change(Conversation, conversation.id, waiting_since=None)
    work.hear("Great, thanks", actionable=False)

    assert work.only(Conversation).waiting_since is None


def test_a_first_message_that_needs_no_answer_is_resolved_at_once(work):
    message = work.hear("I am out of office", actionable=False)

    assert [type(f) for f in work.facts[-2:]] == [ConversationOpened, ConversationResolved]
    assert work.conversation_of(message).disposition == "no-answer-needed"


def test_a_note_stands_in_the_conversation_and_is_sealed_for_its_person(work):
    conversation = work.conversation_of(work.hear())
    done = work.act("bob", "note", "She is a regular", conversation=conversation.id)

    note = work.row(Message, done.result)
    assert (note.direction, note.text, note.agent, note.conversation) == (
        Direction.NOTE,
        "She is a regular",
        "bob",
        conversation.id,
    )
    (entry,) = [e for e in work.entries if isinstance(e.fact, NoteWritten)]
    assert entry.owner == conversation.handle


def test_a_note_may_be_a_file_alone_and_keeps_it(work):
    conversation = work.conversation_of(work.hear("Hi"))
    plan = Media("plan.pdf", "application/pdf", 9, "ab" * 32)

    done = work.act("bob", "note", conversation=conversation.id, files=(plan,))

    assert work.row(Message, done.result).media == (plan,)
    assert work.act("bob", "note", conversation=conversation.id).reason == "A note needs words."


@pytest.mark.parametrize("do", ["note", "wrap_up", "close", "snooze", "reopen", "read"])
def test_nothing_can_be_done_to_a_conversation_that_is_not_there(work, do):
    assert isinstance(work.act("bob", do, "text", conversation=an_id("nowhere")), ActionRefused)


def test_its_agent_wraps_it_up(work):
    conversation = work.conversation_of(work.hear())
    interaction = work.accept("bob", conversation)
    answer = work.act("bob", "wrap_up", conversation=conversation.id, argument="solved")

    assert isinstance(answer, ActionDone)
    assert work.last(WrappedUp) == WrappedUp(interaction, conversation.id, "bob", "solved", "social")
    found = work.only(Conversation)
    assert (found.state, found.disposition, found.agent, found.interaction) == ("resolved", "solved", "", None)
    assert found.resolved_at == work.now


def test_nobody_wraps_up_what_another_has(work):
    conversation = work.conversation_of(work.hear())
    work.accept("bob", conversation)
    answer = work.act("eva", "wrap_up", conversation=conversation.id, argument="solved")

    assert answer.reason == "eva does not have this conversation; bob has it."
    assert work.only(Conversation).state is State.OPEN


def test_to_close_ends_the_interaction_of_whoever_has_it(work):
    conversation = work.conversation_of(work.hear())
    work.accept("bob", conversation)
    work.act("eva", "close", conversation=conversation.id, argument="spam")

    assert work.last(WrappedUp).agent == "bob"
    assert work.last(ConversationResolved).agent == "eva"


def test_what_is_closed_is_not_closed_again(work):
    conversation = work.conversation_of(work.hear())
    resolve(work, conversation)

    assert isinstance(work.act("eva", "close", conversation=conversation.id), ActionRefused)
    assert len(work.all(ConversationResolved)) == 1


def test_a_conversation_sleeps_until_its_time_and_its_agents_place_is_free(work):
    conversation = work.conversation_of(work.hear())
    work.accept("bob", conversation)
    until = work.now + timedelta(hours=3)
    work.act("bob", "snooze", conversation=conversation.id, argument=until.isoformat())
    asleep = work.only(Conversation)
    work.later(hours=4)

    assert (asleep.state, asleep.snoozed_until, asleep.agent, asleep.waiting_since) == ("snoozed", until, "", None)
    assert work.last(WrappedUp).disposition == "snoozed"
    (woken,) = [e for e in work.entries if isinstance(e.fact, ConversationWoken)]
    assert woken.at == until
    assert (work.only(Conversation).state, work.only(Conversation).waiting_since) == ("open", until)


def test_a_person_who_writes_wakes_the_conversation_and_its_reminder_does_nothing(work):
    conversation = work.conversation_of(work.hear())
    work.act("bob", "snooze", conversation=conversation.id, argument=(work.now + timedelta(hours=3)).isoformat())
    work.later(hours=1)
    work.hear("Any news?")
    woken = work.only(Conversation)
    work.later(hours=4)

    assert (woken.state, woken.snoozed_until) == ("open", None)
    assert work.all(ConversationWoken) == []


def test_thanks_do_not_wake_it(work):
    conversation = work.conversation_of(work.hear())
    work.act("bob", "snooze", conversation=conversation.id, argument=(work.now + timedelta(hours=3)).isoformat())
    work.hear("Thanks", actionable=False)

    assert work.only(Conversation).state is State.SNOOZED


def test_it_can_sleep_twice_and_wakes_twice(work):
    conversation = work.conversation_of(work.hear())
    for _ in range(2):
        work.act("bob", "snooze", conversation=conversation.id, argument=(work.now + timedelta(hours=1)).isoformat())
        work.later(hours=2)

    woken = [e.id for e in work.entries if isinstance(e.fact, ConversationWoken)]
    assert len(set(woken)) == 2


@pytest.mark.parametrize("argument", ["", "tomorrow", "2026-03-03T15:59:00+00:00", "2026-02-30T10:00"])
def test_a_time_that_is_none_or_past_is_refused(work, argument):
    conversation = work.conversation_of(work.hear())

    assert isinstance(work.act("bob", "snooze", conversation=conversation.id, argument=argument), ActionRefused)


def test_what_was_resolved_can_be_reopened_by_hand_without_counting_a_message(work):
    conversation = work.conversation_of(work.hear())
    resolve(work, conversation)
    work.later(minutes=1)
    work.act("eva", "reopen", conversation=conversation.id)

    found = work.only(Conversation)
    assert (found.state, found.messages, found.reopened, found.waiting_since) == ("open", 1, 1, work.now)
    assert isinstance(work.act("eva", "reopen", conversation=conversation.id), ActionRefused)


def test_its_agent_has_read_it(work):
    conversation = work.conversation_of(work.hear())
    work.accept("bob", conversation)
    work.act("eva", "read", conversation=conversation.id)
    by_another = work.only(Conversation).unread
    work.act("bob", "read", conversation=conversation.id)

    assert (by_another, work.only(Conversation).unread) == (True, False)


def test_offers_come_and_go_in_the_conversation(work):
    conversation = work.conversation_of(work.hear())
    until = work.now + timedelta(seconds=30)
    work.tell(OfferMade(an_id("o1"), conversation.id, "bob", "social", until))
    offered = work.only(Conversation).offer
    work.tell(OfferDeclined(an_id("o1"), conversation.id, "bob"))
    declined = work.only(Conversation)
    work.tell(OfferMade(an_id("o2"), conversation.id, "eva", "social", until))
    work.tell(OfferExpired(an_id("o1"), conversation.id, "bob"))
    late = work.only(Conversation).offer
    work.accept("eva", conversation)

    assert (offered, declined.offer, declined.declined_by, late) == (an_id("o1"), None, ("bob",), an_id("o2"))
    assert (work.only(Conversation).agent, work.only(Conversation).offer) == ("eva", None)


def test_what_a_bot_has_is_pending_and_open_when_it_passes_it_on(work):
    conversation = work.conversation_of(work.hear())
    work.accept("robot", conversation, bot=True)
    with_bot = work.only(Conversation)
    work.tell(ConversationTransferred(conversation.id, "robot", "it"))

    found = work.only(Conversation)
    assert (with_bot.state, with_bot.bot, with_bot.agent) == ("pending", True, "robot")
    assert (found.state, found.bot, found.agent, found.transfer_to, found.team) == ("open", False, "", "it", "it")


def test_a_transfer_to_an_agent_is_to_their_team(work):
    conversation = work.conversation_of(work.hear())
    work.accept("eva", conversation)
    work.tell(ConversationTransferred(conversation.id, "eva", "bob"))

    assert (work.only(Conversation).transfer_to, work.only(Conversation).team) == ("bob", "it")


def test_a_message_is_placed_once_however_often_it_is_understood(work):
    from rapport.model.fact import MessageUnderstood
    from rapport.model.reading import Reading

    message = work.hear()
    work.tell(MessageUnderstood(message.id, message.handle, "", "", 0.0, "test"), Reading(), message.handle)

    assert work.only(Conversation).messages == 1


steps = st.sampled_from(
    ["hear", "thanks", "accept", "bot", "wrap_up", "close", "snooze", "reopen", "read", "later", "transfer"]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(steps, min_size=1, max_size=14))
def test_whatever_happens_states_follow_the_table_and_folding_again_gives_the_same(doings):
    work = Stagework(people(), stage())
    work.agents("bob")
    state: dict[bytes, State] = {}
    conversation = work.conversation_of(work.hear())
    for doing in doings:
        _do(work, doing, conversation)
        for row in work.rows.all(Conversation):
            assert may_follow(row.state, state.get(row.id, State.OPEN)) or row.state is State.RESOLVED
            assert bool(row.agent) == (row.interaction is not None)
            assert row.state is not State.RESOLVED or (row.waiting_since is None and not row.agent)
            assert (row.state is State.SNOOZED) == (row.snoozed_until is not None)
            state[row.id] = row.state

    tables = (Conversation, Message, Thread)
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)
    assert all(e.at <= work.now for e in work.entries)


def _do(work: Stagework, doing: str, conversation: Conversation) -> None:
    row = work.row(Conversation, conversation.id)
    match doing:
        case "hear" | "thanks":
            work.hear("And?", actionable=doing == "hear")
        case "accept" | "bot" if row.state is not State.RESOLVED and not row.agent:
            work.accept("bob", row, bot=doing == "bot")
        case "transfer" if row.agent:
            work.tell(ConversationTransferred(row.id, row.agent, ""))
        case "later":
            work.later(hours=30)
        case "snooze":
            work.act("bob", "snooze", conversation=row.id, argument=(work.now + timedelta(hours=1)).isoformat())
        case "wrap_up" | "close" | "reopen" | "read":
            work.act("bob", doing, conversation=row.id, argument="solved")
