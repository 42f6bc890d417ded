"""The director of a demonstration: lets customers come, plays the agents at the desks, and has three buttons.

Customers write by the same way in as everybody's; agents see what a desk shows. The seed makes the same customers; what becomes
of them is the house's doing.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rapport.clock import Clock
from rapport.demo.customers import Crowd, Customer
from rapport.demo.desk import Desks, Within
from rapport.demo.figures import Figures, Told, Verify, figures
from rapport.errors import BadInput, Overloaded
from rapport.ledger.intake import Intake
from rapport.ledger.tables import read_where
from rapport.model.centre import Account
from rapport.model.message import ChannelKind, Incoming, Reach
from rapport.model.reply import Outgoing

TICK = 0.2  # seconds between two looks
LOOK_AT_CENTRE = 5.0
PATIENCE = 25.0  # seconds that a demonstration waits at its end for what is still going on
FIRST_SHARE = 0.7  # of the rate; the rest is people who write again
VIRAL, BRIGADE = 120, 60


@dataclass(slots=True)
class Director:
    """Runs a demonstration of one tenant. `pace` below 1: agents and customers hurry; `started`: of the ledger's clock."""

    tenant: int
    intake: Intake
    within: Within
    clock: Clock
    seed: int = 1
    pace: float = 1.0
    desks: Desks = field(init=False)
    crowd: Crowd = field(init=False)
    accounts: dict[str, tuple[Account, ChannelKind]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    coming: deque[tuple[float, Customer, str]] = field(default_factory=deque)
    known: dict[str, Customer] = field(default_factory=dict)
    answered_until: datetime | None = None
    is_running: bool = False
    rate: float = 0.0
    _count: int = 0
    _debt: float = 0.0
    _seen: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Set the desks; nobody has come yet."""
        self.desks = Desks(self.tenant, self.intake, self.within, self.seed, self.pace)
        self.crowd = Crowd({}, self.seed)

    async def open(self) -> None:
        """Read the centre, let the agents come, learn by which accounts customers may write."""
        await self.desks.open()
        self.accounts = networks_of(list(self.desks.centre.accounts.values()))
        if not self.accounts:
            raise BadInput("the centre has no webchat or file account: apply the example centre first")
        social = next((n for n, (_, kind) in self.accounts.items() if kind == ChannelKind.SOCIAL), min(self.accounts))
        self.crowd = Crowd({network: account.id for network, (account, _) in self.accounts.items()}, self.seed, social)

    async def run(self, minutes: float = 0.0, rate: float = 240.0) -> None:
        """Let customers come, `rate` messages a minute, for so many minutes (0: until cancelled); finish what is going on."""
        loop = asyncio.get_running_loop()
        if not self.accounts:
            await self.open()
        self.rate, self.is_running = rate, True
        began = last = looked = loop.time()
        try:
            while not minutes or loop.time() - began < minutes * 60:
                now = loop.time()
                self._let_come(now, now - last)
                last = now
                await self._tick(now)
                if now - looked > LOOK_AT_CENTRE:
                    looked = now
                    await self.desks.look_at_centre()
                await asyncio.sleep(max(0.0, TICK - (loop.time() - now)))
            await self._finish()
        finally:
            self.is_running = False

    def _let_come(self, now: float, passed: float) -> None:
        self._debt += self.rate * FIRST_SHARE * passed / 60
        while self._debt >= 1:
            self._debt -= 1
            customer = self.crowd.customer()
            self.coming.append((now, customer, customer.text))

    async def _tick(self, now: float) -> int:
        await self._write(now)
        busy = await self.desks.work(now)
        await self._hear_answers(now)
        return busy + len(self.coming)

    async def _finish(self) -> None:
        """Let what is going on come to its end, for a while."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.desks.is_closing = True
        while loop.time() - began < 2 * PATIENCE:
            busy = await self._tick(loop.time()) if loop.time() - began < PATIENCE else 0
            if not busy and await self._is_quiet():
                return
            await asyncio.sleep(TICK)

    async def _is_quiet(self) -> bool:
        """Whether everything that came is digested and everything queued is sent."""
        async with self.within(self.tenant) as db:
            waits = await db.fetchval(
                """select exists (select 1 from entry e join cursor c on c.tenant = e.tenant and c.name = 'pipeline'
                     where e.tenant = $1 and e.kind < 32 and e.seq > c.seq)
                   or exists (select 1 from outgoing where tenant = $1 and state = 'queued')""",
                self.tenant,
            )
        return not waits

    async def _write(self, now: float) -> None:
        """Let those write whose time has come, together by account, as a network would hand them over."""
        due = [one for one in self.coming if one[0] <= now]
        self.coming = deque(one for one in self.coming if one[0] > now)
        by_account: dict[str, list[Incoming]] = {}
        for _, customer, text in due:
            if customer.event is not None and customer.handle not in self.known:
                await self._journey(customer)
            self.known[customer.handle] = customer
            by_account.setdefault(customer.account, []).append(self._incoming(customer, text))
        for account, messages in by_account.items():
            await self._hear(account, messages)

    async def _hear(self, id: str, messages: Sequence[Incoming]) -> None:
        account, kind = next(one for one in self.accounts.values() if one[0].id == id)
        try:
            await self.intake.hear(self.tenant, account, kind, messages)
        except Overloaded as full:
            later = asyncio.get_running_loop().time() + full.retry_after.total_seconds()
            self.coming.extend((later, self.known[message.handle], message.text) for message in messages)
        else:
            self.told += [(id, message.key) for message in messages]

    def _incoming(self, customer: Customer, text: str) -> Incoming:
        self._count += 1
        return Incoming(
            key=f"demo-{self.seed}-{self.clock.now():%Y%m%d%H%M%S}-{self._count}",
            handle=customer.handle,
            text=text,
            reach=Reach.PUBLIC if customer.is_public else Reach.PRIVATE,
            at=self.clock.now(),
            name=customer.name,
        )

    async def _journey(self, customer: Customer) -> None:
        kind, data = customer.event or ("", {})
        at = self.clock.now() - timedelta(minutes=self.crowd.chance.randint(3, 4000))
        await self.intake.event(self.tenant, customer.handle, kind, "demo", f"{customer.handle} {self.seed} {at}", at, data)

    async def _hear_answers(self, now: float) -> None:
        """Customers read what was sent to them; some go on, some say thanks, some say nothing."""
        since = self.answered_until or self.clock.now() - timedelta(seconds=5)
        async with self.within(self.tenant) as db:
            where = "state = 'sent' and at >= $2 order by at limit 2000"
            sent = [out for out in await read_where(db, self.tenant, Outgoing, where, since) if out.id not in self._seen]
        self.answered_until = self.clock.now() - timedelta(seconds=60)
        for out in sent:
            self._seen.add(out.id)
            customer = self.known.get(out.to)
            if customer is None or out.part or self.desks.is_closing:
                continue
            mood = self.crowd.chance.random()
            later = now + self.pace * self.crowd.chance.uniform(2, 6)
            if mood < 0.25 and customer.patience > 0:
                self.coming.append((later, customer, self.crowd.follow_up(customer.language)))
            elif mood < 0.6:
                self.coming.append((later, customer, self.crowd.thanks(customer.language)))

    def viral_day(self, seconds: float = 45.0, count: int = VIRAL) -> int:
        """A button: many people write about one matter, each in their own words; how many."""
        return self._rush(self.crowd.viral(count), seconds)

    def brigade(self, seconds: float = 20.0, count: int = BRIGADE) -> int:
        """A button: many new handles write nearly the same; how many."""
        return self._rush(self.crowd.brigade(count), seconds)

    def _rush(self, customers: Sequence[Customer], seconds: float) -> int:
        now = asyncio.get_running_loop().time()
        self.coming.extend((now + seconds * nth / len(customers), one, one.text) for nth, one in enumerate(customers))
        return len(customers)

    async def goes_home(self, agent: str) -> None:
        """A button: an agent passes on what they have and goes. Raises BadInput where there is no such agent."""
        if agent not in self.desks.agents:
            raise BadInput(f"no simulated agent is called {agent!r}; there are {', '.join(self.desks.agents)}")
        await self.desks.goes_home(agent)

    async def comes_back(self, agent: str) -> None:
        """The agent is there again."""
        await self.desks.comes_back(agent)

    def take_seat(self, agent: str) -> None:
        """From now on a person plays this agent."""
        self.desks.seats.add(agent)

    def state(self) -> dict[str, Any]:  # Any: plain values for a page
        """What a page shows: whether it runs, who is simulated, who has gone, who is still to come."""
        agents = [
            {"id": agent, "name": self.desks.centre.agents[agent].name or agent, "is_here": agent not in self.desks.gone}
            for agent in self.desks.agents
        ]
        return {
            "is_running": self.is_running,
            "rate": self.rate,
            "agents": agents,
            "coming": len(self.coming),
            "told": len(self.told),
        }

    async def figures(self, verify: Verify) -> Figures:
        """What it came to, counted from what is on record."""
        folders = [Path(account.settings["folder"]) for account, _ in self.accounts.values() if "folder" in account.settings]
        async with self.within(self.tenant) as db:
            return await figures(db, self.tenant, told=self.told, folders=folders, verify=verify)


def networks_of(accounts: Sequence[Account]) -> dict[str, tuple[Account, ChannelKind]]:
    """The accounts by which simulated customers may write, by the network that their handles name."""
    found: dict[str, tuple[Account, ChannelKind]] = {}
    for account in accounts:
        if account.channel == "webchat" and not account.paused:
            found["webchat"] = account, ChannelKind.CHAT
        elif account.channel == "file" and not account.paused:
            kind = ChannelKind(account.settings.get("kind", "chat"))
            found[account.settings.get("network", "file")] = account, kind
    return found
