"""Accounts of the centre as open channels."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import msgspec

from rapport.app.budgets import Budgets
from rapport.app.credentials import Secrets as Secrets
from rapport.channels.budget import Budget
from rapport.channels.channel import (
    Capabilities,
    Channel,
    Closes,
    Eligibility,
    Exchange,
    Fitted,
    Means,
    MediaRules,
    Network,
    Op,
    Probe,
    Unit,
    Wording,
)
from rapport.channels.kept import Kept
from rapport.channels.registry import network
from rapport.channels.sandbox import Sandbox
from rapport.clock import Clock
from rapport.errors import BadInput
from rapport.ledger.intake import Within
from rapport.model.centre import Account, read_thing
from rapport.model.message import Reach
from rapport.people.stopping import has_stopped

SECRET = "secret:"
TRY_AGAIN = timedelta(minutes=1)  # between two tries of credentials that a network does not take


@dataclass(frozen=True, slots=True)
class Opened:
    """A channel that is open. `stamp`: when each secret of the account was put; `until`: the new ones are tried again then."""

    account: Account
    channel: Channel
    probe: Probe
    stamp: tuple[datetime, ...]
    until: datetime | None = None


@dataclass(slots=True)
class Accounts:
    """Opens each account's channel once, and again when the centre says it otherwise."""

    within: Within
    clock: Clock
    secrets: Secrets
    http: httpx.AsyncClient
    sandbox: Sandbox
    tls: ssl.SSLContext
    budgets: Budgets
    find: Callable[[str], Network] = network
    proxy: str = ""
    grace: float = 60.0  # seconds that a channel may still be sending after another one has taken its place
    _closing: dict["asyncio.Task[None]", Closes] = field(default_factory=dict)
    _open: dict[tuple[int, str], Opened] = field(default_factory=dict)
    _put: dict[int, dict[str, datetime]] = field(default_factory=dict)  # when each secret of a tenant was put
    _known: dict[int, dict[str, Account]] = field(default_factory=dict)
    _locks: defaultdict[tuple[int, str], asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def accounts(self, tenant: int) -> list[Account]:
        """The accounts that are not paused."""
        async with self.within(tenant) as db:
            bodies = await db.fetch("select body from thing where tenant = $1 and id like 'account/%'", tenant)
        found = [read_thing("account", body) for (body,) in bodies]
        self._known[tenant] = {a.id: a for a in found if isinstance(a, Account)}
        self._put[tenant] = await self.secrets.changed_at(tenant)
        return [a for a in self._known[tenant].values() if not a.paused]

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The channel of an account, opened anew where it or a secret changed. Raises BadInput where it cannot be opened."""
        async with self._locks[tenant, account.id]:
            known = self._open.get((tenant, account.id))
            if known is not None and known.account == account and self._holds(known, tenant):
                return known.channel
            made = await self._tried(tenant, account, known)
            self._open[tenant, account.id] = made
        if known is not None and known.channel is not made.channel:
            self._let_go(known.channel)
        return made.channel

    def _let_go(self, channel: Channel) -> None:
        """Close a channel that another one has taken the place of, when what it is sending is done."""
        if isinstance(channel, Closes):
            task = asyncio.create_task(self._close_later(channel))
            self._closing[task] = channel
            task.add_done_callback(self._closing.pop)

    async def _close_later(self, channel: Closes) -> None:
        await asyncio.sleep(self.grace)
        await channel.aclose()

    def probed(self, tenant: int, account: str) -> Probe | None:
        """What the network said when the account was opened here."""
        known = self._open.get((tenant, account))
        return known.probe if known else None

    def _holds(self, known: Opened, tenant: int) -> bool:
        return known.stamp == self._stamp(tenant, known.account) and (known.until is None or self.clock.now() < known.until)

    def _stamp(self, tenant: int, account: Account) -> tuple[datetime, ...]:
        put = self._put.get(tenant, {})
        return tuple(put[name] for name in secrets_of(account) if name in put)

    async def _tried(self, tenant: int, account: Account, known: Opened | None) -> Opened:
        """The account opened with its new secrets; with the former ones where its network does not take the new."""
        if tenant not in self._put:
            self._put[tenant] = await self.secrets.changed_at(tenant)
        stamp, budget = self._stamp(tenant, account), await self.budgets.of(tenant, account.id)
        new, former = await self.secrets.both(tenant)
        channel = self._opened(account, new, budget, tenant)
        probe = await channel.probe()
        if probe.works:
            await self.secrets.settle(tenant, secrets_of(account))
            return Opened(account, channel, probe, stamp)
        names = secrets_of(account)
        if all(new.get(name) == former.get(name) for name in names):
            return Opened(account, channel, probe, stamp)
        again = self.clock.now() + TRY_AGAIN
        older = (
            known.channel if known is not None and known.account == account else self._opened(account, former, budget, tenant)
        )
        held = await older.probe()
        if not held.works:
            return Opened(account, channel, probe, stamp, again)
        if isinstance(channel, Closes):
            await channel.aclose()
        return Opened(account, older, _with_former(held, probe), stamp, again)

    async def verifiers(self, tenant: int, account: Account) -> list[Channel]:
        """The account opened to verify calls of its network; nothing is asked. While secrets change hands, there are two."""
        new, former = await self.secrets.both(tenant)
        budget = await self.budgets.of(tenant, account.id)
        names = secrets_of(account)
        pairs = [new] if all(new.get(name) == former.get(name) for name in names) else [new, former]
        return [self._opened(account, secrets, budget, tenant) for secrets in pairs]

    def fit(self, tenant: int, account: str, channel: str, text: str, reach: Reach, to: str) -> Fitted:
        """The parts that a text becomes on an account, by what is known of it now."""
        known = self._open.get((tenant, account))
        if known is not None:
            return known.channel.fit(text, reach, to)
        named = self._known.get(tenant, {}).get(account) or Account(account, channel)
        try:
            return self._opened(named, {}, Budget()).fit(text, reach, to)
        except BadInput:  # it needs what only opening it gives; its network says no more than the text's own length
            return Fitted((text,) if text.strip() else (), 0, Unit.CHARS)

    def carries(self, tenant: int, account: str, channel: str) -> MediaRules:
        """What files an account takes, by what is known of it now."""
        known = self._open.get((tenant, account))
        if known is not None:
            return known.channel.capabilities.media
        named = self._known.get(tenant, {}).get(account) or Account(account, channel)
        try:
            return self._opened(named, {}, Budget()).capabilities.media
        except BadInput:
            return MediaRules()

    def eligible(self, tenant: int, account: str, exchange: Exchange, now: datetime) -> Eligibility:
        """Whether the network's rules let us answer now; of an account that is not open here nobody can say."""
        known = self._open.get((tenant, account))
        return known.channel.eligible(Op.REPLY, exchange, now) if known else Eligibility(True)

    def window(self, tenant: int, account: str, channel: str, exchange: Exchange, now: datetime) -> Eligibility:
        """The same where the account is not open here: by what its network's channel says without asking anybody."""
        known = self._open.get((tenant, account))
        named = self._known.get(tenant, {}).get(account) or Account(account, channel)
        try:
            found = known.channel if known else self._opened(named, {}, Budget())
        except BadInput:
            return Eligibility(True)
        return found.eligible(Op.REPLY, exchange, now)

    def capabilities(self, tenant: int, account: str) -> Capabilities | None:
        """What is known of an account that is open here."""
        known = self._open.get((tenant, account))
        return known.channel.capabilities if known else None

    async def probe(self, account: Account, secrets: dict[str, str]) -> Probe:
        """Try an account that is not kept yet."""
        channel = self._opened(account, secrets, Budget())
        try:
            return await channel.probe()
        finally:
            if isinstance(channel, Closes):
                await channel.aclose()

    async def aclose(self) -> None:
        """Let go of everything that is open; may be called twice."""
        for known in self._open.values():
            if isinstance(known.channel, Closes):
                await known.channel.aclose()
        self._open.clear()
        for task, channel in list(self._closing.items()):
            task.cancel()
            await channel.aclose()
        await self.http.aclose()
        await self.sandbox.aclose()

    def _opened(self, account: Account, secrets: dict[str, str], budget: Budget, tenant: int = 0) -> Channel:
        async def stopped(handle: str) -> bool:
            async with self.within(tenant) as db:
                return await has_stopped(db, tenant, handle)

        def secret(name: str) -> str:
            key = name.removeprefix(SECRET)
            if key not in secrets:
                raise BadInput(
                    f"account {account.id!r} names the secret {key!r}, which nobody gave: set it on the accounts page"
                )
            return secrets[key]

        kept = self.secrets.kept(tenant, account.id) if tenant else Kept()
        means = Means(self.clock, secret, self.http, self.sandbox, budget, self.tls, stopped, self.proxy, kept)
        return self.find(account.channel).open(account, means)


def secrets_of(account: Account) -> list[str]:
    """The names of the secrets that an account's settings name."""
    return sorted(value.removeprefix(SECRET) for value in account.settings.values() if value.startswith(SECRET))


def _with_former(held: Probe, refused: Probe) -> Probe:
    """The health of an account that goes on with its former credentials: it works, and people must know."""
    es = f"Sigue con la credencial anterior: la red no acepta la nueva. {refused.health.es}"
    en = f"It goes on with the former credential: the network does not take the new one. {refused.health.en}"
    return msgspec.structs.replace(held, health=Wording(es, en))
