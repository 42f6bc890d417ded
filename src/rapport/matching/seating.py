"""Where a need stands: the step of its plan that holds now, and who may be asked in it.

Needs that ask for the same have the same `Ask`, and who may be asked follows from the ask alone: it is worked out once and kept
until somebody comes or goes.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from rapport.matching.expression import parse
from rapport.matching.plan import BOTH, BUILT_IN, ENOUGH, SPEAKS, keeps_language, plan_called, rounds, step_of
from rapport.matching.roster import SKILLED, Mask, Roster
from rapport.matching.standing import Standing
from rapport.matching.stems import plain
from rapport.matching.strain import ANGRY
from rapport.matching.timing import looks_at_time, times_of
from rapport.matching.wants import ASKED_FROM, Wants, bot_may
from rapport.model.need import Need, Plan

KNOWN = 0.5  # how well somebody must know the person to count as known


Values = tuple[tuple[tuple[str, ...], Any], ...]  # Any: attribute values, all hashable


class Ask(NamedTuple):
    """What needs of one line ask for. `values`: what the need's own paths in the step stand for."""

    plan: str
    step: int
    kind: str
    channel: str
    language: str
    values: Values
    bots: bool = False
    target: str = ""
    declined: tuple[str, ...] = ()
    known: tuple[int, ...] = ()  # who knows the person and may be asked though the built-in step would not have them
    is_angry: bool = False  # where somebody's angry conversations are limited
    anyone: bool = False  # where the last step can be met by nobody, present or not


Place = tuple[str, str, bool]  # the kind and the channel of what takes it, and whether that is angry


def place_of(ask: Ask) -> Place:
    """What needs compete for: those of one place are looked at together."""
    return ask.kind, ask.channel, ask.is_angry


@dataclass(frozen=True, slots=True)
class Eligible:
    """Who may be asked, by position, and how many each filter took out."""

    mask: Mask
    anybody: bool
    removed: Mapping[str, int]
    present: int


def seat(need: Need, wants: Wants, standing: Standing) -> tuple[int, Ask]:
    """The step that holds for a need, and what it asks for: the first from its own on in which somebody present may be asked.

    Where that is nobody in any step, it stays where it is, or at the end of its plan if that is because all have declined.
    """
    plan = plan_called(standing.roster.centre, need.plan, need.slot)
    last = len(plan.steps) - 1
    first = min(need.step, last)
    again = rounds(plan, need.step)
    declined = _declined(need, again, wants.language, standing) if need.declined_by else ()
    for number in range(first, last + 1):
        ask = ask_of(plan, number, need, wants, standing, declined)
        if number == last:
            ask = _at_end(plan, ask, wants, standing)
        if eligible(ask, wants, standing).anybody or not plan.steps[number].skip_if_nobody:
            return max(number, need.step if number == last else number), ask
    if any(not is_bot(agent, standing.roster) for agent in declined):  # everybody has: what remains is to ask again
        return max(last, need.step), ask_of(plan, last, need, wants, standing, declined)
    return need.step, ask_of(plan, first, need, wants, standing, declined)


def _at_end(plan: Plan, ask: Ask, wants: Wants, standing: Standing) -> Ask:
    """What the last step asks for: anyone, where no agent of the centre could ever meet it and the plan does not wait."""
    if plan.ends == "wait" or eligible(ask, wants, standing).anybody:
        return ask
    roster = standing.roster
    could = _required(plan.steps[ask.step].require, ask, wants, roster) & (roster.places(ask.kind, ask.channel) >= 0)
    if not ask.bots:
        could = could & ~roster.bots
    return ask if could.any() else ask._replace(anyone=True)


def asks_time(ask: Ask) -> bool:
    """Whether what an ask stands for changes with the time."""
    return any(looks_at_time(path) for path, _ in ask.values)


def _declined(need: Need, again: int, language: str, standing: Standing) -> tuple[str, ...]:
    """Who is not to be asked, in order: each may decline once a round, a bot once.

    Who merely let it pass is asked once more where nobody else speaks the language: they may still be there.
    """
    roster = standing.roster
    declined = {agent for agent, times in Counter(need.declined_by).items() if times > again or is_bot(agent, roster)}
    places = {roster.place[agent]: agent for agent in declined if agent in roster.place}
    speaking = np.flatnonzero(standing.online & roster.speakers(language) & ~roster.bots)
    if len(speaking) <= len(places) and all(place in places for place in speaking.tolist()):
        declined -= {places[place] for place in speaking.tolist() if standing.missed[place]}
    return tuple(sorted(declined))


def is_bot(agent: str, roster: Roster) -> bool:
    """Whether this agent is a bot."""
    place = roster.place.get(agent)
    return place is not None and bool(roster.bots[place])


def ask_of(plan: Plan, number: int, need: Need, wants: Wants, standing: Standing, declined: tuple[str, ...]) -> Ask:
    """What a need asks for in one step of its plan."""
    conversation, roster = wants.conversation, standing.roster
    ask = Ask(
        plan=plan.id,
        step=number,
        kind=need.slot,
        channel=conversation.channel if conversation.channel in roster.slots else "",
        language=wants.language,
        values=_values(plan, number, wants, standing),
        bots=bot_may(wants.conversation),
        target=conversation.transfer_to,
        declined=declined,
        is_angry=conversation.emotion == ANGRY and roster.limits_anger,
    )
    if not wants.known or plan.id != BUILT_IN:
        return ask
    mask = eligible(ask, wants, standing).mask
    return ask._replace(known=tuple(p for p in sorted(wants.known) if not mask[p] and wants.known[p][0] >= KNOWN))


def _values(plan: Plan, number: int, wants: Wants, standing: Standing) -> Values:
    """What the need's own paths in a step stand for."""
    step = step_of(plan, number)
    paths = standing.roster.exclusion_paths
    if plan.id == BUILT_IN and not paths:
        if step.require == SPEAKS:
            return ((("language",), wants.language),)
        return ((("language",), wants.language), (("skill",), skill_asked(wants, standing))) if step.require else ()
    paths = paths | {path for rule in (step.require, *step.prefer) for path in parse(rule).need_paths}
    record = wants.record_with(_computed(paths, wants, standing))
    return tuple((path, _hashable(record, path)) for path in sorted(paths))


def _computed(paths: Collection[tuple[str, ...]], wants: Wants, standing: Standing) -> Values:
    """What the conversation itself does not say, as far as it is looked at: the skill, who knows the person, the time."""
    found: list[tuple[tuple[str, ...], Any]] = []  # Any: attribute values, all hashable
    if any(path[0] == "skill" for path in paths):
        found.append((("skill",), skill_asked(wants, standing)))
    if any(path[0] == "known" for path in paths):
        agents = standing.roster.agents
        known = sorted(place for place, (strength, _) in wants.known.items() if strength >= KNOWN)
        found.append((("known",), tuple(agents[place].id for place in known)))
    if standing.now is not None and any(looks_at_time(path) for path in paths):
        times = times_of(standing.now, standing.roster.centre.profile.zone)
        found += [(path, times[path[0]].get(path[1])) for path in sorted(paths) if looks_at_time(path) and len(path) == 2]
    return tuple(found)


def _hashable(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:  # Any: an attribute value
    value: Any = record
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    if path == ("known",):
        return tuple(value or ())
    return repr(value) if isinstance(value, list | dict) else value


def skill_asked(wants: Wants, standing: Standing) -> str:
    """The skill that the words speak of most, of those that somebody present has who speaks the language; "" for none."""
    for found, least in ((wants.skills, ASKED_FROM), (wants.topics, ASKED_FROM)):
        likely = sorted([(-weight, place) for place, (weight, _) in found.items() if weight >= least]) if found else []
        held = skills_present(wants.language, standing) if likely else ()
        for _, place in likely:
            if held[place]:
                return standing.roster.skills.names[place]
    return ""


def skills_present(language: str, standing: Standing) -> Any:  # Any: a bool array over skills
    """Which skills somebody present has who speaks the language, or anybody present where nobody speaks it."""
    key = ("skills", language)
    found = standing.found.get(key)
    if found is None:
        here = standing.online & ~standing.roster.bots
        speaking = here & standing.roster.speakers(language) if language else here
        levels = standing.roster.skills.levels[:, speaking if speaking.any() else here]
        found = standing.found[key] = (levels >= SKILLED).any(axis=1)
    return found


def eligible(ask: Ask, wants: Wants, standing: Standing) -> Eligible:
    """Who may be asked, of all who are present. `wants`: of any need that asks this."""
    found = standing.found.get(ask)
    if found is None:
        found = standing.found[ask] = _work_out(ask, wants, standing)
    assert isinstance(found, Eligible)
    return found


class Here(NamedTuple):
    """Who is present for what asks alike before its plan and its past are looked at; `removed`: by filter, in order."""

    mask: Mask
    removed: Mapping[str, int]
    present: int


def _here(ask: Ask, wants: Wants, standing: Standing) -> Here:
    """The filters that hundreds of asks which differ in who declined have in common."""
    roster = standing.roster
    key = (ask.kind, ask.channel, ask.is_angry, ask.bots, ask.values if roster.exclusions else ())
    found = standing.here.get(key)
    if isinstance(found, Here):
        return found
    mask = standing.online.copy()
    removed: dict[str, int] = {"presence": len(roster.agents) - int(np.count_nonzero(mask))}
    mask = _kept("shift", mask, standing.on_shift, removed)
    present = int(np.count_nonzero(mask))
    mask = _kept("slots", mask, roster.places(ask.kind, ask.channel) >= 0, removed)
    mask = _kept("occupancy", mask, standing.rested, removed)
    if ask.is_angry:
        mask = _kept("anger", mask, standing.angry_left > 0, removed)
    if roster.exclusions:
        mask = _kept("excluded", mask, ~roster.excluded(wants.record_with(ask.values)), removed)
    if not ask.bots:
        mask = _kept("bots", mask, ~roster.bots, removed)
    made = standing.here[key] = Here(mask, removed, present)
    return made


def _kept(name: str, mask: Mask, allowed: Mask, removed: dict[str, int]) -> Mask:
    """Who is left by a filter; how many it took out is noted."""
    left: Mask = mask & allowed
    removed[name] = removed.get(name, 0) + int(np.count_nonzero(mask)) - int(np.count_nonzero(left))
    return left


def _work_out(ask: Ask, wants: Wants, standing: Standing) -> Eligible:
    roster = standing.roster
    mask, before, present = _here(ask, wants, standing)
    removed = dict(before)
    if ask.declined:
        others = ~roster.nobody
        others[[roster.place[agent] for agent in ask.declined if agent in roster.place]] = False
        mask = _kept("declined", mask, others, removed)
    if ask.target and (mask & (target := _target(ask.target, roster))).any():
        return Eligible(_kept("transfer", mask, target, removed), True, removed, present)
    plan = plan_called(roster.centre, ask.plan, ask.kind)
    allowed = ~roster.nobody if ask.anyone else _required(plan.steps[ask.step].require, ask, wants, roster)
    if ask.language and (ask.anyone or keeps_language(plan)) and (mask & allowed & roster.speakers(ask.language)).any():
        mask = _kept("languages", mask, roster.speakers(ask.language), removed)
    if ask.known:
        allowed = allowed.copy()
        knowing = list(ask.known)
        allowed[knowing] |= _speaking(ask, roster)[knowing]
    mask = _kept("plan", mask, allowed, removed)
    return Eligible(mask, bool(mask.any()), {name: count for name, count in removed.items() if count}, present)


def _speaking(ask: Ask, roster: Roster) -> Mask:
    return roster.speakers(ask.language) if ask.language else ~roster.nobody


def _required(require: str, ask: Ask, wants: Wants, roster: Roster) -> Mask:
    if require == SPEAKS:
        return _speaking(ask, roster)
    if require == BOTH:  # the built-in step, by columns: a thousand agents one by one take fifty milliseconds
        return _speaking(ask, roster) & roster.skilled(str(dict(ask.values).get(("skill",), "")), ENOUGH)
    return roster.holding(require, ask.values, wants.record_with(ask.values))


def _target(name: str, roster: Roster) -> Mask:
    """The agent or the team that a transfer asked for."""
    mask = roster.nobody.copy()
    if name in roster.place:
        mask[roster.place[name]] = True
    else:
        mask[:] = [plain(agent.team) == plain(name) for agent in roster.agents]
    return mask
