"""Plans: which one a conversation gets, and the built-in ones that hold where the centre says nothing.

The built-in plan of every channel kind: first somebody who speaks the language and has the skill that the message asks for, if
anybody present has it; then somebody who speaks the language; then anyone. A plan that nowhere speaks of languages, and the
last step of the built-in one, keep to those who speak the person's language as long as one of them is present.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from rapport.errors import BadInput
from rapport.matching.expression import parse
from rapport.matching.language.tree import AGENT, NEED, paths_of
from rapport.matching.refusing import refuse_protected
from rapport.matching.timing import times_of
from rapport.model.centre import Centre
from rapport.model.need import MOST_OFFERS, Plan, Step

BUILT_IN = "built-in"
SPEAKS = "need.language == '' or languages has need.language"
SKILLED = "need.skill == '' or skills[need.skill] >= 0.5"
BOTH = f"({SPEAKS}) and ({SKILLED})"
ENOUGH = 0.5  # the level that SKILLED asks for
# Seconds that the first two steps last, by channel kind: a small part of the time within which an answer is due.
SECONDS: Mapping[str, tuple[float, float]] = {
    "voice": (10, 20),
    "chat": (20, 60),
    "social": (60, 180),
    "sms": (60, 180),
    "email": (600, 1800),
}
AGAIN = timedelta(seconds=60)  # after which those who declined may be asked once more, when nobody else is left


@lru_cache(maxsize=16)
def built_in(kind: str) -> Plan:
    """The plan of a channel kind where the centre has none that fits."""
    skilled, speaks = SECONDS.get(kind, SECONDS["social"])
    steps = (
        Step(require=BOTH, seconds=skilled),
        Step(require=SPEAKS, seconds=speaks),
        Step(require=""),
    )
    return Plan(id=BUILT_IN, steps=steps)


def plan_for(
    centre: Centre,
    conversation: Mapping[str, Any],  # Any: values of the need's own fields
    now: datetime | None = None,
) -> Plan:
    """The plan of the highest priority whose `when` holds of the conversation `now`; of equals, the first by id."""
    if now is not None and centre.plans:
        conversation = {**conversation, **times_of(now, centre.profile.zone)}
    for plan in sorted(centre.plans.values(), key=lambda plan: (-plan.priority, plan.id)):
        if is_sound(plan) and parse(plan.when, NEED)(conversation, conversation):
            return plan
    return built_in(str(conversation.get("kind", "")))


def plan_called(centre: Centre, id: str, kind: str) -> Plan:
    """The plan that a need has; the built-in one where it was removed since, or cannot be used."""
    plan = centre.plans.get(id)
    return plan if plan is not None and is_sound(plan) else built_in(kind)


_sound: dict[int, tuple[Plan, bool]] = {}


def is_sound(plan: Plan) -> bool:
    """Whether a plan can be followed. `apply` refuses one that cannot; one that came another way is as if it were not there."""
    known = _sound.get(id(plan))
    if known is None or known[0] is not plan:
        if len(_sound) > 1000:
            _sound.clear()
        try:
            check_plan(plan)
            known = (plan, True)
        except BadInput:
            known = (plan, False)
        _sound[id(plan)] = known
    return known[1]


def keeps_language(plan: Plan) -> bool:
    """Whether who speaks the language goes first in every step, unasked."""
    if plan.id == BUILT_IN:
        return True
    return not any("language" in path[0] for step in plan.steps for path in parse(step.require).agent_paths)


def step_of(plan: Plan, number: int) -> Step:
    """The step of this number; beyond the last one, the last one again."""
    return plan.steps[min(number, len(plan.steps) - 1)]


def rounds(plan: Plan, number: int) -> int:
    """How often everybody has been asked anew: how many steps beyond the last a need is."""
    return max(0, number - (len(plan.steps) - 1))


def until(plan: Plan, number: int, now: datetime) -> datetime | None:
    """When the step of this number ends; None where it lasts until the need is served. The last step always does."""
    seconds = step_of(plan, number).seconds
    return now + timedelta(seconds=seconds) if seconds > 0 and number < len(plan.steps) - 1 else None


def rules_of(plan: Plan) -> list[tuple[str, int]]:
    """Every expression of a plan, with whose a path is that names no side."""
    return [(plan.when, NEED), *((rule, AGENT) for step in plan.steps for rule in (step.require, *step.prefer))]


def check_plan(plan: Plan) -> None:
    """Raises BadInput where a plan cannot be used, saying which step and why."""
    if not plan.steps:
        raise BadInput(f"plan {plan.id} must have at least one step, got none")
    for rule, bare in rules_of(plan):
        for path in paths_of(parse(rule, bare).tree):
            refuse_protected(path, rule)
    if plan.offer_seconds <= 0:
        raise BadInput(f"plan {plan.id}: offer_seconds must be above 0, got {plan.offer_seconds}")
    if not 1 <= plan.offers <= MOST_OFFERS:
        raise BadInput(f"plan {plan.id}: offers must be 1 to {MOST_OFFERS}, got {plan.offers}")
