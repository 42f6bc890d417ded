"""The way between two centres: a channel whose network is the other tenant. It passes the fields that both agreements name.

Both ways it is told at most once: what is handed over has the crossing's id as its key, an answer the id of its part.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from rapport.app.house import House
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Eligibility,
    Exchange,
    Fitted,
    Idempotency,
    Op,
    Part,
    Probe,
    Receipt,
    Unit,
    Wording,
)
from rapport.clock import Clock
from rapport.errors import Refused
from rapport.ledger.intake import Intake, Within
from rapport.ledger.tables import read_rows
from rapport.ledger.tenants import list_tenants
from rapport.model.agreement import CROSSING, Agreement, crossing
from rapport.model.centre import Account, Thing, read_thing
from rapport.model.ids import read_id
from rapport.model.message import ChannelKind, Incoming, Reach, Unreadable
from rapport.model.reply import Outgoing
from rapport.pipeline.hear import Opens

KIND = ChannelKind.EMAIL  # nobody waits on the line
LONGEST = 100_000
Directory = Callable[[], Awaitable[dict[str, int]]]  # tenants by the names that agreements call them


class Carried(msgspec.Struct, frozen=True):
    """What one centre gave to the way."""

    fields: dict[str, Any]  # Any: plain JSON


def crossings_of(house: House) -> "Crossings":
    """The accounts of a house with the ways between its centres. No wall stands before the directory: names alone."""

    async def tenants() -> dict[str, int]:
        async with house.store.within((), readonly=True) as db:
            return {tenant.name: tenant.id for tenant in await list_tenants(db)}

    return Crossings(house.accounts, house.intake, house.within, house.clock, tenants)


@dataclass(slots=True)
class Crossings:
    """The accounts of a house, and beside them one for each agreement of the tenant."""

    inner: Opens
    intake: Intake
    within: Within
    clock: Clock
    directory: Directory

    async def accounts(self, tenant: int) -> list[Account]:
        """What replies and operations go out by."""
        async with self.within(tenant) as db:
            found = await db.fetch("select id from thing where tenant = $1 and id like 'agreement/%'", tenant)
        names = [id.partition("/")[2] for (id,) in found]
        return [*await self.inner.accounts(tenant), *(Account(name, CROSSING) for name in names)]

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The channel of an account."""
        if account.channel == CROSSING:
            return CrossingChannel(self, tenant, account.id)
        return await self.inner.channel(tenant, account)

    def probed(self, tenant: int, account: str) -> Probe | None:
        """What the network said when the account was opened here."""
        return self.inner.probed(tenant, account)

    async def agreement(self, tenant: int, name: str) -> Agreement | None:
        """An agreement as a tenant has it."""
        async with self.within(tenant) as db:
            found = await read_rows(db, tenant, Thing, [f"agreement/{name}"])
        thing = read_thing("agreement", found[0].body) if found else None
        return thing if isinstance(thing, Agreement) else None


@dataclass(slots=True)
class CrossingChannel:
    """One agreement of one tenant, towards the other. `capabilities`: a conversation crosses, its answers go as replies."""

    way: Crossings
    tenant: int
    name: str
    capabilities: Capabilities = field(
        default=Capabilities(
            KIND, frozenset({Reach.PRIVATE}), LONGEST, idempotency=Idempotency.NATIVE, ops=frozenset({Op.REPLY, Op.CROSS})
        )
    )

    async def probe(self) -> Probe:
        """The way is the house's own."""
        fine = Wording(es="El camino entre los dos centros está abierto.", en="The way between the two centres is open.")
        return Probe(True, fine, self.capabilities, self.way.clock.now())

    def parse(self, raw: bytes) -> list[Incoming | Unreadable]:
        """Nothing is heard here: the other side tells by the same way."""
        return []

    def eligible(self, op: Op, exchange: Exchange, now: datetime) -> Eligibility:
        """Agreements are asked when it goes."""
        return Eligibility(True)

    def fit(self, text: str, reach: Reach, to: str) -> Fitted:
        """One part."""
        return Fitted((text,) if text.strip() else (), LONGEST, Unit.CHARS)

    async def moderate(self, op: Op, key: str, argument: str, once: str) -> None:
        """Hand a conversation to the other centre. Raises Refused."""
        mine, other, theirs, here = await self._both()
        fields = crossing(mine, theirs, here, mine.with_tenant)
        if isinstance(fields, str):
            raise Refused(fields)
        carried = msgspec.json.decode(argument, type=Carried)
        given: dict[str, Any] = {name: value for name, value in carried.fields.items() if name in fields}  # Any: as above
        account, now, id = Account(self.name, CROSSING), self.way.clock.now(), once.partition("-")[0]
        handle = str(given.get("handle") or f"{CROSSING}:{id}")
        beside = {name: value for name, value in given.items() if name not in ("words", "handle", "reference")}
        data = {**beside, **dict(given.get("reference") or {})}
        await self.way.intake.event(other, handle, "crossing.received", self.name, id, now, data)
        told = Incoming(
            id,
            handle,
            _told(given),
            Reach.PRIVATE,
            now,
            name=str(given.get("name", "")),
            subject=_subject(mine, here),
            thread=id,
        )
        await self.way.intake.hear(other, account, KIND, [told])

    async def deliver(self, part: Part, once: str) -> Receipt:
        """Take an answer back to the centre that handed over. Raises Refused."""
        mine, other, theirs, here = await self._both()
        if theirs is None:
            raise Refused(f"the centre {mine.with_tenant!r} has no agreement {self.name!r} any more")
        allowed = crossing(theirs, mine, mine.with_tenant, here)
        if isinstance(allowed, str):
            raise Refused(allowed)
        id = read_id(part.thread)
        async with self.way.within(other) as db:
            found = await read_rows(db, other, Outgoing, [id]) if id else []
        if not found or found[0].op != "cross" or found[0].target != self.name:
            raise Refused("nothing was handed over by this agreement under that name")
        await self.way.intake.act(
            other, f"agreement:{self.name}", "answer_back", conversation=found[0].conversation, outgoing=found[0].id,
            argument=self.name, text=part.text, once=once,
        )  # fmt: skip
        return Receipt(f"crossed-{once}", self.way.clock.now())

    async def _both(self) -> tuple[Agreement, int, Agreement | None, str]:
        """(ours, the other tenant, theirs, what we are called). Raises Refused."""
        mine = await self.way.agreement(self.tenant, self.name)
        if mine is None:
            raise Refused(f"the agreement {self.name!r} was removed")
        names = await self.way.directory()
        other = names.get(mine.with_tenant)
        if other is None or other == self.tenant:
            raise Refused(f"there is no centre {mine.with_tenant!r} here")
        here = next((name for name, id in names.items() if id == self.tenant), "")
        return mine, other, await self.way.agreement(other, self.name), here


def _told(given: dict[str, Any]) -> str:  # Any: plain JSON
    """What the other side reads first: the person's own words, then the note; the rest stands beside the conversation."""
    parts = [str(given.get("words", "")), f"({given['note']})" if given.get("note") else ""]
    return "\n\n".join(part for part in parts if part) or str(given.get("intent", "")) or "…"


def _subject(mine: Agreement, here: str) -> str:
    return f"{here}: {mine.id}"
