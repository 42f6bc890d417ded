"""Strain: what agents are given at most, and how near they are to it: shifts, angry conversations an hour, occupancy.

Occupancy is the share of an agent's places that are taken, averaged over the past with weights that fall by e in an hour: the
occupancy of workforce planning for who has one place, and the same for who has several.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, log

from msgspec.structs import replace

from rapport.errors import BadInput
from rapport.matching.shifts import DAY, Shift, is_on, next_start, read_shift
from rapport.model.agent import DEFAULT_SLOTS, Agent, AgentNow
from rapport.model.centre import Centre, Policy

HOUR = timedelta(hours=1)
ANGRY = "anger"  # the emotion of a conversation that counts
ALWAYS = Shift(frozenset(range(7)), 0, DAY)
MOST_KEPT = 64  # angry conversations that are remembered of one agent


@dataclass(frozen=True, slots=True)
class Limits:
    """What one agent is given at most. `angry` and `occupancy` 0, `shifts` empty: no limit."""

    shifts: tuple[Shift, ...] = ()
    zone: str = ""
    angry: int = 0
    occupancy: float = 0.0
    places: int = 1

    def __bool__(self) -> bool:
        """Whether anything is limited."""
        return bool(self.shifts or self.angry or self.occupancy)


def limits_of(agent: Agent, centre: Centre) -> Limits:
    """The agent's own limits; where they have none, the strictest of the policies that hold for their team.

    Who has single days and no week works on these days as they say, and may on every other.
    """
    if agent.bot:
        return Limits()
    policies = policies_of(agent, centre)
    angry = [policy.angry_per_hour for policy in policies if policy.angry_per_hour > 0]
    occupancy = [policy.max_occupancy for policy in policies if policy.max_occupancy > 0]
    shifts = tuple(read for text in shift_of(agent, centre) if (read := _sound(text)) is not None)
    return Limits(
        shifts=(*shifts, ALWAYS) if shifts and all(shift.day is not None for shift in shifts) else shifts,
        zone=agent.timezone or centre.profile.zone,
        angry=agent.angry_per_hour or min(angry, default=0),
        occupancy=agent.max_occupancy or min(occupancy, default=0.0),
        places=max(1, sum((agent.slots or DEFAULT_SLOTS).values())),
    )


def shift_of(agent: Agent, centre: Centre) -> tuple[str, ...]:
    """When an agent works, as it is written: at themselves; where no week stands there, that of a policy of their team too."""
    if has_week(agent):
        return agent.shift
    return (*next((policy.shift for policy in policies_of(agent, centre) if policy.shift), ()), *agent.shift)


def has_week(agent: Agent) -> bool:
    """Whether a week stands at the agent, and not only single days."""
    return any((read := _sound(text)) is not None and read.day is None for text in agent.shift)


def policies_of(agent: Agent, centre: Centre) -> list[Policy]:
    """The policies that hold for an agent's team, in the order of their ids."""
    found = (policy for policy in centre.policies.values() if not policy.teams or agent.team in policy.teams)
    return sorted(found, key=lambda policy: policy.id)


def _sound(text: str) -> Shift | None:
    """The shift; None for one that cannot be read, which `apply` refuses."""
    try:
        return read_shift(text)
    except BadInput:
        return None


def occupancy_at(now: AgentNow, places: int, at: datetime) -> float:
    """The share of an agent's places that were taken, over about the last hour, at `at`."""
    if now.occupancy_at is None:
        return now.occupancy
    load = _load(now, places)
    return load + (now.occupancy - load) * exp(-max(0.0, (at - now.occupancy_at) / HOUR))


def _load(now: AgentNow, places: int) -> float:
    return min(1.0, sum(now.held.values()) / places)


def noted(now: AgentNow, places: int, at: datetime) -> AgentNow:
    """The row with its occupancy brought up to `at`: before what is held changes."""
    return replace(now, occupancy=round(occupancy_at(now, places, at), 6), occupancy_at=at)


def with_angry(now: AgentNow, at: datetime) -> AgentNow:
    """The row after an angry conversation was put to the agent."""
    return replace(now, angry=(*(time for time in now.angry if at - time < HOUR), at)[-MOST_KEPT:])


def without_angry(now: AgentNow, made_at: datetime) -> AgentNow:
    """The row after the offer that was made at `made_at` came to nothing."""
    return replace(now, angry=tuple(time for time in now.angry if time != made_at))


def angry_left(now: AgentNow, limits: Limits, at: datetime) -> int:
    """How many more angry conversations the agent may be given now; many where there is no limit."""
    return max(0, limits.angry - sum(at - time < HOUR for time in now.angry)) if limits.angry else MOST_KEPT


def is_rested(now: AgentNow, limits: Limits, at: datetime) -> bool:
    """Whether the agent's occupancy is below their limit."""
    return not limits.occupancy or occupancy_at(now, limits.places, at) < limits.occupancy


def is_on_shift(limits: Limits, at: datetime) -> bool:
    """Whether the agent works now."""
    return not limits.shifts or is_on(limits.shifts, limits.zone, at)


def eases_at(now: AgentNow, limits: Limits, at: datetime) -> datetime | None:
    """When the agent can next be given what they cannot be given now; None where nothing but their own doing changes that."""
    times: list[datetime | None] = []
    if not is_on_shift(limits, at):
        times.append(next_start(limits.shifts, limits.zone, at))
    if not angry_left(now, limits, at):
        kept = sorted(now.angry)[-limits.angry :]
        times.append(kept[0] + HOUR if kept else None)
    load = _load(now, limits.places)
    if not is_rested(now, limits, at) and load < limits.occupancy:
        hours = log((occupancy_at(now, limits.places, at) - load) / (limits.occupancy - load))
        times.append(at + hours * HOUR + timedelta(seconds=1))
    return min((time for time in times if time is not None), default=None)
