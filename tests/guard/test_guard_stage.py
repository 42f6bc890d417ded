"""The guard as the pipeline meets it: admitted, held, released; nothing is ever dropped."""

import random
from datetime import timedelta

import pytest

from rapport.guard import stage as guard, view
from rapport.guard.flood import Rate, Rates
from rapport.ledger import folding
from rapport.ledger.entry import Entry
from rapport.model.centre import Policy
from rapport.model.fact import (
    ActionDone,
    ActionRefused,
    MessageAdmitted,
    MessageHeld,
    MessageReceived,
    MessageUnreadable,
    RawBytes,
)
from rapport.model.message import ChannelKind, Message, Reach, Said, Standing
from rapport.model.person import Handle, Person
from rapport.model.reply import Incident
from stagework import START, Stagework, an_id, everything

OUTRAGE = "Shame on this bank for closing the only branch in our village without asking anybody, open it again now"


@pytest.fixture
def work() -> Stagework:
    return Stagework(guard.stage(), views=(folding.FOLDS, view.FOLDS))


@pytest.fixture
def crowd(work: Stagework) -> list[Message]:
    return [work.hear(OUTRAGE, by=f"mastodon:@bot{n}@example.social") for n in range(20)]


def test_an_ordinary_message_is_admitted(work):
    message = work.hear("The wifi in my room drops")

    assert work.last(MessageAdmitted) == MessageAdmitted(message.id, message.handle)
    assert message.standing is Standing.RECEIVED


def test_a_handle_that_writes_faster_than_people_do_is_held(work):
    messages = [work.hear(f"message number {n} of many, each of its own") for n in range(50)]

    assert [m.standing for m in messages] == [Standing.RECEIVED] * 40 + [Standing.HELD] * 10
    assert {fact.rule for fact in work.all(MessageHeld)} == {"handle-rate"}
    assert messages[-1].reason == "handle-rate"


def test_every_message_is_admitted_or_held_and_none_is_dropped(work):
    for n in range(60):
        work.hear(f"{n} {OUTRAGE}", by=f"mastodon:@bot{n % 30}@example.social")

    assert len(work.all(MessageAdmitted)) + len(work.all(MessageHeld)) == len(work.all(MessageReceived)) == 60
    assert len(list(work.rows.all(Message))) == 60


def test_a_policy_of_the_centre_sets_the_rate(work):
    work.set("policy", "calm", Policy("calm", handle_rate=1))

    messages = [work.hear(f"message number {n} of many, each of its own") for n in range(4)]

    assert [m.standing is Standing.HELD for m in messages] == [False, False, True, True]


def test_a_policy_of_the_centre_sets_the_size_of_a_crowd(work):
    work.set("policy", "calm", Policy("calm", crowd=3))

    messages = [work.hear(OUTRAGE, by=f"mastodon:@bot{n}@example.social") for n in range(4)]

    assert [m.standing is Standing.HELD for m in messages] == [False, False, True, True]


def test_a_crowd_is_held_as_one_incident(work, crowd):
    incident = work.only(Incident)

    assert [m.standing is Standing.HELD for m in crowd] == [False] * 11 + [True] * 9
    assert (incident.held, incident.account, incident.sample) == (9, "our-mastodon", OUTRAGE)
    assert {m.incident for m in crowd[11:]} == {incident.id}


def test_a_customer_whom_the_house_knows_is_not_held_with_the_crowd(work, crowd):
    work.rows.put(Handle(an_id("mastodon:@grace@example.social"), "mastodon:@grace@example.social", an_id("grace")))
    work.rows.put(Person(an_id("grace"), first_at=START - timedelta(days=90), messages=4))

    message = work.hear(OUTRAGE, by="mastodon:@grace@example.social")

    assert message.standing is Standing.RECEIVED


def test_a_handle_that_was_first_heard_minutes_ago_is_not_known(work, crowd):
    work.rows.put(Handle(an_id("mastodon:@new@example.social"), "mastodon:@new@example.social", an_id("new")))
    work.rows.put(Person(an_id("new"), first_at=START - timedelta(minutes=5), messages=1))

    message = work.hear(OUTRAGE, by="mastodon:@new@example.social")

    assert message.standing is Standing.HELD


def test_crowds_of_two_accounts_are_counted_apart(work):
    messages = [work.hear(OUTRAGE, by=f"mastodon:@bot{n}@example.social", account=f"brand-{n % 2}") for n in range(20)]

    assert {m.standing for m in messages} == {Standing.RECEIVED}


def test_a_held_message_that_is_released_is_admitted(work, crowd):
    answer = work.act("sam", "release", conversation=crowd[-1].id)

    assert answer == ActionDone(answer.action, crowd[-1].id)
    assert work.last(MessageAdmitted) == MessageAdmitted(crowd[-1].id, crowd[-1].handle, released=True)
    assert work.row(Message, crowd[-1].id).standing is Standing.RECEIVED


def test_a_message_is_released_once(work, crowd):
    work.act("sam", "release", conversation=crowd[-1].id)

    assert isinstance(work.act("sam", "release", conversation=crowd[-1].id), ActionRefused)


def test_what_is_like_a_released_incident_passes_from_then_on(work, crowd):
    answer = work.act("sam", "release", conversation=work.only(Incident).id)

    later = work.hear(OUTRAGE, by="mastodon:@zoe@example.social")

    assert isinstance(answer, ActionDone)
    assert work.only(Incident).released
    assert later.standing is Standing.RECEIVED


def test_releasing_what_is_not_there_is_refused_with_a_reason(work):
    answer = work.act("sam", "release", conversation=an_id("nothing"))

    assert answer == ActionRefused(answer.action, "No held message or incident has this id.")


def test_other_actions_are_not_the_guards(work):
    before = len(work.entries)

    with pytest.raises(AssertionError):
        work.act("sam", "accept")

    assert len(work.entries) == before + 1


def test_what_cannot_be_read_passes_no_guard(work):
    fact = MessageUnreadable(an_id("m"), an_id("h"), "our-mastodon", "mastodon", ChannelKind.SOCIAL, "key")

    assert work.tell(fact, RawBytes(b"\x00", "broken"), an_id("h")) == []


def test_an_erased_text_is_admitted_all_the_same(work):
    fact = MessageReceived(
        an_id("m"), an_id("h"), "our-mastodon", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC, "key", START
    )  # fmt: skip

    assert [new.fact for new in work.tell(fact)] == [MessageAdmitted(an_id("m"), an_id("h"))]


def test_a_round_that_was_primed_decides_as_one_that_was_not():
    chance = random.Random(2)
    entries = [
        _entry(n, OUTRAGE if chance.random() < 0.5 else f"Where is order {n}? {chance.choice(['Thanks!', 'It is late.'])}")
        for n in range(1, 80)
    ]
    primed, unprimed = guard.stage(), guard.stage()
    rows = Stagework().rows

    primed.prime(entries)

    step = MessageReceived
    assert [list(primed.steps[step](e, rows)) for e in entries] == [list(unprimed.steps[step](e, rows)) for e in entries]


def test_two_tenants_never_share_a_bucket():
    stage = guard.stage(Rates(handle=Rate(1, 1)))
    rows = Stagework().rows

    first = [new.fact for new in stage.steps[MessageReceived](_entry(1, "one thing", tenant=1), rows)]
    other = [new.fact for new in stage.steps[MessageReceived](_entry(1, "one thing", tenant=2), rows)]

    assert [type(fact) for fact in (*first, *other)] == [MessageAdmitted, MessageAdmitted]


def test_the_rows_can_be_folded_again_from_zero(work, crowd):
    work.act("sam", "release", conversation=crowd[-1].id)
    work.act("sam", "release", conversation=work.only(Incident).id)

    assert everything(work.rebuilt(), (Message, Incident)) == everything(work.rows, (Message, Incident))


def _entry(n: int, text: str, tenant: int = 1) -> Entry:
    handle = an_id(f"handle {n}")
    fact = MessageReceived(
        an_id(f"m{n}"), handle, "acc", "mastodon", ChannelKind.SOCIAL, Reach.PUBLIC, f"k{n}", START
    )  # fmt: skip
    return Entry(tenant, n, an_id(f"entry {n}"), START, fact.message, fact, Said(text, "mastodon:@x@y"), handle)
