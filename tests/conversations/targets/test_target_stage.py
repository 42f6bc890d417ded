"""The clocks of a conversation: they begin, stand, go on and end, and tell before they are missed."""

from datetime import timedelta

import msgspec
import pytest

from rapport.conversations.stage import stage as conversations
from rapport.conversations.targets import view as target_views
from rapport.conversations.targets.choosing import chosen
from rapport.conversations.targets.stage import stage
from rapport.model.agent import Agent
from rapport.model.centre import Account, Centre
from rapport.model.conversation import Conversation
from rapport.model.fact import DraftWritten, ReplyQueued
from rapport.model.fact_work import TargetNear, TargetSet
from rapport.model.ids import derived_id
from rapport.model.message import Reach
from rapport.model.person import Person
from rapport.model.reply import Reminder
from rapport.model.target import Service, Target
from rapport.people.stage import stage as people
from stagework import VIEWS, Stagework, everything

HOUSE = Target("house", first="10m", next="20m", resolution="2h")


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), stage(), views=(*VIEWS, target_views.FOLDS))
    work.agents("eva", Agent("robi", bot=True))
    work.set("target", "house", HOUSE)
    return work


def answer(work: Stagework, conversation: Conversation, agent: str = "eva") -> None:
    draft = derived_id(conversation.id, agent, len(work.entries))
    work.tell(DraftWritten(draft, conversation.id, agent, Reach.PRIVATE, draft))
    fact = ReplyQueued(
        derived_id(draft, "part"), draft, draft, conversation.id, conversation.handle, "a", "webchat", Reach.PRIVATE
    )
    work.tell(fact)


def clocks(work: Stagework, conversation: Conversation) -> dict[str, tuple[float | None, float]]:
    """Minutes until each clock is due, and minutes left where it stands."""
    found = work.row(Service, conversation.id).clocks
    return {
        kind: ((clock.due_at - work.now).total_seconds() / 60 if clock.due_at else None, clock.left / 60)
        for kind, clock in found.items()
    }


def test_a_conversation_begins_with_the_clocks_of_its_answer_and_its_resolution(work):
    conversation = work.conversation_of(work.hear("hello"))

    assert clocks(work, conversation) == {"first": (10, 0), "resolution": (120, 0)}
    assert work.row(Conversation, conversation.id).due_at == work.now + timedelta(minutes=10)


def test_a_far_clock_of_a_law_never_hides_that_an_answer_is_due_soon(work):
    work.set("target", "house", Target("house", resolution="15wd", zone="Europe/Madrid", holidays="ES"))

    conversation = work.conversation_of(work.hear("hello"))

    assert list(clocks(work, conversation)) == ["resolution"]
    assert work.row(Conversation, conversation.id).due_at == work.now + work.rows.centre.target(conversation.kind)


def test_an_answer_ends_its_clock_and_the_resolution_stands_until_they_write_again(work):
    conversation = work.conversation_of(work.hear("hello"))
    work.later(minutes=5)
    answer(work, conversation)
    waiting = clocks(work, conversation)
    work.later(minutes=600)
    work.hear("and now?")

    assert waiting == {"resolution": (None, 115)}
    assert clocks(work, conversation) == {"next": (20, 0), "resolution": (115, 0)}
    assert work.all(TargetNear) == []


def test_what_a_machine_answers_is_no_answer(work):
    conversation = work.conversation_of(work.hear("hello"))

    answer(work, conversation, "robi")

    assert list(clocks(work, conversation)) == ["first", "resolution"]


def test_it_is_said_that_a_target_nears_and_that_it_was_missed_each_once(work):
    conversation = work.conversation_of(work.hear("hello"))

    work.later(minutes=60)

    told = [(fact.kind, fact.missed) for fact in work.all(TargetNear)]
    assert told == [("first", False), ("first", True)]
    assert (work.row(Service, conversation.id).late, work.row(Service, conversation.id).near) == (True, True)


def test_a_clock_survives_a_restart_as_it_is_a_row_like_any_other(work):
    conversation = work.conversation_of(work.hear("hello"))
    work.later(minutes=9)

    tables = (Service, Reminder, Conversation)
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)
    assert work.only(Reminder).at == conversation.opened_at + timedelta(minutes=10)


def test_while_it_sleeps_the_clocks_stand_and_at_its_end_they_end(work):
    conversation = work.conversation_of(work.hear("hello"))
    work.later(minutes=4)
    until = (work.now + timedelta(hours=9)).isoformat()
    work.act("eva", "snooze", conversation=conversation.id, argument=until)
    asleep = clocks(work, conversation)
    work.later(hours=10)
    awake = clocks(work, conversation)
    work.act("eva", "close", conversation=conversation.id)

    assert asleep == {"first": (None, 6), "resolution": (None, 116)}
    assert awake["first"] == (6 - 60, 0)
    assert work.row(Service, conversation.id) == Service(conversation.id, {}, False, True, False)
    assert [fact.ended for fact in work.all(TargetSet)][-2:] == [True, True]


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ([Target("all", first="1h"), Target("brand", first="1h", brands=("shoes",))], ["brand"]),
        ([Target("brand", first="1h", brands=("shoes",)), Target("kind", first="1h", channels=("social",))], ["kind"]),
        ([Target("kind", first="1h", channels=("social",)), Target("account", first="1h", channels=("our",))], ["account"]),
        ([Target("account", first="1h", channels=("our",)), Target("gold", first="1h", person={"tier": "gold"})], ["gold"]),
        ([Target("gold", first="1h", person={"tier": "silver"}), Target("all", first="1h")], ["all"]),
        ([Target("law", first="1h", floor=True), Target("all", first="1h")], ["all", "law"]),
        ([Target("other", next="1h", channels=("our",)), Target("all", first="1h")], ["all"]),
    ],
)
def test_the_most_specific_target_holds_and_every_floor(work, targets, expected):
    work.declare("mastodon:@ana@example.social", tier="gold")
    conversation = work.conversation_of(work.hear("hello", account="our"))
    person = work.rows.get(Person, conversation.person)
    centre = Centre(accounts={"our": Account("our", "mastodon", "shoes")}, targets={one.id: one for one in targets})

    assert [target.id for target in chosen(centre, conversation, person, "first")] == expected


@pytest.mark.parametrize(
    "wrong", [{"first": "soon"}, {}, {"first": "0m"}, {"first": "1h", "warn": 1.5}, {"first": "1h", "hours": {"mon": ["9-5"]}}]
)
def test_a_target_that_cannot_be_reckoned_is_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(msgspec.json.encode({"id": "x", **wrong}), type=Target)
