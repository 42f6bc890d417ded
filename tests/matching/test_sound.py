"""What is wrong with a centre's things: where, what, and the cure; errors stop `apply`, the rest is told."""

import pytest

from rapport.matching.sound import faults
from rapport.model.agent import Agent
from rapport.model.attribute import AttributeType
from rapport.model.centre import Centre, Policy, Profile
from rapport.model.journey import EventKind
from rapport.model.need import Plan, Step

ANN = Agent("ann", team="it", attributes={"skills": {"wifi": 0.9}, "calls": 3.0})


def place(*steps):
    return "/".join(map(str, steps))


def found(*things, agents=(ANN,), profile=None, plans=()):
    centre = Centre(
        profile or Profile(),
        agents={agent.id: agent for agent in agents},
        plans={plan.id: plan for plan in (*plans, *(thing for thing in things if isinstance(thing, Plan)))},
    )
    return [(fault.place, fault.says, fault.is_error) for fault in faults([(thing, place) for thing in things], centre)]


@pytest.mark.parametrize(
    ("thing", "where", "said"),
    [
        (Plan("p", (Step(require="skils.wifi > 0"),)), "steps/0/require", "no agent has the attribute 'skils'; did you mean"),
        (Plan("p", (Step(prefer={"calls > 'a'": 1.0}),)), "steps/0/prefer/calls > 'a'", "a number is compared with a text"),
        (Plan("p", (Step(),), when="urgencia > 1"), "when", "character 1: a need has no 'urgencia'; did you mean 'urgency'?"),
        (Plan("p", (Step(),), when="skill == 'a'"), "when", "a need has no 'skill'"),
        (Plan("p", (Step(require="team =="),)), "steps/0/require", "character 8: expected a name or a value"),
        (Policy("p", never=("need.age > 3",)), "never/0", "a need has no 'age'"),
        (Policy("p", never=("gender == 'f'",)), "never/0", "may never be used for matching: it speaks of gender"),
        (Policy("p", never=(" ",)), "never/0", "an empty expression holds always"),
        (Policy("p", shift=("whenever",)), "shift/0", "shift is 'whenever'; write days and times"),
        (Policy("p", max_occupancy=85.0), "max_occupancy", "max_occupancy is 85; write a share from 0 to 1"),
        (EventKind("a.b", keep_days=40_000), "keep_days", "keep_days is 40000; write at most 36525 days"),
        (Agent("ben", angry_per_hour=-1), "angry_per_hour", "angry_per_hour is -1; write how many, 0 for no limit"),
    ],
)
def test_what_matching_cannot_follow_is_an_error_with_place_and_cure(thing, where, said):
    ((at, says, is_error),) = found(thing)

    assert (at, is_error) == (where, True)
    assert said in says


@pytest.mark.parametrize(
    ("type", "value", "cure"),
    [
        (AttributeType.LEVEL, 7.0, "write a number from 0 to 1"),
        (AttributeType.LEVELS, {"a": 7.0}, "write levels from 0 to 1"),
        (AttributeType.NUMBER, "many", "write a number"),
        (AttributeType.SET, "es", "write a list"),
        (AttributeType.TEXT, 3.0, "write a text"),
        (AttributeType.FLAG, "yes", "write true or false"),
        (AttributeType.TIME, "yesterday", "write a date or a time"),
    ],
)
def test_an_attribute_of_another_type_than_declared_is_an_error(type, value, cure):
    profile = Profile(attributes={"x": type})

    ((at, says, is_error),) = found(Agent("ann", attributes={"x": value}), profile=profile)

    assert (at, is_error) == ("attributes/x", True)
    assert cure in says


@pytest.mark.parametrize(
    ("type", "value"),
    [("level", 1.0), ("levels", {}), ("number", 2.0), ("set", []), ("text", ""), ("flag", False), ("time", "2026-03-01")],
)
def test_an_attribute_of_its_type_is_left_alone(type, value):
    assert found(Agent("ann", attributes={"x": value}), profile=Profile(attributes={"x": AttributeType(type)})) == []


def test_a_protected_attribute_of_an_agent_is_told():
    ((at, says, is_error),) = found(Agent("ann", attributes={"gender": "f"}))

    assert (at, is_error) == ("attributes/gender", False)
    assert "matching never looks at it" in says


# ---- steps that are of no use

ANYONE, IT, NIGHT = Step(seconds=5), Step(require="team == 'it'", seconds=5), Step(require="team == 'night'", seconds=5)


@pytest.mark.parametrize(
    ("plan", "where", "said"),
    [
        (
            Plan("p", (ANYONE, IT)),
            "steps/1/require",
            "step 2 asks nobody new: step 1 asks them already; take one of the two away",
        ),
        (Plan("p", (IT, IT, ANYONE)), "steps/1/require", "step 2 asks nobody new: step 1 asks them already"),
        (Plan("p", (NIGHT, ANYONE)), "steps/0/require", "step 1 can be met by no agent of the centre, so it is passed over"),
        (Plan("p", (IT, NIGHT)), "steps/1/require", "so anyone is asked in its place; correct it, or add a last [[steps]]"),
        (Plan("p", (NIGHT,), ends="wait"), "steps/0/require", "so who comes to it waits for ever"),
        (
            Plan("p", (Step(require="need.language == 'es' and team == 'night'"), ANYONE)),
            "steps/0/require",
            "can be met by no agent",
        ),
    ],
)
def test_a_step_that_asks_nobody_is_named_with_its_cure(plan, where, said):
    ((at, says, is_error),) = found(plan)

    assert (at, is_error) == (where, False)
    assert said in says


def test_a_plan_behind_one_that_fits_everything_is_named_with_its_cure():
    ((at, says, is_error),) = found(Plan("low", (ANYONE,), when="urgency > 0.5"), plans=[Plan("high", (ANYONE,), priority=5)])

    assert (at, is_error) == ("when", False)
    assert says == (
        "plan low is never followed: plan high, priority 5, fits every conversation and goes first; give it a lower priority"
    )


def test_steps_that_widen_are_left_alone():
    assert found(Plan("p", (Step(require="team == 'it' and need.language == 'es'", seconds=5), IT, ANYONE))) == []
