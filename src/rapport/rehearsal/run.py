"""Running a rehearsal: its time line on the real pipeline, the clock moved from one moment to the next."""

import asyncio
import heapq
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rapport.centre.things import Things
from rapport.clock import FakeClock
from rapport.errors import CentreError
from rapport.model.agent import Agent
from rapport.model.centre import Account, read_thing
from rapport.model.need import Offer
from rapport.rehearsal.crowd import crowd_messages
from rapport.rehearsal.deeds import crossed, do_action, offers_to_take
from rapport.rehearsal.format import Rehearsal
from rapport.rehearsal.house import House, OpenHouse
from rapport.rehearsal.judging import judge
from rapport.rehearsal.report import Report, Verdict
from rapport.rehearsal.spans import show_span
from rapport.rehearsal.tables import ActionTable, EventTable, ExpectTable, MessageTable, PersonTable, Table
from rapport.rehearsal.telling import accounts_of, hear, message_id, prepare, tell, with_accounts

MOST_REMINDERS = 200_000
CROWD_WORK = timedelta(minutes=1)  # how long an agent works on a message of a crowd, where the file says nothing
Moment = tuple[datetime, int, int, Table]


class WorkDone(Table, frozen=True, kw_only=True):
    """An agent who acts of their own is done with a conversation."""

    agent: str
    conversation: bytes


RANK: dict[type[Table], int] = {EventTable: 0, MessageTable: 1, WorkDone: 2, ActionTable: 3, ExpectTable: 4}


async def rehearse(rehearsal: Rehearsal, open_house: OpenHouse) -> Report:
    """Run it in fresh tenants and judge what is on record. `open_house` opens one tenant under the clock."""
    run = Run(rehearsal)
    async with AsyncExitStack() as stack:
        for tenant, things in run.things.items():
            house = await stack.enter_async_context(open_house(tenant, run.clock))
            run.houses[tenant] = house
            await prepare(house, things, [person for person in run.persons if person.tenant == tenant])
        await run.settle()
        while run.moments:
            await run.step()
    return Report(rehearsal.name, rehearsal.file, tuple(run.verdicts))


@dataclass(slots=True)
class Run:
    """A rehearsal while it runs. `failed`: what could not be done, by tenant and message, to tell beside a reason."""

    rehearsal: Rehearsal
    houses: dict[str, House] = field(default_factory=dict)
    verdicts: list[Verdict] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)
    persons: list[PersonTable] = field(default_factory=list)
    messages: dict[tuple[str, str], MessageTable] = field(default_factory=dict)
    things: dict[str, Things] = field(default_factory=dict)
    accounts: dict[str, list[Account]] = field(default_factory=dict)
    crowds: set[str] = field(default_factory=set)  # where the file makes them
    failed: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    handed: dict[tuple[str, str], bytes] = field(default_factory=dict)
    clock: FakeClock = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        """Lay out the time line: crowds made, expectations without a time at the end."""
        r = self.rehearsal
        self.persons = list(r.persons)
        self.crowds = {crowd.place for crowd in r.crowds}
        messages = list(r.messages)
        for crowd in r.crowds:
            more, known = crowd_messages(crowd, [person for person in r.persons if person.tenant == crowd.tenant])
            messages += more
            self.persons += known
        self.messages = {(message.tenant, message.id): message for message in messages}
        for tenant, things in r.things.items():
            self.things[tenant] = with_accounts(things, [message for message in messages if message.tenant == tenant])
            self.accounts[tenant] = accounts_of(self.things[tenant])
        inputs: list[EventTable | MessageTable | ActionTable] = [*r.events, *messages, *r.actions]
        last = max([one.at for one in inputs] + [e.by for e in r.expects if e.by is not None], default=timedelta(0))
        for one in inputs:
            self._plan(r.start + one.at, one)
        for expect in r.expects:
            self._plan(r.start + (last if expect.by is None else expect.by), expect)
        self.clock = FakeClock(min(r.start, self.moments[0][0]))

    def _plan(self, at: datetime, table: Table) -> None:
        self._count += 1
        heapq.heappush(self.moments, (at, RANK[type(table)], self._count, table))

    async def settle(self) -> None:
        """Settle every house, and let agents take what nobody in the file takes for them, until nothing happens any more.

        What goes from one centre to another is settled there, and its answer here.
        """
        for tenant, house in (*self.houses.items(), *(self.houses.items() if len(self.houses) > 1 else ())):
            await house.settle()
            pace = {agent: span for (name, agent), span in self.rehearsal.works.items() if name == tenant}
            crowd = [name for (of, name), message in self.messages.items() if of == tenant and message.place in self.crowds]
            tried: set[bytes] = set()
            while pace or crowd:
                offers = [offer for offer in await offers_to_take(house, list(pace), crowd) if offer.id not in tried]
                if not offers:
                    break
                await asyncio.gather(*(self._take(house, offer) for offer in offers))
                for offer in offers:
                    tried.add(offer.id)
                    done = WorkDone(tenant=tenant, agent=offer.agent, conversation=offer.conversation)
                    self._plan(self.clock.now() + pace.get(offer.agent, CROWD_WORK), done)
                await house.settle()

    async def _take(self, house: House, offer: Offer) -> None:
        await house.intake.act(house.tenant, offer.agent, "accept", conversation=offer.conversation, offer=offer.id)

    async def step(self) -> None:
        """The next moment: what falls due before it, then all that arrives at once, or one action, or one expectation."""
        for _ in range(MOST_REMINDERS):
            due = [at for house in self.houses.values() if (at := await house.next_due()) is not None]
            if not due or min(due) > self.moments[0][0]:
                break
            self.clock.set(max(self.clock.now(), min(due)))
            await self.settle()
        else:
            raise CentreError(
                f"{self.rehearsal.file}: reminders fall due without end at {self.clock.now()}; is a plan's step 0 s?"
            )
        moment = heapq.heappop(self.moments)
        self.clock.set(max(self.clock.now(), moment[0]))
        table = moment[3]
        if isinstance(table, ActionTable):
            await self._act(table, moment[2])
        elif isinstance(table, ExpectTable):
            await self._judge(table)
        else:
            together = [moment]
            while self.moments and self.moments[0][:2] == moment[:2]:
                together.append(heapq.heappop(self.moments))
            await asyncio.gather(*(self._arrive(one) for one in together))  # begun in their order, appended as one
            await self.settle()

    async def _arrive(self, moment: Moment) -> None:
        at, _, nth, table = moment
        house = self.houses[table.tenant]
        if isinstance(table, MessageTable):
            await hear(house, table, self.accounts[table.tenant], at)
        elif isinstance(table, EventTable):
            await tell(house, table, at, nth)
        elif isinstance(table, WorkDone):
            await house.intake.act(house.tenant, table.agent, "wrap_up", conversation=table.conversation, argument="solved")

    async def _act(self, action: ActionTable, nth: int) -> None:
        """Do it; what cannot be done counts as not met, but for a reply that is refused: `refused_by` and `sent` judge that."""
        house = self.houses[action.tenant]
        await self._find(action.tenant, action.message)
        message = self._id(action.tenant, action.message) if action.message else None
        done = await do_action(house, action, message, self.rehearsal.start, nth)
        await self.settle()
        if done.reason:
            what = f"{action.agent} to {action.do} at {show_span(action.at)}"
            self.failed.setdefault((action.tenant, action.message), []).append(f"{what} was refused: {done.reason}")
            if done.is_impossible or (action.do != "reply" and not action.refused):
                self.verdicts.append(Verdict(action.place, what, done.reason))
        elif action.refused:
            what = f"{action.do} of {action.agent} to be refused"
            self.verdicts.append(Verdict(action.place, what, "it was done"))

    async def _find(self, tenant: str, name: str) -> None:
        """Where a message of another tenant is named: what came of it here, handed over by an agreement."""
        house = self.houses[tenant]
        if name and (tenant, name) not in self.messages and (found := await crossed(house)) is not None:
            self.handed[tenant, name] = found

    def _id(self, tenant: str, name: str) -> bytes:
        if (tenant, name) not in self.messages:
            return self.handed.get((tenant, name), bytes(16))
        message = self.messages[tenant, name]
        at = self.rehearsal.start + message.at
        return message_id(self.houses[tenant].tenant, message, self.accounts[tenant], at)

    async def _judge(self, expect: ExpectTable) -> None:
        tenant = expect.tenant
        await self._find(tenant, expect.message)
        crowd = [
            name for (of, name) in self.messages if of == tenant and name.startswith(f"{expect.crowd}/" if expect.crowd else "")
        ]
        agents = [read_thing(kind, body) for (kind, _), body in self.things[tenant].items() if kind == "agent"]
        self.verdicts += await judge(
            self.houses[tenant],
            expect,
            self.rehearsal.start,
            id_of=lambda name: self._id(tenant, name),
            crowd=[self._id(tenant, name) for name in crowd] if expect.served_share is not None else [],
            bots=frozenset(agent.id for agent in agents if isinstance(agent, Agent) and agent.bot),
            notes=self.failed.get((tenant, expect.message), []),
        )
