"""Swaps of shifts: asked, agreed, legal, approved or by the rules; two at once, what is too late, and what nobody may."""

from datetime import date

import msgspec
import pytest

from matching.matchwork import MATCHED, Matchwork, an_agent
from rapport.matching.duty.turns import turns_of, turns_over
from rapport.matching.strain import limits_of
from rapport.model.centre import Policy, Profile, Thing
from rapport.model.fact import ActionDone
from rapport.model.fact_workforce import ShiftAnswered, ShiftsSet
from rapport.model.shift_ask import ShiftAsk
from stagework import everything

pytestmark = pytest.mark.pure
WEEK = "mon-fri 09:00-17:00"


def a_house(swaps="rules", **profile) -> Matchwork:
    """Tuesday, 16:00 UTC: ana by day, ben in the evening, cas by day too, dee at weekends."""
    skills = {"skills": {"wifi": 0.9}, "languages": ["es"]}
    house = Matchwork()
    shifts = {"ana": WEEK, "ben": "mon-thu 14:00-22:00", "cas": WEEK, "dee": "sat-sun 09:00-17:00"}
    house.set("centre", "centre", Profile(swaps=swaps, **profile))
    for name, shift in shifts.items():
        house.set("agent", name, msgspec.structs.replace(an_agent(name, **skills), shift=(shift,)))
    return house


def ask(house, by="ana", **wanted):
    wanted = {"day": "2026-03-05", "begin": 540, "to": "dee", **wanted}
    return house.act(by, "ask_swap", argument=msgspec.json.encode(wanted).decode())


def answer(house, by, do, why="", of=None):
    found = of or next(reversed(list(house.rows.all(ShiftAsk)))).id
    verb = "decide_swap" if do in ("approve", "refuse") else "answer_swap"
    return house.act(by, verb, argument=msgspec.json.encode({"ask": found.hex(), "do": do, "why": why}).decode())


def works(house, agent, day):
    turns = turns_of(house.rows.centre.agents[agent], house.rows.centre, date.fromisoformat(day), 1)
    return [(turn.start // 60, turn.end // 60) for turn in turns]


def test_what_both_agree_to_and_is_legal_changes_hands_by_the_rules():
    house = a_house()
    assert isinstance(ask(house), ActionDone)
    assert isinstance(answer(house, "dee", "agree"), ActionDone)

    assert (works(house, "ana", "2026-03-05"), works(house, "dee", "2026-03-05")) == ([], [(9, 17)])
    assert works(house, "ana", "2026-03-06") == [(9, 17)]
    assert [fact.by for fact in house.all(ShiftsSet)] == ["", ""]


def test_a_shift_for_a_shift_moves_both():
    house = a_house()
    ask(house, back_day="2026-03-07", back_begin=540)
    answer(house, "dee", "agree")

    assert (works(house, "ana", "2026-03-07"), works(house, "dee", "2026-03-07")) == ([(9, 17)], [])


def test_where_a_planner_decides_it_waits_for_them():
    house = a_house("planner")
    ask(house)
    answer(house, "dee", "agree")
    before = works(house, "dee", "2026-03-05")
    answer(house, "pat", "approve")

    assert (before, works(house, "dee", "2026-03-05")) == ([], [(9, 17)])
    assert house.last(ShiftAnswered).by == "pat"


def test_a_planner_says_no_with_a_reason():
    house = a_house("planner")
    ask(house)
    answer(house, "dee", "agree")
    answer(house, "pat", "refuse", "The fair is on that day")
    [kept] = house.rows.all(ShiftAsk)

    assert (kept.state, kept.why, works(house, "ana", "2026-03-05")) == ("refused", "The fair is on that day", [(9, 17)])


def test_too_little_rest_is_refused_with_its_hours_and_its_day():
    assert isinstance(ask(a_house(), to="ben", day="2026-03-06"), ActionDone)
    strict = ask(a_house(rest_hours=12.0), to="ben", day="2026-03-06")
    assert strict.reason == "ben would rest 11 hours before 2026-03-06; 12 are needed."


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"to": "cas"}, "cas would work twice at the same time on 2026-03-05."),
        ({"to": "ana"}, "There is nobody 'ana' to swap with."),
        ({"to": "zoe"}, "There is nobody 'zoe' to swap with."),
        ({"day": "2026-03-07"}, "ana does not work on 2026-03-07 at 09:00: the schedule has changed."),
        ({"day": "soon"}, "A day such as 2026-03-03 is needed, got 'soon'."),
        ({"day": "2026-03-03"}, "has begun, or is more than 60 days away"),
        ({"day": "2026-09-03"}, "has begun, or is more than 60 days away"),
        ({"to": "", "back_day": "2026-03-07"}, "Whose shift is wanted back?"),
        ({"back_day": "9999-12-26", "back_begin": 540}, "The shift of 9999-12-26 has begun, or is more than 60 days away"),
        ({"back_day": "2026-05-03", "back_begin": 540}, "The shift of 2026-05-03 has begun, or is more than 60 days away"),
        ({"back_day": "2026-03-01", "back_begin": 540}, "The shift of 2026-03-01 has begun, or is more than 60 days away"),
    ],
)
def test_what_cannot_be_swapped_is_refused_with_its_reason(fields, says):
    assert says in ask(a_house(), **fields).reason


def test_more_hours_than_a_week_may_have_are_refused():
    assert ask(a_house(week_hours=20.0)).reason == "dee would work 24 hours in week 10 of 2026; 20 are the most."


def test_a_skill_that_nobody_else_at_work_has_stays():
    house = a_house()
    for name in ("cas", "dee", "ben"):
        agent = house.rows.centre.agents[name]
        house.set("agent", name, msgspec.structs.replace(agent, attributes={"languages": ["es"]}))

    assert ask(house).reason == "Nobody at work on 2026-03-05 could do wifi any more."


def test_a_week_that_stands_at_the_policy_stays_there_and_a_day_that_changed_hands_beside_it():
    house = a_house()
    agent = house.rows.centre.agents["ana"]
    house.set("agent", "ana", msgspec.structs.replace(agent, shift=()))
    house.set("policy", "all", Policy("all", shift=(WEEK,)))
    ask(house, day="20260305")
    answer(house, "dee", "agree")
    kept = house.rows.centre.agents["ana"].shift

    assert kept == ("2026-03-05 free",)
    assert (works(house, "ana", "2026-03-05"), works(house, "ana", "2026-03-06")) == ([], [(9, 17)])
    assert len(limits_of(house.rows.centre.agents["ana"], house.rows.centre).shifts) == 2
    otherwise = {"thing": "policy", "name": "all", "set": {"shift": ["mon-fri 10:00-18:00"]}, "why": "Fair"}
    house.act("ana", "change_today", argument=msgspec.json.encode({**otherwise, "until": "2026-03-03T23:00"}).decode())
    assert ask(house, day="2026-03-06", begin=600).reason == "The shift of ana is otherwise for today: end that first."


def test_two_who_take_the_same_get_it_once():
    house = a_house()
    ask(house, to="", day="2026-03-06")
    [open_ask] = house.rows.all(ShiftAsk)
    first, second = answer(house, "dee", "agree", of=open_ask.id), answer(house, "ben", "agree", of=open_ask.id)

    assert isinstance(first, ActionDone)
    assert second.reason == "This is settled already."
    assert works(house, "ben", "2026-03-06") == []


def test_a_shift_that_was_given_away_meanwhile_cannot_be_given_twice():
    house = a_house("planner")
    ask(house)
    first = next(iter(house.rows.all(ShiftAsk))).id
    answer(house, "dee", "agree", of=first)
    agent = house.rows.centre.agents["ana"]
    house.set("agent", "ana", msgspec.structs.replace(agent, shift=("mon-wed 09:00-17:00",)))

    assert answer(house, "pat", "approve", of=first).reason == (
        "ana does not work on 2026-03-05 at 09:00: the schedule has changed."
    )


def test_only_who_asked_takes_it_back_and_only_who_is_asked_agrees():
    house = a_house()
    ask(house)

    assert answer(house, "cas", "agree").reason == "Somebody else is asked this, or it is agreed already."
    assert answer(house, "dee", "withdraw").reason == "Only who asked can take it back."
    assert answer(house, "pat", "approve").reason == "Whoever is asked has not agreed yet."
    assert isinstance(answer(house, "ana", "withdraw"), ActionDone)
    assert answer(house, "dee", "agree").reason == "This is settled already."


def test_what_nobody_answers_is_over_when_the_shift_begins():
    house = a_house()
    ask(house)
    house.later(days=2)

    assert [one.state for one in house.rows.all(ShiftAsk)] == ["over"]


def test_a_night_that_goes_on_into_a_day_belongs_to_it_too():
    house = a_house()
    night = msgspec.structs.replace(house.rows.centre.agents["ana"], shift=("mon-tue 22:00-06:00",))

    turns = [turns_over(night, house.rows.centre, date(2026, 3, day), 1) for day in (2, 3, 4, 5)]
    assert [[turn.day.day for turn in of] for of in turns] == [[2], [2, 3], [3], []]


def test_all_is_the_same_when_it_is_folded_anew():
    house = a_house()
    ask(house)
    answer(house, "dee", "agree")
    ask(house, by="cas", to="")
    tables = (*MATCHED, Thing, ShiftAsk)

    assert everything(house.rebuilt(), tables) == everything(house.rows, tables)
