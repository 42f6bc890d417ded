"""Steps and plans that are of no use: nobody could meet them, or an earlier one has said it all; each with what to change."""

from collections.abc import Iterator

from rapport.matching.expression import Expression, parse
from rapport.matching.language.masks import mask_of
from rapport.matching.language.tree import AGENT, And, Constant, Node, paths_of
from rapport.matching.roster import Roster
from rapport.model.centre import Centre
from rapport.model.need import Plan


def idle_steps(plan: Plan, roster: Roster) -> Iterator[tuple[int, str]]:
    """The steps, by number from 0, that ask nobody whom an earlier one has not asked, and why. Raises BadInput."""
    rules = [parse(step.require) for step in plan.steps]
    for nth, rule in enumerate(rules):
        earlier = next((before for before, other in enumerate(rules[:nth]) if _is_as_wide(other, rule)), None)
        if earlier is not None:
            yield nth, f"asks nobody new: step {earlier + 1} asks them already; take one of the two away, or put the wider last"
        elif roster.agents and not _somebody(rule, roster):
            yield nth, _nobody(plan, nth)


def _is_as_wide(earlier: Expression, later: Expression) -> bool:
    return _is_anyone(earlier.tree) or earlier.tree == later.tree or earlier.text.split() == later.text.split()


def _is_anyone(tree: Node) -> bool:
    return isinstance(tree, Constant) and tree.value is True


def _somebody(rule: Expression, roster: Roster) -> bool:
    """Whether the parts of a rule that look at agents alone hold of somebody together."""
    alone = _alone(rule)
    return not alone or bool(mask_of(And(alone))(roster.attributes, {}).any())


def _nobody(plan: Plan, nth: int) -> str:
    if nth < len(plan.steps) - 1:
        return "can be met by no agent of the centre, so it is passed over; correct it, or give somebody what it asks for"
    cure = "correct it, or add a last [[steps]] without require"
    if plan.ends == "wait":
        return f"can be met by no agent of the centre, so who comes to it waits for ever; {cure}"
    return f"can be met by no agent of the centre, so anyone is asked in its place; {cure}"


def idle_plans(plan: Plan, centre: Centre) -> str:
    """Why a plan is never followed, and what to change; "" where it is."""
    for other in centre.plans.values():
        first = (-other.priority, other.id) < (-plan.priority, plan.id)
        if first and other.steps and not other.when.strip():
            return (
                f"plan {other.id}, priority {other.priority}, fits every conversation and goes first; give it a lower priority"
            )
    return ""


def who_fits(plan: Plan, roster: Roster) -> tuple[tuple[str, ...], ...]:
    """The agents who meet the parts of each step that look at agents alone; what looks at the need is taken to hold."""
    return tuple(who_meets(step.require, roster) for step in plan.steps)


def who_meets(require: str, roster: Roster) -> tuple[str, ...]:
    """The agents who meet the parts of an expression that look at agents alone. Raises BadInput where it is none."""
    alone = _alone(parse(require))
    if not alone:
        return tuple(agent.id for agent in roster.agents)
    mask = mask_of(And(alone))(roster.attributes, {})
    return tuple(agent.id for agent, holds in zip(roster.agents, mask, strict=True) if holds)


def _alone(rule: Expression) -> tuple[Node, ...]:
    parts = rule.tree.parts if isinstance(rule.tree, And) else (rule.tree,)
    return tuple(part for part in parts if all(path.side == AGENT for path in paths_of(part)))
