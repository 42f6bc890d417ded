"""A house to rehearse in: the real stages, ledger and sending on a fresh tenant, under a clock that the rehearsal moves."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from rapport.app.crossing import Crossings
from rapport.app.house import House, open_house
from rapport.app.stages import advance_of, bursts_of
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Exchange,
    Fitted,
    Idempotency,
    MediaRules,
    Op,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
)
from rapport.clock import Clock, FakeClock
from rapport.errors import CentreError
from rapport.ledger.intake import Intake, Within
from rapport.ledger.tenants import list_tenants, make_tenant
from rapport.matching.sound import bounds_wrong, check_expression
from rapport.model.agent import Agent
from rapport.model.centre import Account, Policy, Profile, read_thing
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable
from rapport.pipeline.advance import Advance
from rapport.pipeline.burst_watch import BurstWatch
from rapport.pipeline.deliver import Deliver
from rapport.rehearsal.format import Rehearsal, find_rehearsals, read_rehearsal
from rapport.rehearsal.house import OpenHouse
from rapport.rehearsal.report import Report
from rapport.rehearsal.run import rehearse
from rapport.settings import Settings
from rapport.store.embedded import Embedded
from rapport.store.migrate import migrate

LIMIT = 100_000
NOWHERE = "https://rehearsal.invalid"  # where links of a rehearsal point
NEXT = """select least((select min(at) from reminder where tenant = $1),
    (select min(not_before) from outgoing where tenant = $1 and state = 'queued'))"""


@dataclass(slots=True)
class RecordingChannel:
    """Takes every part and keeps it; what a rehearsal's replies go to. `sent`: part by its `once`."""

    clock: Clock
    sent: dict[str, Part] = field(default_factory=dict)
    capabilities: Capabilities = Capabilities(ChannelKind.SOCIAL, frozenset(Reach), LIMIT, idempotency=Idempotency.NATIVE)

    async def probe(self) -> Probe:
        """It always works."""
        fine = Wording(es="Ensayo: nada sale de la casa.", en="A rehearsal: nothing leaves the house.")
        return Probe(True, fine, self.capabilities, self.clock.now())

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """Nothing is heard here: a rehearsal's messages come by its file."""
        return []

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Everything is allowed."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """One part."""
        return Fitted((text,) if text.strip() else (), LIMIT, Unit.CHARS)

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Keep it; the same `once` twice is one."""
        self.sent.setdefault(once, part)
        return Receipt(f"sent-{once}", self.clock.now())


@dataclass(slots=True)
class RecordingAccounts:
    """Every account that a reply names opens as a recording channel."""

    clock: Clock
    within: Within
    opened: dict[tuple[int, str], RecordingChannel] = field(default_factory=dict)

    async def accounts(self, tenant: int) -> list[Account]:
        """The accounts that replies go out on."""
        async with self.within(tenant) as db:
            used = await db.fetch("select distinct account, channel from outgoing where tenant = $1", tenant)
        return [Account(account, channel) for account, channel in used]

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The recording channel of an account."""
        return self.opened.setdefault((tenant, account.id), RecordingChannel(self.clock))

    def eligible(self, tenant: int, account: str, exchange: Exchange, now: datetime) -> Eligibility:
        """Everything may be said."""
        return Eligibility(True)

    def probed(self, tenant: int, account: str) -> None:
        """Nobody was asked."""

    def fit(self, tenant: int, account: str, channel: str, text: str, reach: Reach, to: str) -> Fitted:
        """One part."""
        return self.opened.setdefault((tenant, account), RecordingChannel(self.clock)).fit(text, reach, to)

    def carries(self, tenant: int, account: str, channel: str) -> MediaRules:
        """Any file."""
        return MediaRules(("*/*",), 0, 10)

    async def aclose(self) -> None:
        """Nothing is open."""


@dataclass(slots=True)
class Rehearsing:
    """One fresh tenant of a house whose clock stands still until it is moved."""

    tenant: int
    house: House
    clock: FakeClock
    advance: Advance
    deliver: Deliver
    intake: Intake
    bursts: BurstWatch

    def within(self, tenant: int) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """A connection inside the tenant's wall."""
        return self.house.within(tenant)

    async def settle(self) -> None:
        """Run stages, reminders that are due and sending, until nothing is left to do at the clock's present time."""
        while True:
            while await self.advance.round(self.tenant) or await self.deliver.round(self.tenant):
                pass
            if not await self._watches() or await self.bursts.look(self.tenant) is None:
                return

    async def next_due(self) -> datetime | None:
        """When the next reminder falls due or the next put-off part may be sent; None: nothing waits for a time."""
        async with self.within(self.tenant) as db:
            found: datetime | None = await db.fetchval(NEXT, self.tenant)
        looks = self.bursts.looks_at(self.tenant) if await self._watches() else None
        return min((at for at in (found, looks) if at is not None), default=None)

    async def _watches(self) -> bool:
        """Whether bursts are looked for: where the centre says what is to be done in one."""
        async with self.within(self.tenant) as db:
            body = await db.fetchval("select body from thing where tenant = $1 and id = 'centre/centre'", self.tenant)
        profile = read_thing("centre", body) if body is not None else None
        return isinstance(profile, Profile) and bool(profile.burst_does or profile.burst_reply)


@contextlib.contextmanager
def temporary_database() -> Iterator[str]:
    """The owner's address of an empty database in a temporary folder, with every migration; gone at the end."""
    with tempfile.TemporaryDirectory(prefix="rapport-rehearsal-") as folder:
        server = Embedded.start(Path(folder), quick=True)
        try:
            asyncio.run(migrate(server.url))
            yield server.url
        finally:
            server.stop()


@dataclass(slots=True)
class ClockOfTheDay:
    """The clock of the rehearsal that runs; one house serves all of them, one after another."""

    current: Clock

    def now(self) -> datetime:
        """The time of the rehearsal that runs."""
        return self.current.now()


@contextlib.asynccontextmanager
async def rehearsal_house(settings: Settings, url: str, *, pool: int = 2) -> AsyncIterator[OpenHouse]:
    """What opens one fresh tenant after another in the database at `url`, all in one house with `pool` connections."""
    day = ClockOfTheDay(FakeClock(datetime.now(UTC)))
    house = await open_house(settings, url, b"rehearsal".ljust(32), day, pool=pool)
    house.origin = house.origin or NOWHERE
    advance = advance_of(house, "rehearsal")
    await house.accounts.aclose()
    names: dict[str, int] = {}  # the tenants of the rehearsal that runs, as its file calls them

    @contextlib.asynccontextmanager
    async def open_one(name: str, clock: FakeClock) -> AsyncIterator[Rehearsing]:
        if day.current is not clock:  # another rehearsal; two tenants of one share their clock
            advance.tenants.clear()
            names.clear()
            house.accounts, day.current = RecordingAccounts(clock, house.within), clock
        tenant = await fresh_tenant(house, name)
        await advance.lease(tenant)
        names[name] = tenant

        async def called() -> dict[str, int]:
            return names

        way = Crossings(house.accounts, house.intake, house.within, clock, called)
        deliver = Deliver(house.intake, house.within, clock, way, lambda: [tenant])
        bursts = bursts_of(house, timedelta(0))
        yield Rehearsing(tenant, house, clock, advance, deliver, house.intake, bursts)

    try:
        yield open_one
    finally:
        await advance.aclose()
        await house.aclose()


async def fresh_tenant(house: House, name: str) -> int:
    """A tenant that was not there before; its number."""
    async with house.store.within((), readonly=True) as db:
        number = max((tenant.id for tenant in await list_tenants(db)), default=0) + 1
    async with house.store.within(number) as db:
        await make_tenant(db, number, f"{name}-{number}")
    return number


def _checked(rehearsal: Rehearsal) -> Rehearsal:
    """The rehearsal, if the limits of its agents and policies can be read. Raises CentreError."""
    for things in rehearsal.things.values():
        for (kind, name), body in things.items():
            thing = read_thing(kind, body)
            for fault in bounds_wrong(thing, lambda *_: rehearsal.file) if isinstance(thing, Agent | Policy) else ():
                raise CentreError(f"{fault}, of {kind} {name!r}")
    return rehearsal


def rehearse_all(settings: Settings, paths: Sequence[Path], told: Callable[[Report], None]) -> list[Report]:
    """Run every rehearsal of these files and folders, telling each as it ends. Raises CentreError before any is run."""
    rehearsals = [_checked(read_rehearsal(file, check_expression)) for file in find_rehearsals(paths)]
    reports: list[Report] = []
    with temporary_database() as url:

        async def run() -> None:
            async with rehearsal_house(settings, url) as open_one:
                for rehearsal in rehearsals:
                    reports.append(await rehearse(rehearsal, open_one))
                    told(reports[-1])

        asyncio.run(run())
    return reports
