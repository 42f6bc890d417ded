"""Whether a centre's things can be followed by matching: expressions, bounds, attributes, and plans whose steps are of use."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import msgspec

from rapport.errors import BadInput
from rapport.matching.attributes import misfit
from rapport.matching.conditions import schema_of_rule
from rapport.matching.expression import parse
from rapport.matching.language.checking import Schema, check
from rapport.matching.language.parsing import error_at
from rapport.matching.language.tree import AGENT, NEED, paths_of
from rapport.matching.plan_checking import idle_plans, idle_steps
from rapport.matching.protected import is_protected
from rapport.matching.refusing import refuse_protected
from rapport.matching.roster import Roster, make_roster
from rapport.matching.shifts import read_shift
from rapport.matching.valuing import opened
from rapport.matching.vocabulary import schema_of
from rapport.model.agent import Agent
from rapport.model.centre import PLURALS, Centre, LearntModel, Policy
from rapport.model.journey import MOST_DAYS, EventKind
from rapport.model.need import Plan
from rapport.model.playbook import Rule
from rapport.model.pool import Pool

Place = Callable[..., str]  # where a field stands, by the steps to it
Placed = tuple[msgspec.Struct, Place]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a centre's files: where, what with its cure, and whether nothing may be applied."""

    place: str
    says: str
    is_error: bool = True

    def __str__(self) -> str:
        """The fault as one line."""
        return f"{self.place}: {self.says}"


def faults(placed: Iterable[Placed], centre: Centre) -> list[Fault]:
    """Everything that is wrong with things, in their order. `centre`: as it will be with them."""
    steps, when, roster = schema_of(centre), schema_of(centre, is_when=True), make_roster(centre)
    found: list[Fault] = []
    for thing, place in placed:
        if isinstance(thing, Plan):
            said = [*_of_rules(thing, steps, when, place)]
            found += said if any(fault.is_error for fault in said) else [*said, *_of_plan(thing, centre, roster, place)]
        if isinstance(thing, Rule):
            found += _of_expression(thing.when, NEED, schema_of_rule(centre), place, "when")
        if isinstance(thing, Pool):
            found += _of_pool(thing, steps, place)
        if isinstance(thing, Agent | Policy):
            found += [*bounds_wrong(thing, place), *_of_never(thing, steps, place)]
        if isinstance(thing, EventKind) and not thing.keep_days <= MOST_DAYS:
            says = f"keep_days is {thing.keep_days:g}; write at most {MOST_DAYS} days, or 0 for as long as the person is known"
            found.append(Fault(place("keep_days"), says))
        if isinstance(thing, Agent):
            found += _of_attributes(thing, centre, place)
    return found


def _of_rules(plan: Plan, steps: Schema, when: Schema, place: Place) -> Iterator[Fault]:
    yield from _of_expression(plan.when, NEED, when, place, "when")
    for nth, step in enumerate(plan.steps):
        yield from _of_expression(step.require, AGENT, steps, place, "steps", nth, "require")
        for text in step.prefer:
            yield from _of_expression(text, AGENT, steps, place, "steps", nth, "prefer", text)


def _of_expression(text: str, bare: int, schema: Schema, place: Place, *path: str | int) -> Iterator[Fault]:
    try:
        rule = parse(text, bare)
    except BadInput as error:
        yield Fault(place(*path), str(error))
        return
    for finding in check(rule.tree, schema):
        yield Fault(place(*path), str(error_at(text, finding.at, finding.says)), finding.is_error)


def _of_plan(plan: Plan, centre: Centre, roster: Roster, place: Place) -> Iterator[Fault]:
    for nth, says in idle_steps(plan, roster):
        yield Fault(place("steps", nth, "require"), f"plan {plan.id}, step {nth + 1} {says}", is_error=False)
    over = idle_plans(plan, centre)
    if over:
        yield Fault(place("when"), f"plan {plan.id} is never followed: {over}", is_error=False)


def _of_pool(pool: Pool, schema: Schema, place: Place) -> Iterator[Fault]:
    if not pool.who.strip():
        yield Fault(place("who"), f"pool {pool.id} says nobody; write an expression over agents, as `team in ['it']`")
        return
    found = [*_of_expression(pool.who, AGENT, schema, place, "who")]
    yield from found
    if any(fault.is_error for fault in found):
        return
    paths = [*paths_of(parse(pool.who).tree)]
    if any(path.side != AGENT for path in paths):
        yield Fault(place("who"), f"pool {pool.id} looks at a need; who is in a pool is known before anybody waits")
    if any(path.keys[0] == "pools" for path in paths):
        yield Fault(place("who"), f"pool {pool.id} looks at pools; write out whom the other one has")


def bounds_wrong(thing: Agent | Policy, place: Place) -> Iterator[Fault]:
    """What is wrong with the limits of an agent or a policy."""
    for nth, text in enumerate(thing.shift):
        try:
            read_shift(text)
        except BadInput as error:
            yield Fault(place("shift", nth), str(error))
    if thing.angry_per_hour < 0:
        yield Fault(place("angry_per_hour"), f"angry_per_hour is {thing.angry_per_hour}; write how many, 0 for no limit")
    if not 0 <= thing.max_occupancy <= 1:
        share = f"max_occupancy is {thing.max_occupancy:g}; write a share from 0 to 1, as 0.85"
        yield Fault(place("max_occupancy"), share)


def _of_never(thing: Agent | Policy, schema: Schema, place: Place) -> Iterator[Fault]:
    for nth, text in enumerate(thing.never):
        if not text.strip():
            yield Fault(place("never", nth), "an empty expression holds always, so nobody would be asked; take it away")
        yield from _of_expression(text, AGENT, schema, place, "never", nth)


def _of_attributes(agent: Agent, centre: Centre, place: Place) -> Iterator[Fault]:
    own = centre.profile.protected
    for name, value in agent.attributes.items():
        wanted = centre.profile.attributes.get(name)
        cure = misfit(value, wanted) if wanted else ""
        if cure:
            yield Fault(place("attributes", name), f"{name} of agent {agent.id} is {value!r}, but is a {wanted}; {cure}")
        if is_protected(name, own):
            says = f"{name} of agent {agent.id} is kept, but matching never looks at it"
            yield Fault(place("attributes", name), says, is_error=False)


def refuse_unsound(kind: str, thing: msgspec.Struct, centre: Centre) -> None:
    """Raises BadInput where matching cannot follow one thing that is set in a centre, naming the field and the cure."""
    if isinstance(thing, LearntModel):
        opened(thing)
    if not isinstance(thing, Agent | Plan | Policy | Pool | Rule | EventKind):
        return
    plural = PLURALS[kind]
    after = msgspec.structs.replace(centre, **{plural: {**getattr(centre, plural), thing.id: thing}})
    for fault in faults([(thing, lambda *steps: ".".join(map(str, steps)))], after):
        if fault.is_error:
            raise BadInput(str(fault))


def check_expression(text: str) -> None:
    """Raises BadInput, with the character, where an expression cannot be read or looks at what no tenant may look at."""
    for path in paths_of(parse(text).tree):
        refuse_protected(path, text)
