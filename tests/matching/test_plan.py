"""Plans: which one a conversation gets, and what is refused."""

import pytest

from rapport.errors import BadInput
from rapport.matching.plan import BUILT_IN, check_plan, plan_called, plan_for
from rapport.model.centre import Centre
from rapport.model.need import Plan, Step

CHAT = {"kind": "chat", "language": "es", "urgency": 0.9}


def centre(*plans: Plan) -> Centre:
    return Centre(plans={plan.id: plan for plan in plans})


def test_without_plans_the_built_in_one_of_the_channel_kind_holds():
    plan = plan_for(centre(), CHAT)

    assert (plan.id, [step.seconds for step in plan.steps]) == (BUILT_IN, [20, 60, 0])


def test_of_plans_that_fit_the_one_with_the_highest_priority_holds():
    low, high = Plan("low", (Step(),)), Plan("high", (Step(),), when="urgency > 0.5", priority=5)

    assert plan_for(centre(low, high), CHAT).id == "high"
    assert plan_for(centre(low, high), {**CHAT, "urgency": 0.1}).id == "low"


def test_a_plan_that_was_removed_is_followed_by_the_built_in_one():
    assert plan_called(centre(), "gone", "email").id == BUILT_IN


def test_a_plan_that_cannot_be_followed_is_as_if_it_were_not_there():
    assert plan_for(centre(Plan("p", (Step(prefer={"(": 1.0}),))), CHAT).id == BUILT_IN
    assert plan_called(centre(Plan("p", ())), "p", "chat").id == BUILT_IN


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan("p", ()), "at least one step"),
        (Plan("p", (Step(require="team =="),)), "expected a name or a value"),
        (Plan("p", (Step(prefer={"(": 1.0}),)), "expected a name or a value"),
        (Plan("p", (Step(),), when="kind is chat"), "expected AND, OR or the end"),
        (Plan("p", (Step(),), offer_seconds=0), "offer_seconds must be above 0"),
        (Plan("p", (Step(),), offers=6), "offers must be 1 to 5"),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused_saying_why(plan, said):
    with pytest.raises(BadInput, match=said):
        check_plan(plan)
