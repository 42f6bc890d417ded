"""The card of a burst: what is seen of it, and the plan for it, one press a step; on the wallboard and the workforce page."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath

from rapport.errors import BadInput, Conflict
from rapport.ledger.tables import read_where
from rapport.model.burst import BURST_STEPS, Burst, BurstTaken
from rapport.web.acting import act
from rapport.web.desk.page import Seat, seated
from rapport.web.going import asked_id, go, inside
from rapport.web.languages import retell, zone_named
from rapport.web.page import render
from rapport.web.security import AnyRequest, current, language_of, needs, office_of

ACT = needs("console.act")
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
LATEST = 20


class StepShown(msgspec.Struct, frozen=True):
    """A step of the plan. `taken` None: it waits for a press; `names` and `by` as people know them."""

    step: str
    taken: BurstTaken | None = None
    by: str = ""
    names: tuple[str, ...] = ()
    can: bool = True


class BurstCard(msgspec.Struct, frozen=True):
    """A burst with its plan. `since` by the clock of the place; `reply`: the saved reply that would be sent, "" for none."""

    burst: Burst
    since: datetime
    steps: tuple[StepShown, ...]
    reply: str = ""


class BurstsPage(msgspec.Struct, frozen=True):
    """The latest bursts, the newest first. `problem`: what was just refused."""

    bursts: tuple[BurstCard, ...]
    problem: str = ""


def card_of(seat: Seat, burst: Burst) -> BurstCard:
    """The card of a burst."""
    profile, agents = seat.centre.profile, seat.centre.agents
    reply = profile.burst_reply if profile.burst_reply in seat.centre.replies else ""

    def called(name: str) -> str:
        return (agents[name].name or name) if name in agents else name

    steps = []
    for step in BURST_STEPS:
        taken = burst.took(step)
        names = tuple(called(name) if step == "call_in" else name for name in taken.names) if taken else ()
        steps.append(StepShown(step, taken, called(taken.by) if taken else "", names, step != "holding" or bool(reply)))
    return BurstCard(burst, burst.since.astimezone(zone_named(profile.zone)), tuple(steps), reply)


async def burst_card(seat: Seat) -> BurstCard | None:
    """The burst that is under way."""
    found = await read_where(seat.db, seat.who.tenant, Burst, "kind <> '' and ended_at is null order by since desc limit 1")
    return card_of(seat, found[0]) if found else None


async def _page(seat: Seat, problem: str = "") -> BurstsPage:
    found = await read_where(seat.db, seat.who.tenant, Burst, "kind <> '' order by since desc limit $2", LATEST)
    return BurstsPage(tuple(card_of(seat, burst) for burst in found), problem)


@get("/workforce/bursts", opt=needs("wallboard.read"), include_in_schema=False)
async def bursts(request: AnyRequest) -> Response[str]:
    """The latest bursts: how large they were, and what was done."""
    async with seated(request) as seat:
        page = await _page(seat)
    return await render(request, "bursts.html", page)


@post("/workforce/bursts/{burst:str}", opt=ACT, include_in_schema=False)
async def answer_burst(request: AnyRequest, burst: FromPath[str], data: Form) -> Response[Any]:
    """Take one step of the plan. What somebody else did meanwhile, or what cannot be, is said on the page of bursts."""
    asked = {"burst": asked_id(burst, "burst").hex(), "step": data.get("step", "")[:40]}
    try:
        await act(office_of(request), current(request), "answer_burst", argument=msgspec.json.encode(asked).decode())
    except (Conflict, BadInput) as wrong:
        async with seated(request) as seat:
            page = await _page(seat, retell(language_of(request), str(wrong)))
        return await render(request, "bursts.html", page, status=409)
    return go(f"{inside(data.get('next', ''), '/workforce')}?{urlencode({'said': asked['step']})}#burst-now")


HANDLERS = [bursts, answer_burst]
