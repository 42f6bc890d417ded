"""Reservations are our offers: how each stands, and what a worker does with one, as an action of their agent."""

from collections.abc import Iterable, Mapping

import asyncpg

from rapport.errors import BadInput, Conflict
from rapport.ledger.tables import read_rows, read_where
from rapport.model.conversation import Conversation
from rapport.model.ids import derived_id
from rapport.model.interaction import Interaction
from rapport.model.need import Offer, OfferState
from rapport.web.taskrouter.asked import Asked

PATIENCE = 3.0  # seconds
CANCELED = "canceled"  # the disposition of a task that nobody is to take any more
COMPLETED = "completed"
STATUSES = ("pending", "accepted", "rejected", "timeout", "canceled", "rescinded", "wrapping", "completed")
_ENDED: Mapping[OfferState, str] = {
    OfferState.OPEN: "pending",
    OfferState.DECLINED: "rejected",
    OfferState.EXPIRED: "timeout",
    OfferState.REVOKED: "rescinded",
}


def interaction_id(offer: bytes) -> bytes:
    """The id of the interaction that an accepted offer began."""
    return derived_id(offer, "interaction")


def status_of(offer: Offer, work: Interaction | None, task: Conversation, *, wrapping: bool) -> str:
    """How a reservation stands. `work`: what it began; `wrapping`: the task's worker has said so."""
    if offer.state is OfferState.REVOKED and task.disposition == CANCELED:
        return "canceled"
    if offer.state is not OfferState.ACCEPTED:
        return _ENDED[offer.state]
    if work is not None and work.ended_at is not None:
        return "completed" if work.disposition == COMPLETED else "canceled"
    return "wrapping" if wrapping else "accepted"


async def work_of(db: asyncpg.Connection, tenant: int, offers: Iterable[Offer]) -> dict[bytes, Interaction]:
    """What accepted offers began, by the offer's id."""
    ids = {interaction_id(one.id): one.id for one in offers if one.state is OfferState.ACCEPTED}
    return {ids[row.id]: row for row in await read_rows(db, tenant, Interaction, list(ids))}


async def offers_to(db: asyncpg.Connection, tenant: int, worker: str, first: int, most: int) -> list[Offer]:
    """What was put to a worker, newest first."""
    where = "agent = $2 and agent like 'WK%' order by made_at desc, id desc offset $3 limit $4"
    return await read_where(db, tenant, Offer, where, worker, first, most)


async def do(asked: Asked, agent: str, what: str, **of: bytes | str) -> None:
    """Let an agent do something and wait for what comes of it. Raises Conflict where it is refused."""
    action = await asked.office.intake.act(asked.tenant, agent, what, **of)  # type: ignore[arg-type]  # ids and texts by name
    outcome = await asked.office.intake.outcome(asked.tenant, action, PATIENCE)
    if outcome is not None and not outcome.ok:
        raise Conflict(outcome.reason)


async def answer(asked: Asked, offer: Offer, status: str, now: str) -> None:
    """Bring a reservation, which stands as `now`, to another status. Raises BadInput, Conflict."""
    if status == now:
        return
    if status == "accepted":
        await do(asked, offer.agent, "accept", offer=offer.id)
    elif status == "rejected":
        await do(asked, offer.agent, "decline", offer=offer.id)
    elif status == "completed" and now in ("accepted", "wrapping"):
        await do(asked, offer.agent, "wrap_up", conversation=offer.conversation, argument=COMPLETED)
    else:
        raise BadInput(f"ReservationStatus {status!r} cannot follow {now!r}")


async def route_again(asked: Asked, conversation: bytes) -> None:
    """Let a task that waits be routed anew, with the age that it has: what it says, or its workflow, has changed."""
    await do(asked, asked.who.agent, "transfer", conversation=conversation, argument="")


async def decline_all(asked: Asked, worker: str) -> None:
    """Let a worker decline whatever lies before them."""
    async with asked.within() as db:
        found = await read_where(db, asked.tenant, Offer, "agent = $2 and state = 'open'", worker)
    for offer in found:
        await do(asked, worker, "decline", offer=offer.id)
