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
from rapport.matching.simulator.policies import fifo
from rapport.matching.simulator.world import Case
from rapport.measures.day_of_work import DONE_BEFORE, LOOKED_BACK, WorkDay, work_day
from rapport.measures.folding import ms
from rapport.model.worth import TAKEN, worth_of
from rapport.web.desk import Seat, seated
from rapport.web.languages import zone_named
from rapport.web.office import Office
from rapport.web.page import fragment, render
from rapport.web.reports_page import following_of
from rapport.web.security import AnyRequest, needs
from rapport.workforce.twin import Change, difference

SEE = needs("reports.read")
SEEDS = 5
KEPT = timedelta(minutes=10)
NAMES = ("minutes", "repeated", "resolved", "left", "money")
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


def value_of(day: WorkDay, taken: Mapping[str, float]) -> dict[str, Change]:
    """What lies between a queue and our matching on a day, by name, with its interval over the seeds."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in NAMES}
    for seed in range(SEEDS):
        given = _case(day, taken, seed)
        for side, policy in enumerate((fifo(given), rapport(given))):
            for name, value in told(run(given, policy), taken, seed).items():
                found[name][side].append(value)
    return {name: difference(name, *sides) for name, sides in found.items()}


def told(done: Run, taken: Mapping[str, float], seed: int) -> dict[str, float]:
    """What a run came to: minutes waited, times that it was told again, resolved at first contact, left, and what it cost."""
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
    waited = float(done.waited.sum()) / 60.0
    cost = taken["agent_hour"] * (hours + mean * repeated) + taken["wait_hour"] * waited / 60.0
    return {
        "minutes": waited,
        "repeated": float(repeated),
        "resolved": float(resolved.sum()),
        "left": float((~served).sum()),
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


async def value_now(seat: Seat) -> ValueNow:
    """The value of today so far, at most ten minutes old."""
    office, tenant = seat.office, seat.who.tenant
    kept: dict[int, tuple[ValueNow, str]] = office.memory.setdefault("value today", {})
    profile, now = seat.centre.profile, office.clock.now()
    said = (
        f"{sorted(profile.value.items())} {profile.currency} {profile.zone} {now.astimezone(zone_named(profile.zone)).date()}"
    )
    async with _lock(office, tenant):
        found = kept.get(tenant)
        if found is None or found[1] != said or now - found[0].at >= KEPT or found[0].share < 1:
            found = kept[tenant] = (await _reckoned(seat, now), said)
    return msgspec.structs.replace(found[0], may_set=seat.who.may("centre.write"))


def _lock(office: Office, tenant: int) -> asyncio.Lock:
    locks: dict[int, asyncio.Lock] = office.memory.setdefault("value locks", {})
    return locks.setdefault(tenant, asyncio.Lock())


async def _reckoned(seat: Seat, now: datetime) -> ValueNow:
    profile = seat.centre.profile
    local = now.astimezone(zone_named(profile.zone))
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
    places = {name: max(agent.slots.values(), default=1) for name, agent in seat.centre.agents.items() if not agent.bot}
    following = following_of(seat.office, seat.who.tenant)
    async with following.lock:
        folded = await following.catch_up(seat.db, seat.who.tenant)
        share = following.share
        day = await asyncio.to_thread(work_day, folded, local.toordinal(), ms(now), ms(begins), places)
    taken = worth_of(profile.value)
    changes = {} if day.short or share < 1 else await asyncio.to_thread(value_of, day, taken)
    own = tuple(name for name in TAKEN if name in profile.value)
    return ValueNow(now, day.short, day.needs, day.agents, day.cut, changes, taken, own, profile.currency, share)


@get("/value", opt=SEE, include_in_schema=False)
async def value(request: AnyRequest) -> Response[str]:
    """The value of today, with all that it rests on."""
    async with seated(request) as seat:
        page = ValuePage(await value_now(seat))
    return await render(request, "value.html", page)


@get("/value/part/now", opt=SEE, include_in_schema=False)
async def value_again(request: AnyRequest) -> Response[str]:
    """The figures alone, for the wallboard."""
    async with seated(request) as seat:
        page = ValuePage(await value_now(seat))
    return await fragment(request, "value_now.html", page)


HANDLERS = [value, value_again]
