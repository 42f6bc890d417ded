"""What the rules of a network are told of a conversation before anything is said in it."""

import pytest

from rapport.app.stages import exchange_of
from rapport.conversations.stage import stage as conversations
from rapport.model.conversation import Conversation
from rapport.model.fact import MessageReceived, MessageUnderstood, OperationDone, SendRefused, SendRetried
from rapport.model.message import ChannelKind, Message, Reach, Said
from rapport.model.person import Handle
from rapport.model.reading import Reading
from rapport.model.reply import Outgoing
from rapport.people.stage import stage as people
from rapport.replies import answering
from rapport.replies.eligibility import asking_of
from rapport.replies.stage import stage
from replies.test_replies_stage import find, fit
from stagework import VIEWS, Stagework, an_id, everything

ANA = "sms:+525555500117"


@pytest.fixture
def work():
    work = Stagework(people(), conversations(), stage(fit, find), views=(*VIEWS, answering.FOLDS))
    work.agents("bob")
    return work


def exchange(work, message, reach=Reach.PRIVATE):
    conversation = work.conversation_of(message)
    handle, last = work.row(Handle, conversation.handle), work.row(Message, conversation.message)
    return exchange_of(asking_of(conversation, handle, last, reach, work.now))


@pytest.fixture
def answered(work):
    """A message that bob answered in private; (the message, the part of his answer)."""
    message = work.hear("¿Abren hoy?", by=ANA, reach=Reach.PRIVATE)
    work.accept("bob", work.conversation_of(message))
    work.act("bob", "reply", "Sí", conversation=work.conversation_of(message).id)
    return message, work.only(Outgoing)


def test_who_asked_us_to_stop_is_known_until_they_take_it_back(work):
    before = exchange(work, work.hear("Hola", by=ANA))
    stopped = exchange(work, work.hear("ALTO", by=ANA))
    work.later(minutes=1)
    still = exchange(work, work.hear("¿siguen ahí?", by=ANA))
    again = exchange(work, work.hear("alta", by=ANA))

    assert [e.stopped_at for e in (before, stopped, still, again)] == [None, stopped.heard_at, stopped.heard_at, None]


def test_a_machines_message_is_known_as_one(work):
    id, handle = an_id("m"), an_id("email:robot@shop.example")
    fact = MessageReceived(
        id, handle, "mail", "email", ChannelKind.EMAIL, Reach.PRIVATE, "key", work.now, automatic=True
    )  # fmt: skip
    work.tell(fact, Said("Estoy de vacaciones", "email:robot@shop.example"), handle)
    work.tell(MessageUnderstood(id, handle, "es", "", 0.0, "test"), Reading(), handle)

    assert exchange(work, work.row(Message, id)).automatic
    assert not exchange(work, work.hear("Hola", by="email:ana@shop.example")).automatic


def test_answers_to_a_message_are_counted_by_reach_and_anew_for_the_next_message(work, answered):
    message, _ = answered

    counted = [exchange(work, message, reach).answered for reach in (Reach.PRIVATE, Reach.PUBLIC)]
    later = exchange(work, work.hear("¿Y mañana?", by=ANA))

    assert (counted, later.answered) == ([1, 0], 0)


def test_an_answer_that_its_network_refused_does_not_count_until_it_is_sent_again(work, answered):
    message, part = answered
    work.tell(SendRefused(part.id, 1))
    refused = exchange(work, message).answered

    work.tell(SendRetried(part.id))

    assert (refused, exchange(work, message).answered) == (0, 1)
    tables = (Message, Conversation, Handle, Outgoing)
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


def test_an_answer_that_was_taken_down_does_not_count(work, answered):
    message, part = answered
    removed = Outgoing(
        an_id("op"), part.message, part.conversation, part.account, part.channel, part.reach, work.now, op="delete", target="k"
    )
    work.rows.put(removed)

    work.tell(OperationDone(removed.id, work.now))

    assert exchange(work, message).answered == 0
