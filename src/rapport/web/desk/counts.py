"""How many conversations stand in each view of the inbox: counted once for everybody, until the ledger has something new.

What waits is the same for all, what a team has for all of a team: 200 desks that look again after a message count it once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from rapport.conversations import inbox, reading as talk
from rapport.ledger.place import Place
from rapport.web.office import Office
from rapport.web.security import Who

OURS: tuple[inbox.View, ...] = ("team", "waiting", "snoozed", "approval", "open")
OWN: tuple[inbox.View, ...] = ("mine", "mentions")
AT_MOST = timedelta(seconds=2)  # nothing that is counted is older, whatever the ledger says
MOST = 2_000  # teams and agents


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of views, since when the oldest waits, and whether one's own have something unread."""

    counts: dict[inbox.View, int]
    oldest: datetime | None = None
    unread: bool = False


@dataclass(frozen=True, slots=True)
class _Kept:
    place: Place
    at: datetime
    counted: Counted


async def counted_now(db: asyncpg.Connection, office: Office, who: Who, team: str, place: Place) -> Counted:
    """What is counted at a place of the ledger, which was read by this connection before."""
    ours = _lately(office, who, ("team", team), place)
    if ours is None:
        counts = await _counts(db, who, team, OURS)
        oldest = await talk.oldest_waiting(db, who.tenant)
        ours = _keep(office, who, ("team", team), place, Counted(counts, oldest.waiting_since if oldest else None))
    own = _lately(office, who, ("agent", who.agent), place)
    if own is None:
        unread = await talk.has_unread(db, who.tenant, who.agent)
        own = _keep(office, who, ("agent", who.agent), place, Counted(await _counts(db, who, team, OWN), unread=unread))
    return Counted(ours.counts | own.counts, ours.oldest, own.unread)


async def _counts(db: asyncpg.Connection, who: Who, team: str, views: Sequence[inbox.View]) -> dict[inbox.View, int]:
    return await inbox.counts(db, who.tenant, who.agent, team, views)


def _all(office: Office) -> dict[tuple[int, str, str], _Kept]:
    found: dict[tuple[int, str, str], _Kept] = office.memory.setdefault("counted", {})
    return found


def _lately(office: Office, who: Who, of: tuple[str, str], place: Place) -> Counted | None:
    kept = _all(office).get((who.tenant, *of))
    fresh = kept is not None and kept.place == place and timedelta() <= office.clock.now() - kept.at < AT_MOST
    return kept.counted if kept is not None and fresh else None


def _keep(office: Office, who: Who, of: tuple[str, str], place: Place, counted: Counted) -> Counted:
    known = _all(office)
    known.pop((who.tenant, *of), None)
    known[who.tenant, *of] = _Kept(place, office.clock.now(), counted)
    while len(known) > MOST:
        known.pop(next(iter(known)))
    return counted
