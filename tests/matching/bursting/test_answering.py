"""A burst is answered on record: by itself where the centre says so, by a press else, each step once, and told to who waits."""

from datetime import date, timedelta

import msgspec
import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.access.roles import ROLES
from rapport.matching.bursting.plan import ANSWERING, may_be_told, span_said
from rapport.matching.duty.turns import turns_of
from rapport.model.burst import Burst
from rapport.model.centre import Profile, SavedReply, Thing
from rapport.model.fact import ActionDone, ActionRefused, DraftWritten, ReplyQueued, Words
from rapport.model.fact_work import ActionCaused
from rapport.model.fact_workforce import BurstAnswered, BurstBegan, BurstFollowed, ShiftsSet
from rapport.model.ids import derived_id
from rapport.model.message import Reach
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


def works(house, *shift, **more):
    house.set("agent", "ivy", msgspec.structs.replace(house.rows.centre.agents["ivy"], shift=shift, **more))


def test_who_has_no_shifts_and_comes_has_none_afterwards_either():
    house = work()
    begins(house)
    press(house, "call_in")
    [ask] = house.rows.all(ShiftAsk)
    house.act("ivy", "answer_swap", argument=msgspec.json.encode({"ask": ask.id.hex(), "do": "agree"}).decode())

    assert house.rows.get(ShiftAsk, ask.id).state == "done"
    assert (house.all(ShiftsSet), house.rows.centre.agents["ivy"].shift) == ([], ())


@pytest.mark.parametrize(
    ("minutes", "day", "begin", "end"),
    [(440, "2026-03-03", 1410, 1500), (470, "2026-03-04", 0, 90)],
    ids=["late", "at midnight"],
)
def test_who_is_called_in_at_night_comes_over_midnight(minutes, day, begin, end):
    house = work()
    works(house, "sat 09:00-17:00")
    house.later(minutes=minutes)
    begins(house)
    press(house, "call_in")
    [ask] = house.rows.all(ShiftAsk)
    house.act("ivy", "answer_swap", argument=msgspec.json.encode({"ask": ask.id.hex(), "do": "agree"}).decode())
    [turn] = turns_of(house.rows.centre.agents["ivy"], house.rows.centre, date.fromisoformat(day), 1)

    assert (ask.day, ask.begin, ask.end) == (day, begin, end)
    assert (turn.start, turn.end) == (begin, end)


def test_only_who_answers_people_and_does_not_run_the_house_is_called_in():
    able = {role for role, may in ROLES.items() if "desk.write" in may}
    house = work()
    works(house, role="reviewer")
    begins(house)

    assert set(ANSWERING) == able - {"administrator"}
    assert press(house, "call_in").reason == "Nobody who is not at work may legally come now."


def test_who_is_told_how_long_it_takes_still_waits_for_their_answer():
    house = work()
    waits = house.chat("The card does not work", by="webchat:one")
    before = house.conversation_of(waits)
    begins(house)
    press(house, "holding")
    [caused] = [fact for fact in told(house) if fact.conversation == before.id]
    draft = derived_id(caused.action, "draft")
    house.tell(DraftWritten(draft, before.id, caused.agent, Reach.PRIVATE, draft))
    house.tell(ReplyQueued(an_id("out"), draft, draft, before.id, before.handle, "a", "webchat", Reach.PRIVATE), Words("Soon"))
    after = house.conversation_of(waits)
    again = may_be_told(after, house.rows.get(Burst, an_id("burst")), house.rows)

    assert (after.preview, after.messages) == ("Soon", before.messages + 1)
    assert (after.answered_at, after.waiting_since) == (None, before.waiting_since)
    assert (after.due_at, after.unread, again) == (before.due_at, before.unread, False)


def test_a_burst_that_is_told_twice_keeps_what_was_done_and_does_nothing_again():
    house = work()
    begins(house)
    press(house, "widen")
    house.set("centre", "centre", Profile(burst_reply="crowd", burst_does=("widen", "holding")))
    house.later(minutes=1)
    begins(house, people=7)
    [burst] = house.rows.all(Burst)

    assert (burst.people, [one.step for one in burst.taken]) == (7, ["widen"])
    assert len(house.all(BurstAnswered)) == 1


def test_nobody_is_told_more_once_it_turns_out_to_be_a_brigade():
    house = work()
    begins(house)
    press(house, "holding")
    house.tell(BurstFollowed(an_id("burst"), "brigade", 50, 40, 0, 0.0, 45, 45, 1, 60.0))
    before = len(told(house))
    house.chat("The card does not work", by="webchat:late")

    assert len(told(house)) == before


def test_who_is_called_in_agrees_and_works_from_then_on_or_need_not_come_after_the_burst():
    house = work()
    works(house, "wed 09:00-17:00")
    begins(house, people=2)
    press(house, "call_in")
    [ask] = house.rows.all(ShiftAsk)
    answer = {"ask": ask.id.hex(), "do": "agree"}
    done = house.act("ivy", "answer_swap", argument=msgspec.json.encode(answer).decode())

    assert (ask.to, ask.kind, ask.day) == ("ivy", "call_in", "2026-03-03")
    assert isinstance(done, ActionDone)
    assert house.last(ShiftsSet).shift == ("wed 09:00-17:00", "2026-03-03 16:15-17:45")
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
