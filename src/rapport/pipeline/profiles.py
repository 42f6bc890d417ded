"""What networks show everybody of those who write to us in public, taken in where the centre keeps it; else never written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import asyncpg
import structlog

from rapport.clock import Clock
from rapport.errors import RapportError
from rapport.ledger.cleaning import clean, clean_json
from rapport.ledger.intake import Intake, Within
from rapport.model.centre import Account, Profile, read_thing
from rapport.model.fact import PersonData
from rapport.model.fact_rights import ProfileSeen
from rapport.model.message import Incoming, Reach, Shown

log = structlog.get_logger()
AGAIN = timedelta(days=1)  # the same of the same author is taken in no sooner
LOOKED = timedelta(seconds=10)  # for how long the centre's switch is remembered
MOST_SAID = 10_000
SWITCH = "select body from thing where tenant = $1 and id = 'centre/centre'"


@dataclass(slots=True)
class Profiles:
    """Takes in what is shown of authors. What it could not write is left: it comes with their next message."""

    intake: Intake
    within: Within
    clock: Clock
    _said: dict[tuple[int, str], tuple[Shown, datetime]] = field(default_factory=dict)
    _centre: dict[int, tuple[Profile, datetime]] = field(default_factory=dict)

    async def take(self, tenant: int, account: Account, events: Sequence[object]) -> None:
        """Take in what is shown of the authors of these public messages, which are on record already."""
        written = [e for e in events if isinstance(e, Incoming) and e.author is not None and e.reach is Reach.PUBLIC]
        try:
            if written and (profile := await self._profile(tenant)).keeps_profiles:
                for message in written:
                    await self._one(tenant, account, message, timedelta(days=profile.profile_days))
        except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("profiles.not_taken", tenant=tenant, account=account.id, error=repr(error)[:200])

    async def _one(self, tenant: int, account: Account, message: Incoming, days: timedelta) -> None:
        now, key, author = self.clock.now(), (tenant, message.handle), message.author
        before = self._said.get(key)
        if author is None or (before is not None and before[0] == author and now - before[1] < AGAIN):
            return
        told = {
            "bio": clean(author.bio) or None,
            "followers": author.followers,
            "verified": author.verified,
            "on_network_since": author.since or None,
        }
        [owner] = (await self.intake.owners(tenant, {message.handle})).values()
        fact = ProfileSeen(owner, account.id, account.channel, now + days)
        content = PersonData(attributes=clean_json({name: value for name, value in told.items() if value is not None}))
        await self.intake.tell_of(tenant, owner, fact, content)
        self._said.pop(key, None)
        self._said[key] = author, now
        while len(self._said) > MOST_SAID:
            self._said.pop(next(iter(self._said)))

    async def _profile(self, tenant: int) -> Profile:
        now, known = self.clock.now(), self._centre.get(tenant)
        if known is not None and timedelta(0) <= now - known[1] < LOOKED:
            return known[0]
        async with self.within(tenant) as db:
            body = await db.fetchval(SWITCH, tenant)
        found = read_thing("centre", bytes(body)) if body is not None else Profile()
        assert isinstance(found, Profile)
        self._centre[tenant] = found, now
        return found
