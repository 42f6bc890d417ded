"""A day as the twin takes it, and what lies between our matching and a queue on it."""

from dataclasses import replace

import numpy as np
import pytest

from measures.measured import AGENTS, START, accepted, at, centre, folded, opened, present, replied, resolved, wrapped_up
from rapport.matching.simulator.loop import NOBODY, Run
from rapport.matching.simulator.world import case, world
from rapport.measures.day_of_work import MOST_NEEDS, work_day
from rapport.model.worth import TAKEN, check_worth, worth_of
from rapport.web.measures.value_today import told, value_of

DAY = 86_400


def a_day(needs: int, days: int = 2):
    """Two agents who each know one subject, and so many conversations a day, one after another, of both in turn."""
    happened = centre()
    for day in range(days):
        happened += [(day * DAY + 3_600, present("ana")), (day * DAY + 3_600, present("ben"))]
        for n in range(needs):
            begins, name, intent = day * DAY + 3_700 + 100 * n, f"{day}-{n}", ("wifi", "bill")[n // 2 % 2]
            agent = "ana" if intent == "wifi" else "ben"
            happened += [
                (begins, opened(name, begins, intent=intent)), (begins + 10, accepted(name, agent, waited=10.0)),
                (begins + 60, replied(name)), (begins + 160, wrapped_up(name, agent)), (begins + 160, resolved(name)),
            ]  # fmt: skip
        happened += [(day * DAY + 40_000, present("ana", "offline")), (day * DAY + 40_000, present("ben", "offline"))]
    return sorted(happened, key=lambda one: one[0])


def a_centre(needs: int, days: int = 2):
    """The rows of such days."""
    return folded(*a_day(needs, days))


def the_day(rows, day: int = 1, places=None):
    begins = at(day * DAY - 7 * 3600)  # midnight in Madrid
    return work_day(rows, (START.toordinal() + day), at(day * DAY + 60_000), begins, places or {})


def test_a_day_has_its_people_its_work_and_who_has_done_it_before():
    day = the_day(a_centre(40), places={"ana": 2})

    assert (day.short, day.needs, day.agents, day.cut) == ("", 40, 2, 0)
    assert day.shifts.tolist() == [[7 * 3600 + 3600.0, 7 * 3600 + 40_000.0]] * 3
    assert day.handling.tolist() == [150.0] * 40
    assert day.skilled[:4].tolist() == [[True, True, False], [True, True, False], [False, False, True], [False, False, True]]
    assert day.able.all()
    assert day.arrival[0] == 7 * 3600 + 3700.0


@pytest.mark.parametrize(
    ("rows", "short"),
    [(a_centre(12), "needs"), (folded(*centre()), "needs")],
    ids=["few", "nothing at all"],
)
def test_a_day_of_which_nothing_can_be_said_says_why(rows, short):
    assert the_day(rows).short == short


def test_a_day_with_one_agent_has_nobody_to_choose():
    rows = a_centre(40)
    alone = the_day(rows)
    rows.labels["agent"].words[rows.labels["agent"].known("ben")] = "ana"
    rows.present.arrays["agent"][: rows.present.size] = rows.labels["agent"].known("ana")
    rows.picks.clear()

    assert alone.agents == 2
    assert the_day(rows).short == "agents"


def test_patience_resolves_more_of_a_day_of_two_specialists_than_a_queue_and_says_so_with_an_interval():
    found = value_of(the_day(a_centre(200)), TAKEN | {"agent_hour": 20.0}, "patient")

    assert found["resolved"].difference > 10
    assert found["resolved"].sure
    assert found["repeated"].difference < 0
    assert found["money"].difference < 0
    assert found == value_of(the_day(a_centre(200)), TAKEN | {"agent_hour": 20.0}, "patient")


def test_where_everybody_is_alike_nothing_is_gained_at_first_contact():
    taken = TAKEN | {"resolved_other": TAKEN["resolved_skilled"], "slower": 1.0, "passed_on": 0.0}
    found = value_of(the_day(a_centre(120)), taken)

    assert abs(found["resolved"].difference) < 2


def test_a_long_day_is_cut_and_says_how_much():
    day = the_day(a_centre(MOST_NEEDS + 50, days=2))

    assert (len(day.arrival), day.cut, day.needs) == (MOST_NEEDS, 50, MOST_NEEDS + 50)


def test_what_is_taken_for_granted_is_data_and_what_makes_no_sense_is_refused():
    assert worth_of({"slower": 1.5}) == TAKEN | {"slower": 1.5}
    check_worth(TAKEN)
    with pytest.raises(ValueError, match="passed_on of value is from 0 to 1, got 2"):
        check_worth({"passed_on": 2})
    with pytest.raises(ValueError, match="value knows agent_hour, .* got 'agent'"):
        check_worth({"agent": 2})
    assert set(AGENTS) >= {"ana", "ben"}


def test_who_still_waits_at_the_cut_has_waited_until_then_and_has_not_left():
    given = replace(case(world(arrivals=2), 1, 1.0), arrival=np.array([0.0, 60.0]), patience=np.array([120.0, 900.0]))
    found = told(Run(given, np.full(2, NOBODY), given.patience, np.zeros(given.agents)), TAKEN, 1, 180.0)

    assert (found["left"], found["minutes"]) == (1.0, 4.0)
