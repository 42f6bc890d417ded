"""Bots: a flow in playbook form, a hook, a timer that always runs, and a person when they do not get on."""

from datetime import timedelta

import msgspec
import pytest

from rapport.conversations.bots import view as bot_views
from rapport.conversations.bots.stage import stage as bots
from rapport.conversations.bots.understood import alike, understood, words_of
from rapport.conversations.errands import view as errand_views
from rapport.conversations.errands.stage import stage as errands
from rapport.conversations.playbooks import view as playbook_views
from rapport.conversations.playbooks.stage import stage as playbooks
from rapport.conversations.stage import stage as conversations
from rapport.model.agent import Agent
from rapport.model.bot import Bot, Errand, Hook, Turn
from rapport.model.conversation import Conversation, State
from rapport.model.fact import DraftWritten, OfferAccepted, ReplyQueued, Words
from rapport.model.fact_work import ActionCaused, ErrandAsked, PlaybookBegun
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.playbook import Deed, Field, Playbook, PlaybookStep, Run
from rapport.model.reply import Reminder
from rapport.people.stage import stage as people
from stagework import VIEWS, Stagework, everything

FLOW = Playbook(
    "hours",
    (
        PlaybookStep({}, actions=(Deed("reply", text={"en": "Hello"}),)),
        PlaybookStep(
            {}, fields=(Field("city", type="choice", choices=("madrid", "mexico"), required=True),),
            actions=(Deed("reply", text={"en": "Which city?"}),), id="city",
        ),
        PlaybookStep({}, actions=(Deed("reply", text={"en": "Open till nine in {city}"}),), when={"city": "madrid"}),
    ),
)  # fmt: skip


@pytest.fixture
def work() -> Stagework:
    views = (*VIEWS, playbook_views.FOLDS, errand_views.FOLDS, bot_views.FOLDS)
    work = Stagework(people(), conversations(), playbooks(), errands(), bots(), views=views)
    work.agents(Agent("robi", bot=True), "eva")
    work.set("playbook", "hours", FLOW)
    return work


def with_a_bot(work: Stagework, bot: Bot) -> Conversation:
    work.set("bot", "robi", bot)
    conversation = work.conversation_of(work.hear("hi", by="webchat:v", language="en"))
    work.accept("robi", conversation, bot=True)
    return work.row(Conversation, conversation.id)


def sent(work: Stagework, conversation: Conversation, text: str) -> None:
    """What becomes of a bot's reply in the stage of replies."""
    draft = derived_id(conversation.id, len(work.entries))
    work.tell(DraftWritten(draft, conversation.id, "robi", Reach.PRIVATE, draft))
    work.tell(
        ReplyQueued(derived_id(draft, 0), draft, draft, conversation.id, conversation.handle, "a", "webchat", Reach.PRIVATE),
        Words(text=text),
        conversation.handle,
    )


def said(work: Stagework) -> list[tuple[str, str]]:
    """What acted by itself, and with which words."""
    found = [entry for entry in work.entries if isinstance(entry.fact, ActionCaused)]
    return [(one.fact.do, one.content.text if one.content else one.fact.cause) for one in found]


def test_a_flow_says_asks_waits_and_goes_on_with_what_was_understood(work):
    conversation = with_a_bot(work, Bot("robi", flow="hours"))
    before = said(work)
    work.hear("In Madrid, please", by="webchat:v")

    assert work.last(PlaybookBegun).by == "robi"
    assert [one for one in before if one[0] == "reply"] == [("reply", "Hello"), ("reply", "Which city?")]
    assert [one[1] for one in said(work) if one[0] == "reply"][-1] == "Open till nine in madrid"
    assert work.row(Run, conversation.id).values == {"city": "madrid"}
    assert said(work)[-1] == ("transfer", "")
    assert work.last(ActionCaused).cause == "bot:robi flow-ended"


def test_what_is_not_understood_is_asked_again(work):
    with_a_bot(work, Bot("robi", flow="hours"))

    work.hear("My internet is down", by="webchat:v")

    assert said(work)[-1] == ("reply", "Which city?")


def test_two_turns_without_progress_hand_over_unasked(work):
    conversation = with_a_bot(work, Bot("robi"))
    sent(work, conversation, "Which TV channel do you mean?")
    work.hear("It is my internet, not the television", by="webchat:v")
    first = [fact.do for fact in work.all(ActionCaused)]

    sent(work, conversation, "Please tell me the TV channel")

    assert first == []
    assert (work.last(ActionCaused).do, work.last(ActionCaused).cause) == ("transfer", "bot:robi no-progress")


def test_another_question_is_progress(work):
    conversation = with_a_bot(work, Bot("robi"))
    for text in ("Which TV channel do you mean?", "What is your postcode?", "Since when does it fail?"):
        sent(work, conversation, text)

    assert work.all(ActionCaused) == []


def test_a_bot_that_has_a_conversation_always_has_a_timer(work):
    conversation = with_a_bot(work, Bot("robi", patience="2m", silence="3h"))
    owed = work.only(Reminder).at - work.now
    sent(work, conversation, "Hello")
    answered = work.only(Reminder).at - work.now
    work.act("eva", "close", conversation=conversation.id)

    assert (owed, answered) == (timedelta(minutes=2), timedelta(hours=3))
    assert list(work.rows.all(Reminder)) == list(work.rows.all(Turn)) == []


def test_an_answer_that_does_not_come_brings_a_person_and_silence_ends_it(work):
    conversation = with_a_bot(work, Bot("robi", patience="2m", silence="1h"))
    work.later(minutes=3)
    unanswered = work.last(ActionCaused).cause
    other = work.conversation_of(work.hear("hi", by="webchat:w", language="en"))
    work.accept("robi", other, bot=True)
    sent(work, other, "Hello")
    work.later(hours=2)

    assert unanswered == "bot:robi no-answer"
    assert work.row(Conversation, other.id).disposition == "silent"
    assert work.row(Conversation, conversation.id).state is not State.RESOLVED


def test_a_hook_is_asked_with_what_was_said_and_its_failure_brings_a_person(work):
    work.set("hook", "ours", Hook("ours", "https://bot.example/talk"))
    conversation = with_a_bot(work, Bot("robi", hook="ours"))

    call = work.only(Errand)
    told = work.act("hook:ours", "called", conversation=conversation.id, argument=f"{call.id.hex()} 503 4")

    body = msgspec.json.decode(call.body)
    assert (body["event"], body["message"]["text"], body["conversation"]["id"]) == ("message", "hi", conversation.id.hex())
    assert (call.agent, work.last(ErrandAsked).cause, told.result) == ("robi", "bot:robi", call.id)
    assert work.last(ActionCaused).cause == "bot:robi hook-failed"
    assert not work.row(Errand, call.id).open


def test_a_rebuild_gives_the_same_rows(work):
    conversation = with_a_bot(work, Bot("robi", flow="hours"))
    sent(work, conversation, "Which city?")
    work.hear("madrid", by="webchat:v")

    assert everything(work.rebuilt(), (Turn, Run, Errand, Reminder)) == everything(work.rows, (Turn, Run, Errand, Reminder))
    assert work.all(OfferAccepted)


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (Field("n", type="number"), "unos 3,5 creo", 3.5),
        (Field("n", type="number"), "no sé", None),
        (Field("n", type="number"), "9" * 400, None),
        (Field("f", type="flag"), "¡Sí, claro!", True),
        (Field("f", type="flag"), "no", False),
        (Field("f", type="flag"), "sí y no", None),
        (Field("c", type="choice", choices=("by-mail", "in-store")), "I prefer in store", "in-store"),
        (Field("c", type="choice", choices=("by-mail", "in-store")), "2", "in-store"),
        (Field("c", type="choice", choices=("by-mail", "in-store")), "by mail or in store", None),
        (Field("d", type="date"), "el 3/2/2026", "2026-02-03"),
        (Field("d", type="date"), "el 31/2/2026", None),
        (Field("t"), "  ", None),
    ],
)
def test_a_field_takes_what_was_said_or_nothing(field, text, value):
    assert understood(field, text) == value


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Which TV channel is affected?", "Please tell me the TV channel number", True),
        ("¿Qué canal de televisión no se ve?", "Dígame qué canal de televisión", True),
        ("What is your order number?", "What is your phone number?", False),
        ("Hello", "", False),
    ],
)
def test_nearly_the_same_is_told_from_another_question(one, other, same):
    assert alike(words_of(one), words_of(other)) is same
