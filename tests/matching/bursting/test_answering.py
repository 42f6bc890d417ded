"""A burst is answered on record: by itself where the centre says so, by a press else, each step once, and told to who waits."""

from datetime import timedelta

import msgspec
import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.matching.bursting.plan import span_said
from rapport.model.burst import Burst
from rapport.model.centre import Profile, SavedReply, Thing
from rapport.model.fact import ActionDone, ActionRefused
from rapport.model.fact_work import ActionCaused
from rapport.model.fact_workforce import BurstAnswered, BurstBegan, BurstFollowed, ShiftsSet
from rapport.model.need import Plan, Step
from rapport.model.shift_ask import ShiftAsk
from stagework import START, an_id, everything

pytestmark = pytest.mark.pure
PLAN = Plan("it-first", (Step("team == 'it'", seconds=600.0, skip_if_nobody=False), Step("")))
REPLY = SavedReply("crowd", {"en": "It takes {wait}.", "es": "Tarda {wait}."})


def work(**profile) -> Matchwork:
    found = Matchwork(
        an_agent("ana", languages=["en"], slots={"chat": 1}),
        an_agent("ivy", team="it", presence="offline", languages=["en"]),
        an_agent("sue", presence="away", languages=["en"]),
    )
    found.set("centre", "centre", Profile(burst_reply="crowd", **profile))
    found.set("plan", "it-first", PLAN)
    found.set("reply", "crowd", REPLY)
    return found


def begins(work, kind="real", waits=1500.0, people=1):
    fact = BurstBegan(an_id("burst"), START, kind, 4.0, 40, 36, 30, 5400.0, 0, 38, people, waits)
    work.tell(fact)


def press(work, step, by="sue", burst="burst"):
    return work.act(by, "answer_burst", argument=msgspec.json.encode({"burst": an_id(burst).hex(), "step": step}).decode())


def told(work):
    return [fact for fact in work.all(ActionCaused) if fact.cause == "rule:burst"]


def test_a_pressed_step_is_done_once_and_the_second_is_told_who_did_it():
    house = work()
    begins(house)
    first, second = press(house, "widen"), press(house, "widen", by="ana")

    assert isinstance(first, ActionDone)
    assert second.reason == "sue has done this already."
    assert [(fact.step, fact.by, fact.names) for fact in house.all(BurstAnswered)] == [("widen", "sue", ("it-first",))]
    assert house.rows.centre.plans["it-first"].steps == PLAN.steps[-1:]


def test_a_widened_plan_ends_by_itself_when_the_burst_should_be_over():
    house = work()
    begins(house)
    press(house, "widen")
    house.later(hours=2)

    assert house.rows.centre.plans["it-first"] == PLAN


def test_where_no_plan_holds_for_all_the_built_in_one_is_widened_and_stays_behind_every_other():
    house = work()
    house.set("plan", "it-first", msgspec.structs.replace(PLAN, when="need.channel == 'webchat'"))
    begins(house)
    press(house, "widen")

    assert house.last(BurstAnswered).names == ("built-in", "it-first")
    assert house.rows.centre.plans["built-in"].priority < -1000
    house.later(hours=2)
    assert "built-in" not in house.rows.centre.plans


def test_what_the_centre_says_is_done_by_itself_for_a_real_burst_and_never_for_a_brigade():
    real, brigade = work(burst_does=("widen", "holding")), work(burst_does=("widen", "holding"))
    begins(real)
    begins(brigade, kind="brigade")

    assert [(fact.step, fact.by) for fact in real.all(BurstAnswered)] == [("widen", ""), ("holding", "")]
    assert brigade.all(BurstAnswered) == []


def test_who_waits_and_who_comes_is_told_how_long_it_takes_once_and_only_in_private():
    house = work()
    house.chat("The card does not work", by="webchat:served")
    waits = house.chat("The card does not work", by="webchat:one")
    house.write("The card does not work", by="mastodon:@two@example.social")
    begins(house)
    press(house, "holding")
    comes = house.chat("My card neither", by="webchat:three")
    entries = [entry for entry in house.entries if isinstance(entry.fact, ActionCaused)]

    assert house.conversation_of(waits).id in {fact.conversation for fact in told(house)}
    assert house.conversation_of(comes).id in {fact.conversation for fact in told(house)}
    assert all(entry.content.text == "It takes 25 minutes.\nAutomated answer" for entry in entries)
    assert len({fact.conversation for fact in told(house)}) == len(told(house))
    assert house.all(BurstAnswered)[-1].names == ("crowd",)


def test_nothing_more_is_told_after_the_burst():
    house = work()
    begins(house)
    press(house, "holding")
    house.tell(BurstFollowed(an_id("burst"), "real", 50, 40, 0, 0.0, 0, 45, 1, 60.0, ended=True))
    before = len(told(house))
    house.chat("The card does not work", by="webchat:late")

    assert len(told(house)) == before
    assert press(house, "widen").reason == "This burst is over."


def test_who_is_called_in_agrees_and_works_from_then_on_or_need_not_come_after_the_burst():
    house = work()
    begins(house, people=2)
    press(house, "call_in")
    [ask] = house.rows.all(ShiftAsk)
    answer = {"ask": ask.id.hex(), "do": "agree"}
    done = house.act("ivy", "answer_swap", argument=msgspec.json.encode(answer).decode())

    assert (ask.to, ask.kind, ask.day) == ("ivy", "call_in", "2026-03-03")
    assert isinstance(done, ActionDone)
    assert house.last(ShiftsSet).shift == ("2026-03-03 16:15-17:45",)
    assert house.rows.get(ShiftAsk, ask.id).state == "done"
    other = work()
    begins(other)
    press(other, "call_in")
    other.tell(BurstFollowed(an_id("burst"), "real", 50, 40, 0, 0.0, 0, 45, 1, 60.0, ended=True))
    assert [one.state for one in other.rows.all(ShiftAsk)] == ["over"]


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ('{"burst": "00", "step": "widen"}', "This burst is over."),
        ('{"burst": "BURST", "step": "dance"}', "A step is one of widen, call_in, holding, got 'dance'."),
        ("{", "Input data was truncated"),
    ],
)
def test_what_cannot_be_pressed_is_refused_with_the_value(argument, says):
    house = work()
    begins(house)
    refused = house.act("sue", "answer_burst", argument=argument.replace("BURST", an_id("burst").hex()))

    assert isinstance(refused, ActionRefused)
    assert says in refused.reason


def test_without_a_reply_named_the_step_says_what_to_write():
    house = work()
    house.set("centre", "centre", Profile())
    begins(house)

    assert "write `burst_reply`" in press(house, "holding").reason


def test_all_is_the_same_when_it_is_folded_anew():
    house = work(burst_does=("widen",))
    house.chat("The card does not work", by="webchat:one")
    begins(house)
    press(house, "holding")
    press(house, "call_in")
    house.later(minutes=5)
    tables = (*MATCHED, Thing, Burst, ShiftAsk)

    assert everything(house.rebuilt(), tables) == everything(house.rows, tables)


@pytest.mark.parametrize(
    ("seconds", "language", "said"),
    [(20, "en", "5 minutes"), (1501, "es-MX", "30 minutos"), (7201, "en", "3 hours"), (900, "pt", "15 minutes")],
)
def test_a_wait_is_said_rounded_up(seconds, language, said):
    assert span_said(timedelta(seconds=seconds).total_seconds(), language) == said
