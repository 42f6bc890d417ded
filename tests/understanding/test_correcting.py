"""Corrections: what an agent says of a message changes how the like of it is read, at once, for this tenant alone."""

from functools import partial

import pytest

from rapport.ledger import folding
from rapport.ledger.entry import Entry
from rapport.model.correction import Correction
from rapport.model.fact import ActionDone, ActionRefused, ActionTaken, MessageAdmitted, MessageReceived, ReadingCorrected
from rapport.model.message import ChannelKind, Message, Reach, Said
from rapport.model.reading import SPAM_FROM
from rapport.understanding import stage as understanding, view
from rapport.understanding.reader import shipped
from rapport.understanding.tenant_reader import Own
from stagework import START, Stagework, an_id

BOX = "the little box on the wall blinks red since the storm"


@pytest.fixture(scope="module")
def reader():
    return shipped()


@pytest.fixture
def work(reader):
    return Stagework(understanding.stage(reader.read, adapt=partial(Own, reader)), views=(folding.FOLDS, view.FOLDS))


def hears(work, name, text):
    """Receive and admit a message that stands in a conversation; its row."""
    fact = MessageReceived(an_id(name), an_id("h"), "acc", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC, name, START)
    work._take(Entry(1, 1, an_id(f"e-{name}"), START, fact.message, fact, Said(text, "mastodon:@x@y"), fact.handle))
    work.rows.change(Message, fact.message, conversation=an_id("c"))
    work.tell(MessageAdmitted(fact.message, fact.handle))
    return work.row(Message, fact.message)


def corrects(work, name, argument, agent="ana"):
    action = an_id(f"{agent}-{argument}-{name}")
    return [new.fact for new in work.tell(ActionTaken(action, agent, "correct", message=an_id(name), argument=argument))]


def test_a_correction_changes_the_next_reading_with_an_intent_of_the_tenants_own(work):
    before = hears(work, "m1", BOX)

    corrected, done = corrects(work, "m1", "intent:fibre-down urgency:urgent")
    after = hears(work, "m2", "my little box blinks red after the storm")

    assert (before.intent, type(corrected), type(done)) == ("", ReadingCorrected, ActionDone)
    assert (after.intent, after.read_by[-2:]) == ("fibre-down", "+1")
    assert "storm" in after.evidence
    assert hears(work, "m3", "where is my refund").intent == "refund"


def test_the_corrected_message_itself_says_what_the_agent_said(work):
    hears(work, "m1", BOX)
    corrects(work, "m1", "intent:fibre-down emotion:anger urgency:urgent")

    row = work.row(Message, an_id("m1"))

    assert (row.intent, row.emotion, row.urgency, row.corrected_by) == ("fibre-down", "anger", 0.8, "ana")


def test_what_an_agent_says_of_spam_and_sentiment_holds_for_what_is_nearly_alike(work):
    before = hears(work, "m1", "Su cuenta de puntos vence, revise el catálogo en la página")
    corrects(work, "m1", "spam:yes sentiment:negative")

    row, after = work.row(Message, an_id("m1")), hears(work, "m2", "su cuenta de puntos vence, revise el catálogo en la página")
    corrects(work, "m2", "spam:no", agent="ben")

    assert before.spam < SPAM_FROM
    assert [(one.spam >= SPAM_FROM, one.sentiment) for one in (row, after)] == [(True, "negative")] * 2
    assert work.row(Message, an_id("m2")).spam == 0.0


THANKS = "felicidades, gracias equipo"


@pytest.mark.parametrize("argument", ["intent:fibre-down", "urgency:urgent", "sentiment:negative"])
def test_what_the_head_took_for_thanks_is_answered_after_a_correction_says_that_it_asks(work, argument):
    before = hears(work, "m1", THANKS)
    corrects(work, "m1", argument)

    assert [before.actionable, hears(work, "m2", THANKS).actionable, hears(work, "m3", "gracias").actionable] == [
        False,
        True,
        False,
    ]


def test_words_of_an_answer_that_was_overruled_are_gone(work):
    text = "FELICIDADES ganaste un iPhone, da clic en el enlace"
    before = hears(work, "m1", text)
    corrects(work, "m1", "spam:no sentiment:neutral")

    kinds = [{one.kind for one in row.because} for row in (before, work.row(Message, an_id("m1")), hears(work, "m2", text))]
    assert ["spam" in said for said in kinds] == [True, False, False]
    assert not {"spam", "positive", "negative"} & (kinds[1] | kinds[2])


def test_a_correction_can_be_taken_back_by_another_and_both_votes_stay(work):
    hears(work, "m1", BOX)
    corrects(work, "m1", "intent:fibre-down")

    corrects(work, "m1", "intent:wifi", agent="ben")

    assert work.row(Correction, an_id("m1")).votes == {"ana": "fibre-down", "ben": "wifi"}
    assert hears(work, "m2", BOX).intent == "wifi"


def test_what_is_no_intent_that_we_know_is_left_unknown(work):
    assert hears(work, "m1", "where is my refund").intent == "refund"
    corrects(work, "m1", "intent:none")

    assert hears(work, "m2", "where is my refund").intent == ""


def test_an_erased_message_teaches_nothing(work, reader):
    hears(work, "m1", BOX)
    corrects(work, "m1", "intent:fibre-down")
    (correction,) = work.rows.all(Correction)

    erased = Own(
        reader, [Correction(**{**{f: getattr(correction, f) for f in correction.__struct_fields__}, "traces": b""})], None
    )

    assert erased.read([BOX])[0].intent == ""


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("intent:Not*Sound", "An intent has letters, digits and hyphens, at most 40, got 'not*sound'."),
        ("emotion:bored", "A feeling is anger, fear, joy, sadness or neutral, got 'bored'."),
        ("urgency:soon", "Urgency is urgent or calm, got 'soon'."),
        ("sentiment:meh", "A sentiment is negative, neutral or positive, got 'meh'."),
        ("spam:maybe", "Spam is yes or no, got 'maybe'."),
        ("wifi", "A correction says intent, emotion, urgency, sentiment or spam, each as NAME:VALUE, got 'wifi'."),
    ],
)
def test_a_correction_that_says_nothing_sound_is_refused_with_the_cure(work, argument, why):
    hears(work, "m1", BOX)

    assert corrects(work, "m1", argument) == [ActionRefused(an_id(f"ana-{argument}-m1"), why)]
