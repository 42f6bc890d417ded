"""What a supervisor does with who waits and who works: each is done or refused, on record, and folds the same again."""

from datetime import timedelta

import msgspec
import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.model.agent import AgentNow
from rapport.model.centre import Thing
from rapport.model.fact import ActionDone, ActionRefused, CentreRemoved, NeedWidened, OfferRevoked, TodayChanged, TodayEnded
from rapport.model.need import Need, Plan, Step
from rapport.model.reply import Reminder
from stagework import everything

pytestmark = pytest.mark.pure
ES = {"languages": ["es", "en"]}
PLAN = Plan("wifi", (Step("team == 'it'", seconds=60.0, skip_if_nobody=False), Step("")))


@pytest.fixture
def work() -> Matchwork:
    work = Matchwork(
        an_agent("ivy", team="it", presence="away", **ES), an_agent("ana", team="desk", **ES), an_agent("sue", **ES)
    )
    work.set("plan", "wifi", PLAN)
    return work


def today(work, until="2026-03-03T18:00", why="Rain, many calls", thing="plan", name="wifi", **fields):
    asked = {"thing": thing, "name": name, "set": fields, "until": until, "why": why}
    return work.act("sue", "change_today", argument=msgspec.json.encode(asked).decode())


FASTER = [{"require": "team == 'it'", "seconds": 10, "skip_if_nobody": False}, {"require": ""}]


def test_a_plan_changed_for_today_moves_who_waits_and_ends_by_itself(work):
    first = work.chat("the wifi is down")
    work.later(seconds=5)
    done = today(work, steps=FASTER)
    work.later(seconds=4)
    before = work.asked(first)
    work.later(seconds=2)
    asked = work.asked(first)
    work.later(hours=2)
    second = work.chat("and here too", by="webchat:second")
    work.later(seconds=30)

    assert isinstance(done, ActionDone)
    assert (before, asked in ("ana", "sue")) == ("", True)
    assert work.last(TodayEnded).by == ""
    assert work.asked(second) == ""
    assert work.rows.centre.plans["wifi"] == PLAN


def test_what_lasts_for_today_is_the_same_when_all_is_folded_anew(work):
    work.chat("the wifi is down")
    today(work, steps=FASTER)
    today(work, thing="agent", name="ana", team="it", slots={"chat": 1})
    tables = (*MATCHED, Thing)

    assert everything(work.rebuilt(), tables) == everything(work.rows, tables)
    assert work.rebuilt().centre.agents["ana"].team == "it"


def test_it_can_be_ended_now_and_says_what_it_was_before(work):
    today(work, steps=FASTER, priority=5)
    ended = work.act("sue", "end_today", argument="plan/wifi")
    again = work.act("sue", "end_today", argument="plan/wifi")

    said = msgspec.json.decode(work.last(TodayChanged).body)
    assert (said["was"]["priority"], said["set"]["priority"]) == (0, 5)
    assert isinstance(ended, ActionDone)
    assert again.reason == "Nothing is otherwise of plan/wifi today."
    assert [r for r in work.rows.all(Reminder) if r.what == "today"] == []


def test_a_plan_for_today_alone_is_there_and_gone_and_a_removed_one_does_not_come_back(work):
    today(work, thing="plan", name="surge", steps=[{"require": ""}], priority=9)
    today(work, steps=FASTER)
    work.tell(CentreRemoved("plan", "wifi"))
    during = set(work.rows.centre.plans)
    work.later(hours=3)

    assert (during, set(work.rows.centre.plans)) == ({"surge"}, set())


def test_somebody_of_another_team_for_today_is_asked_by_its_plans(work):
    first = work.chat("the wifi is down")
    before = work.asked(first)
    today(work, thing="agent", name="ana", team="it")

    assert (before, work.asked(first)) == ("", "ana")


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"thing": "plan", "name": "wifi", "colour": 1}, "got 'colour'"),
        ({"thing": "bot", "name": "b", "url": ""}, "for today one of plan, agent, policy can be changed"),
        ({"thing": "agent", "name": "nobody", "team": "it"}, "there is no agent 'nobody'"),
        ({"until": "2026-03-03T10:00", "priority": 1}, "it must end within seven days from now"),
        ({"until": "soon", "priority": 1}, "a time such as"),
        ({"why": " ", "priority": 1}, "needs a reason"),
        ({"steps": [{"require": "team =="}]}, "expected"),
        ({"steps": 5}, "steps"),
    ],
)
def test_what_cannot_be_is_refused_naming_it(work, named, said):
    refused = today(work, **named)

    assert isinstance(refused, ActionRefused)
    assert said in refused.reason
    assert work.all(TodayChanged) == []


def test_a_second_change_of_the_same_piece_is_refused_while_one_lasts(work):
    today(work, priority=5)

    assert "already; end that first" in today(work, priority=6).reason


def test_a_need_is_put_to_a_named_agent_out_of_turn_and_says_why(work):
    first = work.chat("the wifi is down")
    work.later(seconds=70)
    asked = work.asked(first)
    other = "ana" if asked == "sue" else "sue"
    done = work.do("sue", "assign", first, argument=other, reason="Knows this guest")

    assert isinstance(done, ActionDone)
    assert work.asked(first) == other
    assert {"assigned", "sue", "Knows this guest"} <= work.because(first)
    assert work.last(OfferRevoked).agent == asked


@pytest.mark.parametrize(
    ("to", "reason", "said"),
    [
        ("ivy", "x", "ivy is not present."),
        ("nobody", "x", "The centre has no agent nobody."),
        ("ana", "", "To put it to somebody out of turn needs a reason."),
        ("eva", "x", "A rule forbids that eva is asked for this."),
    ],
)
def test_who_cannot_be_asked_is_named_with_the_reason(work, to, reason, said):
    never = an_agent("eva", **ES)
    work.agents(msgspec.structs.replace(never, never=("need.kind == 'chat'",)))
    first = work.chat("the wifi is down")

    assert work.do("sue", "assign", first, argument=to, reason=reason).reason == said


def test_who_is_sent_home_leaves_everything_and_can_have_it_back(work):
    first = work.chat("the wifi is down")
    work.do("ana", "take", first)
    work.act("sue", "set_presence", argument="ana offline")
    left, waits = work.has(first), bool(list(work.rows.all(Need)))
    work.act("sue", "set_presence", argument="ana available")
    back = work.do("sue", "give_back", first, argument="ana")

    assert (left, waits) == ("", True)
    assert isinstance(back, ActionDone)
    assert work.has(first) == "ana"
    assert work.row(AgentNow, "ana").held == {"chat": 1}
    assert everything(work.rebuilt(), MATCHED) == everything(work.rows, MATCHED)


def test_a_shorter_step_for_today_widens_at_once_who_has_waited_longer(work):
    first = work.chat("the wifi is down")
    work.later(seconds=30)
    today(work, steps=FASTER)
    work.later(seconds=0)

    assert work.last(NeedWidened).step == 1
    assert work.asked(first) in ("ana", "sue")
    assert work.now - work.row(AgentNow, "ana").since < timedelta(minutes=1)
