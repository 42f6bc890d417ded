"""What a supervisor says to an agent alone, what the agent answers, and taking a conversation over."""

import pytest

from rapport.conversations.stage import stage as conversations
from rapport.matching import stage as matching, view as matching_view
from rapport.matching.forbidding import stepped_over
from rapport.model.agent import Agent
from rapport.model.centre import Policy
from rapport.model.conversation import Conversation
from rapport.model.fact import ActionDone, HandedOver, MessageUnderstood, NoteWritten, RuleCrossed, WrappedUp
from rapport.model.interaction import Interaction
from rapport.model.message import Message
from rapport.model.telling import Telling
from rapport.people.stage import stage as people
from stagework import VIEWS, Stagework, everything

pytestmark = pytest.mark.pure
TABLES = [Conversation, Interaction, Telling]


def made(supervisor: Agent) -> Stagework:
    understood = {MessageUnderstood: VIEWS[1][MessageUnderstood]}
    stages = people(), conversations(stepped_over=stepped_over), matching.stage()
    work = Stagework(*stages, views=(VIEWS[0], understood, *VIEWS[2:], matching_view.FOLDS))
    work.agents(Agent("bob", team="it"), Agent("eva", team="it"), supervisor)
    return work


@pytest.fixture
def work() -> Stagework:
    return made(Agent("sue", role="supervisor"))


@pytest.fixture
def held(work) -> bytes:
    found = work.conversation_of(work.hear("My wifi is down", name="Ana", intent="wifi"))
    work.act("bob", "take", conversation=found.id)
    return found.id


def test_a_whisper_is_heard_by_the_agent_alone_and_answered(work, held):
    work.act("sue", "whisper", "Offer the cable", conversation=held)
    whisper = work.only(Telling)
    work.act("bob", "whisper_back", "I will", conversation=held, argument=whisper.id.hex())

    seen, answer = sorted(work.rows.all(Telling), key=lambda one: one.what, reverse=True)
    assert (seen.agent, seen.by, seen.text, seen.seen_at) == ("bob", "sue", "Offer the cable", work.now)
    assert (answer.agent, answer.by, answer.text, answer.seen_at) == ("sue", "bob", "I will", None)
    assert [m for m in work.rows.all(Message) if m.text in ("Offer the cable", "I will")] == []
    assert work.all(NoteWritten) == []
    assert everything(work.rebuilt(), TABLES) == everything(work.rows, TABLES)


def test_nobody_else_can_mark_a_whisper_as_seen_or_answer_it(work, held):
    work.act("sue", "whisper", "Offer the cable", conversation=held)
    named = work.only(Telling).id.hex()
    work.act("eva", "seen_tellings", conversation=held, argument=named)
    refused = work.act("eva", "whisper_back", "Me too", conversation=held, argument=named)

    assert work.only(Telling).seen_at is None
    assert refused.reason == "There is nothing here that was said to you alone."


def test_who_takes_over_has_it_and_who_had_it_is_told_why(work, held):
    done = work.act("sue", "take_over", conversation=held, reason="The guest asked for me")

    assert isinstance(done, ActionDone)
    assert work.row(Conversation, held).agent == "sue"
    assert (work.last(WrappedUp).agent, work.last(WrappedUp).disposition) == ("bob", "taken-over")
    assert (work.last(HandedOver).by, work.last(HandedOver).to, work.last(HandedOver).how) == ("bob", "sue", "taken")
    told = work.only(Telling)
    assert (told.agent, told.what, told.text) == ("bob", "taken", "The guest asked for me")
    assert everything(work.rebuilt(), TABLES) == everything(work.rows, TABLES)


@pytest.mark.parametrize(
    ("who", "do", "reason", "said"),
    [
        ("sue", "take_over", "", "To take over needs a reason, which its agent will read."),
        ("bob", "take_over", "x", "You have this conversation already."),
        ("zoe", "take_over", "x", "The centre has no agent zoe."),
        ("sue", "whisper", " ", "A whisper needs words."),
        ("bob", "whisper", "x", "You have this conversation yourself; write a note instead."),
    ],
)
def test_what_a_supervisor_cannot_do_is_refused_with_its_reason(work, held, who, do, reason, said):
    assert work.act(who, do, conversation=held, reason=reason).reason == said


def test_nobody_hears_a_whisper_where_nobody_has_the_conversation(work):
    waits = work.conversation_of(work.hear("My wifi is down")).id

    assert (
        work.act("sue", "whisper", "x", conversation=waits).reason == "Nobody has this conversation, so nobody would hear it."
    )
    assert (
        work.act("sue", "take_over", conversation=waits, reason="x").reason == "Nobody has this conversation; take it instead."
    )


@pytest.mark.parametrize(("policies", "has", "crossed"), [((), "sue", ["sue"]), ((Policy("p", taking="refuse"),), "bob", [])])
def test_who_takes_over_what_is_never_put_to_them_is_on_record_or_refused_by_a_policy(policies, has, crossed):
    work = made(Agent("sue", role="supervisor", never=("need.kind == need.kind",)))
    for policy in policies:
        work.set("policy", policy.id, policy)
    waits = work.conversation_of(work.hear("My wifi is down", name="Ana", intent="wifi")).id
    work.act("bob", "take", conversation=waits)
    work.act("sue", "take_over", conversation=waits, reason="The guest asked for me")

    assert work.row(Conversation, waits).agent == has
    assert [fact.agent for fact in work.all(RuleCrossed)] == crossed
