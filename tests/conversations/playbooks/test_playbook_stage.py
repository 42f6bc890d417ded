"""Playbooks: begun with the work, followed by branches, ended with what was left out; versions, policies, deeds."""

import msgspec
import pytest

from rapport.conversations.playbooks import view as playbooks_view
from rapport.conversations.playbooks.progress import missed, steps_now
from rapport.conversations.playbooks.stage import stage as playbooks
from rapport.conversations.stage import stage as conversations
from rapport.model.agent import Agent
from rapport.model.centre import Policy
from rapport.model.fact import ActionDone
from rapport.model.fact_work import ActionCaused, PlaybookBegun, PlaybookLeft, StepDone, TaskSet, Values
from rapport.model.playbook import Deed, Edition, Field, Playbook, PlaybookStep, Run, Task
from rapport.people.stage import stage as people
from stagework import VIEWS, Stagework, everything

STEPS = (
    PlaybookStep({"en": "Restart it"}, True, "restart", (Field("works", type="flag", required=True),)),
    PlaybookStep(
        {"en": "Offer a room"}, True, "room", (Field("room", type="number"),),
        (Deed("task", text={"en": "Prepare room {room}"}),), {"works": False},
    ),
    PlaybookStep({"en": "Say goodbye"}, id="bye", actions=(Deed("reply", text={"en": "Bye {name}"}),)),
)  # fmt: skip
WIFI = Playbook("wifi", STEPS, "wifi")


@pytest.fixture
def work() -> Stagework:
    work = Stagework(people(), conversations(), playbooks(), views=(*VIEWS, playbooks_view.FOLDS))
    work.agents(Agent("eva", name="Eva"))
    work.set("playbook", "wifi", WIFI)
    return work


def begun(work: Stagework):
    conversation = work.conversation_of(work.hear("no wifi", name="Ana", intent="wifi", language="en"))
    work.accept("eva", conversation)
    return work.rows.get(type(conversation), conversation.id)


def step(work: Stagework, conversation, name: str, **values):
    return work.act("eva", "do_step", conversation=conversation.id, argument=name, values=values)


def test_whoever_takes_a_conversation_begins_with_the_playbook_of_its_intent(work):
    conversation = begun(work)

    assert work.last(PlaybookBegun) == PlaybookBegun(conversation.id, "wifi", 1)


def test_a_branch_is_taken_by_what_was_filled_in_and_its_deed_says_it(work):
    conversation = begun(work)

    step(work, conversation, "restart", works="no")
    step(work, conversation, "room", room="512")

    run = work.row(Run, conversation.id)
    caused = work.last(ActionCaused)
    words = next(e.content for e in reversed(work.entries) if e.fact is caused)
    assert run.values == {"works": False, "room": 512.0}
    assert (caused.do, caused.agent, caused.cause, words.text) == ("task", "eva", "playbook:wifi@1", "Prepare room 512")


def test_a_step_whose_branch_is_not_taken_is_refused_and_not_missed(work):
    conversation = begun(work)
    step(work, conversation, "restart", works="yes")

    answer = step(work, conversation, "room", room="512")

    assert answer.reason == "This step is not asked for, by what was filled in."
    assert missed(WIFI, work.row(Run, conversation.id)) == ()


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({}, "This step needs works to be filled in."),
        ({"works": "perhaps"}, "Works is yes or no, got 'perhaps'."),
        ({"works": "yes", "colour": "red"}, "This step has no field 'colour'; it has works."),
    ],
)
def test_what_does_not_fit_a_field_is_refused_by_name(work, values, reason):
    conversation = begun(work)

    assert step(work, conversation, "restart", **values).reason == reason
    assert work.row(Run, conversation.id).done == {}


@pytest.mark.parametrize("said", ["nan", "1e999", "9" * 400])
def test_a_number_that_no_table_can_keep_is_none(work, said):
    conversation = begun(work)
    step(work, conversation, "restart", works="no")

    assert step(work, conversation, "room", room=said).reason.startswith("Room is a number, got '")
    assert step(work, conversation, "room", room=float("inf")).reason == "Room is a number, got inf."


def test_a_step_before_its_turn_is_recorded_as_such(work):
    conversation = begun(work)

    step(work, conversation, "bye")

    assert work.last(StepDone).strayed
    assert [now.strayed for now in steps_now(WIFI, work.row(Run, conversation.id))] == [False, False, True]


def test_closing_with_required_steps_open_is_recorded_with_what_was_left_out(work):
    conversation = begun(work)

    closed = work.act("eva", "close", conversation=conversation.id)

    assert isinstance(closed, ActionDone)
    assert work.last(PlaybookLeft).missed == ("restart",)


def test_where_the_policy_forbids_it_nothing_is_closed_or_skipped(work):
    work.set("policy", "strict", Policy("strict", playbooks="forbid"))
    conversation = begun(work)

    said = [work.act("eva", "close", conversation=conversation.id).reason, step(work, conversation, "bye").reason]

    assert said == ["The policy asks for these steps first: restart."] * 2


def test_a_conversation_stays_on_its_version_until_it_is_moved_over(work):
    conversation = begun(work)
    step(work, conversation, "restart", works="yes")
    work.set("playbook", "wifi", msgspec.structs.replace(WIFI, steps=(*STEPS, PlaybookStep({"en": "Ask"}, True, "ask"))))

    before = work.act("eva", "do_step", conversation=conversation.id, argument="ask").reason
    work.act("eva", "move_playbook", conversation=conversation.id)

    run = work.row(Run, conversation.id)
    assert before == "This playbook has no step 'ask'; it has restart, room, bye."
    assert (run.edition, list(run.done)) == (2, ["restart"])
    assert isinstance(work.act("eva", "do_step", conversation=conversation.id, argument="ask"), ActionDone)


def test_a_task_is_made_and_done(work):
    conversation = begun(work)

    made = work.act("eva", "task", "Ring the plumber", conversation=conversation.id)
    done = work.act("eva", "do_task", conversation=conversation.id, argument=made.result.hex())

    assert isinstance(done, ActionDone)
    assert work.row(Task, made.result).done_by == "eva"
    assert [fact.done for fact in work.all(TaskSet)] == [False, True]


def test_what_was_filled_in_is_content_and_a_rebuild_gives_the_same_rows(work):
    conversation = begun(work)
    step(work, conversation, "restart", works="no")

    entry = next(e for e in work.entries if isinstance(e.fact, StepDone))
    assert (entry.content, entry.owner) == (Values({"works": False}), conversation.handle)
    tables = (Edition, Run, Task)
    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ([{"text": {}, "id": "a"}, {"text": {}, "id": "a"}], "two steps of playbook 'x' are called 'a'"),
        ([{"text": {}, "when": {"works": True}}], "when looks at 'works', which no earlier step fills in"),
        (
            [{"text": {}, "fields": [{"id": "n", "type": "number"}]}, {"text": {}, "when": {"n": "many"}}],
            "when can never hold, as n is a number, got 'many'",
        ),
        ([{"text": {}, "fields": [{"id": "c", "type": "choice"}]}], "needs choices if it is a choice"),
        ([{"text": {}, "actions": [{"do": "note"}]}], "note needs words"),
    ],
)
def test_a_playbook_that_cannot_be_followed_is_refused_with_the_step_and_the_cure(steps, says):
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.json.decode(msgspec.json.encode({"id": "x", "steps": steps}), type=Playbook)
