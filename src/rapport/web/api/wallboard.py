"""/api/wallboard: how the centre does now and today, as numbers."""

from datetime import datetime, timedelta

import msgspec
from litestar import MediaType, Response, get

from rapport.conversations.targets.reading import counts_now
from rapport.measures import handling, service
from rapport.model.agent import Presence
from rapport.web.desk.page import seated
from rapport.web.measures.wallboard import targets_of, today_from
from rapport.web.security import AnyRequest, needs


class KindNow(msgspec.Struct, frozen=True):
    """One channel kind. `service_level` in [0, 1], null when nothing counts yet; `target_s` in seconds."""

    kind: str
    waiting: int
    oldest_since: datetime | None
    target_s: float
    service_level: float | None


class Now(msgspec.Struct, frozen=True):
    """The centre at `at`, for the day that began at `since`. `handle_time_s`: mean of what ended today, in seconds.

    `targets_near`, `targets_missed`: open conversations that are about to miss a service target, or did.
    """

    at: datetime
    since: datetime
    waiting: int
    oldest_since: datetime | None
    service_level: float | None
    answered: int
    held: int
    present: int
    handle_time_s: float | None
    kinds: tuple[KindNow, ...]
    targets_near: int = 0
    targets_missed: int = 0


@get("/api/wallboard", opt=needs("wallboard.read") | {"gives": Now, "says": "How the centre does now and today"})
async def wallboard(request: AnyRequest) -> Response[bytes]:
    """The wallboard's numbers."""
    async with seated(request) as seat:
        at = seat.office.clock.now()
        since = today_from(at, seat.centre.profile.zone)
        now = await service.now(seat.db, seat.who.tenant, at, since=since, targets=targets_of(seat.centre))
        targets = await counts_now(seat.db, seat.who.tenant)
        each = await handling.by_agent(seat.db, seat.who.tenant, since=since, until=at + timedelta(seconds=1))
    kinds = tuple(KindNow(kind.kind, kind.waiting, kind.oldest, kind.target, kind.level) for kind in now.kinds)
    said = Now(
        at=at,
        since=since,
        waiting=now.waiting,
        oldest_since=now.oldest,
        service_level=now.level,
        answered=now.answered,
        held=now.held,
        present=sum(1 for one in each.values() if one.presence is not Presence.OFFLINE),
        handle_time_s=handling.together(each).seconds,
        kinds=kinds,
        targets_near=targets.near,
        targets_missed=targets.late,
    )
    return Response(msgspec.json.encode(said), media_type=MediaType.JSON, headers={"cache-control": "no-store"})


HANDLERS = [wallboard]
