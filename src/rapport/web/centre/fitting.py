"""Who matches, now: of each step of a plan, or of a pool, as its form says it at this moment, saved or not."""

import asyncio
from collections.abc import Mapping

import msgspec

from rapport.errors import BadInput
from rapport.matching.plan_checking import who_fits, who_meets
from rapport.matching.reading import presences
from rapport.matching.roster import Roster, make_roster
from rapport.model.agent import AgentNow, Presence
from rapport.model.centre import Centre, read_thing
from rapport.model.need import Plan
from rapport.model.pool import Pool
from rapport.web.centre_now import centre_now
from rapport.web.security import AnyRequest, current, office_of

COUNTED = frozenset({"plan", "pool"})  # kinds of pieces that agents match
MOST_NAMED = 8
HERE = (Presence.AVAILABLE, Presence.BUSY)


class Fit(msgspec.Struct, frozen=True):
    """How many agents match, and how many of them are present now; the first by name. `step`: of a plan, from 1; else 0."""

    step: int
    count: int
    here: int
    names: tuple[str, ...] = ()


class Fits(msgspec.Struct, frozen=True):
    """Of how many agents; `wrong`: why it cannot be said, as the form stands."""

    all: int = 0
    each: tuple[Fit, ...] = ()
    wrong: str = ""


def fits_of(piece: Plan | Pool, roster: Roster, now: Mapping[str, AgentNow]) -> Fits:
    """Who matches a piece. Raises BadInput where an expression of it is none."""
    found = who_fits(piece, roster) if isinstance(piece, Plan) else (who_meets(piece.who, roster),)
    first = 1 if isinstance(piece, Plan) else 0
    return Fits(len(roster.agents), tuple(_fit(nth, ids, roster, now) for nth, ids in enumerate(found, start=first)))


def _fit(step: int, ids: tuple[str, ...], roster: Roster, now: Mapping[str, AgentNow]) -> Fit:
    here = sum(1 for id in ids if id in now and now[id].presence in HERE)
    agents = [roster.agents[roster.place[id]] for id in ids[:MOST_NAMED]]
    return Fit(step, len(ids), here, tuple(agent.name or agent.id for agent in agents))


async def fits_now(request: AnyRequest, kind: str, body: bytes | None) -> Fits:
    """Who matches a piece, of its JSON. Raises BadInput or msgspec.ValidationError where it is none."""
    piece = read_thing(kind, body) if body is not None and kind in COUNTED else None
    if not isinstance(piece, Plan | Pool) or (isinstance(piece, Pool) and not piece.who.strip()):
        return Fits()
    office, tenant = office_of(request), current(request).tenant
    async with office.store.within(tenant, readonly=True) as db:
        now = await presences(db, tenant)
    return await asyncio.to_thread(_fits_in, piece, await centre_now(office, tenant), now)  # 10,000 agents take a while


def _fits_in(piece: Plan | Pool, centre: Centre, now: Mapping[str, AgentNow]) -> Fits:
    return fits_of(piece, make_roster(centre), now)


async def fits_typed(request: AnyRequest, kind: str, body: bytes) -> Fits:
    """Who matches what is being typed; why it cannot be said where that is not readable yet."""
    try:
        return await fits_now(request, kind, body)
    except (BadInput, msgspec.ValidationError) as error:
        return Fits(wrong=str(error))
