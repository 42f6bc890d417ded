"""Value today: the day run twice in the twin, by our matching and by a queue; what lies between them, and on what that rests.

Both sides meet the same people at the same times, with the same patience and the same luck; what differs is who goes to whom.
Reckoned in a thread, once in ten minutes for each tenant.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
import numpy as np
from litestar import Response, get
from numpy.typing import NDArray

from rapport.matching.simulator.loop import NOBODY, Run, run
from rapport.matching.simulator.ours import rapport
from rapport.matching.simulator.policies import fifo, greedy, skills
from rapport.matching.simulator.world import Case
from rapport.measures.day_of_work import DONE_BEFORE, LOOKED_BACK, WorkDay, work_day
from rapport.measures.folding import ms
from rapport.model.centre import Centre
from rapport.model.worth import TAKEN, worth_of
from rapport.web.desk.page import seated
from rapport.web.languages import zone_named
from rapport.web.measures.reports_page import following_of
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.security import AnyRequest, current, needs, office_of
from rapport.workforce.twin import Change, difference

SEE = needs("reports.read")
SEEDS = 5
KEPT = timedelta(minutes=10)
NAMES = ("minutes", "repeated", "resolved", "left", "money")
OURS = {"best": greedy, "patient": rapport, "plain": skills}  # by how the centre matches
SPREAD = 0.02  # what one who can do much is worth less for each thing: keep them for what nobody else can do


class ValueNow(msgspec.Struct, frozen=True):
    """The value of a day so far. `short`: why nothing can be said; `changes`: from the queue to ours, over the seeds.

    `taken`: what is taken for granted; `own`: which of it the centre has set; `share`: of the record that was read.
    """

    at: datetime
    short: str
    needs: int
    agents: int
    cut: int
    changes: dict[str, Change]
    taken: dict[str, float]
    own: tuple[str, ...]
    currency: str
    share: float = 1.0
    looked_back: int = LOOKED_BACK
    done_before: int = DONE_BEFORE
    seeds: int = SEEDS
    may_set: bool = False


class ValuePage(msgspec.Struct, frozen=True):
    """The page, or its part on the wallboard."""

    value_today: ValueNow


def value_of(day: WorkDay, taken: Mapping[str, float], matching: str = "best") -> dict[str, Change]:
    """What lies between a queue and our matching on a day, by name, with its interval over the seeds."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in NAMES}
    for seed in range(SEEDS):
        given = _case(day, taken, seed)
        for side, policy in enumerate((fifo(given), OURS[matching](given))):
            for name, value in told(run(given, policy), taken, seed, day.until).items():
                found[name][side].append(value)
    return {name: difference(name, *sides) for name, sides in found.items()}


def told(done: Run, taken: Mapping[str, float], seed: int, until: float) -> dict[str, float]:
    """What a run came to: minutes waited, times that it was told again, resolved at first contact, left, and what it cost.

    Who still waits at `until`, in seconds, has not left: they have waited until then.
    """
    case = done.case
    needs = np.arange(len(done.agent))
    served = done.agent != NOBODY
    who = np.where(served, done.agent, 0)
    skilled = case.skilled[needs, who]
    resolved = served & (case.luck < case.truth[needs, who])
    drawn = np.random.default_rng(seed + 1_000).random(len(needs))
    passed = served & ~skilled & (drawn < taken["passed_on"])
    repeated = int(passed.sum() + (served & ~resolved).sum())
    hours = float((case.handling * case.factor[needs, who])[served].sum()) / 3600.0
    mean = hours / max(1, int(served.sum()))
    so_far = np.minimum(done.waited, np.maximum(until - case.arrival, 0.0))
    waited = float(np.where(served, done.waited, so_far).sum()) / 60.0
    cost = taken["agent_hour"] * (hours + mean * repeated) + taken["wait_hour"] * waited / 60.0
    return {
        "minutes": waited,
        "repeated": float(repeated),
        "resolved": float(resolved.sum()),
        "left": float((~served & (case.arrival + case.patience <= until)).sum()),
        "money": cost,
    }


def _case(day: WorkDay, taken: Mapping[str, float], seed: int) -> Case:
    rng = np.random.default_rng(seed)
    count, seats = len(day.skilled), day.skilled.shape[1]
    patience: NDArray[np.float64] = rng.exponential(taken["patience_minutes"] * 60.0, count)
    luck: NDArray[np.float64] = rng.random(count)
    truth: NDArray[np.float64] = np.where(day.skilled, taken["resolved_skilled"], taken["resolved_other"])
    spare = SPREAD * day.skilled.mean(axis=0)
    return Case(
        arrival=day.arrival,
        patience=patience,
        handling=day.handling,
        luck=luck,
        skilled=day.skilled,
        able=day.able,
        truth=truth,
        values=np.where(day.able, truth - spare, -np.inf),
        factor=np.where(day.skilled, 1.0, taken["slower"]),
        customers=np.zeros((count, 0)),
        people=np.zeros((seats, 0)),
        handle_seconds=float(day.handling.mean()) if count else 1.0,
        patience_seconds=taken["patience_minutes"] * 60.0,
        warm_up=0.0,
        shifts=day.shifts,
    )


def value_kept(office: Office, tenant: int) -> ValueNow | None:
    """What was reckoned last, if it is not too old: the wallboard waits for no reckoning."""
    found: tuple[ValueNow, str] | None = office.memory.get("value today", {}).get(tenant)
    return found[0] if found is not None and office.clock.now() - found[0].at < KEPT else None


async def value_now(request: AnyRequest) -> ValueNow:
    """The value of today so far, at most ten minutes old. Nobody who waits for it holds a connection."""
    async with seated(request) as seat:
        office, tenant, profile = seat.office, seat.who.tenant, seat.centre.profile
    kept: dict[int, tuple[ValueNow, str]] = office.memory.setdefault("value today", {})
    now = office.clock.now()
    today = now.astimezone(zone_named(profile.zone)).date()
    said = f"{sorted(profile.value.items())} {profile.currency} {profile.matching} {profile.zone} {today}"
    if not _holds(found := kept.get(tenant), said, now):
        async with _lock(office, tenant):
            if not _holds(found := kept.get(tenant), said, now):
                found = kept[tenant] = (await _reckoned(request, seat.centre, now), said)
    assert found is not None
    return msgspec.structs.replace(found[0], may_set=seat.who.may("centre.write"))


def _holds(found: tuple[ValueNow, str] | None, said: str, now: datetime) -> bool:
    return found is not None and found[1] == said and now - found[0].at < KEPT and found[0].share >= 1


def _lock(office: Office, tenant: int) -> asyncio.Lock:
    locks: dict[int, asyncio.Lock] = office.memory.setdefault("value locks", {})
    return locks.setdefault(tenant, asyncio.Lock())


async def _reckoned(request: AnyRequest, centre: Centre, now: datetime) -> ValueNow:
    profile = centre.profile
    local = now.astimezone(zone_named(profile.zone))
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
    places = {name: max(agent.slots.values(), default=1) for name, agent in centre.agents.items() if not agent.bot}
    following = following_of(office_of(request), current(request).tenant)
    async with following.lock:
        async with seated(request) as seat:
            folded = await following.catch_up(seat.db, seat.who.tenant)
        share = following.share
        day = await asyncio.to_thread(work_day, folded, local.toordinal(), ms(now), ms(begins), places)
    taken = worth_of(profile.value)
    changes = {} if day.short or share < 1 else await asyncio.to_thread(value_of, day, taken, profile.matching)
    own = tuple(name for name in TAKEN if name in profile.value)
    return ValueNow(now, day.short, day.needs, day.agents, day.cut, changes, taken, own, profile.currency, share)


@get("/value", opt=SEE, include_in_schema=False)
async def value(request: AnyRequest) -> Response[str]:
    """The value of today, with all that it rests on."""
    return await render(request, "value.html", ValuePage(await value_now(request)))


@get("/value/part/now", opt=SEE, include_in_schema=False)
async def value_again(request: AnyRequest) -> Response[str]:
    """The figures alone, for the wallboard."""
    return await fragment(request, "value_now.html", ValuePage(await value_now(request)))


HANDLERS = [value, value_again]
