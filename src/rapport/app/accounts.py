"""Accounts of the centre as open channels, and the secrets that open them."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field

import httpx

from rapport.channels.channel import Capabilities, Channel, Closes, Fitted, Means, Probe, Unit
from rapport.channels.registry import network
from rapport.channels.sandbox import Sandbox
from rapport.clock import Clock
from rapport.errors import BadInput
from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys
from rapport.model.centre import Account, read_thing
from rapport.model.message import Reach

SECRET = "secret:"


@dataclass(slots=True)
class Secrets:
    """Credentials of networks: sealed in the database, opened only to open a channel, never shown."""

    within: Within
    keys: Keys

    async def put(self, tenant: int, name: str, value: str) -> None:
        """Keep a secret under a name, in place of an earlier one."""
        sealed = self.keys.wrap_secret(tenant, name, value.encode())
        async with self.within(tenant) as db:
            await db.execute(
                "insert into secret (tenant, name, sealed) values ($1, $2, $3)"
                " on conflict (tenant, name) do update set sealed = excluded.sealed",
                tenant,
                name,
                sealed,
            )

    async def of(self, tenant: int) -> dict[str, str]:
        """Every secret of a tenant, by name."""
        async with self.within(tenant) as db:
            kept = await db.fetch("select name, sealed from secret where tenant = $1", tenant)
        return {name: self.keys.unwrap_secret(tenant, name, sealed).decode() for name, sealed in kept}


@dataclass(slots=True)
class Accounts:
    """Opens each account's channel once, and again when the centre says it otherwise."""

    within: Within
    clock: Clock
    secrets: Secrets
    http: httpx.AsyncClient
    sandbox: Sandbox
    _open: dict[tuple[int, str], tuple[Account, Channel]] = field(default_factory=dict)
    _known: dict[int, dict[str, Account]] = field(default_factory=dict)
    _locks: defaultdict[tuple[int, str], asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def accounts(self, tenant: int) -> list[Account]:
        """The accounts that are not paused."""
        async with self.within(tenant) as db:
            bodies = await db.fetch("select body from thing where tenant = $1 and id like 'account/%'", tenant)
        found = [read_thing("account", body) for (body,) in bodies]
        self._known[tenant] = {a.id: a for a in found if isinstance(a, Account)}
        return [a for a in self._known[tenant].values() if not a.paused]

    async def channel(self, tenant: int, account: Account) -> Channel:
        """The channel of an account. Raises BadInput where it cannot be opened."""
        async with self._locks[tenant, account.id]:
            known = self._open.get((tenant, account.id))
            if known is not None and known[0] == account:
                return known[1]
            secrets = await self.secrets.of(tenant)
            channel = self._opened(account, secrets)
            await channel.probe()
            self._open[tenant, account.id] = account, channel
        if known is not None and isinstance(known[1], Closes):
            await known[1].aclose()
        return channel

    def fit(self, tenant: int, account: str, channel: str, text: str, reach: Reach, to: str) -> Fitted:
        """The parts that a text becomes on an account, by what is known of it now."""
        known = self._open.get((tenant, account))
        if known is not None:
            return known[1].fit(text, reach, to)
        named = self._known.get(tenant, {}).get(account) or Account(account, channel)
        try:
            return self._opened(named, {}).fit(text, reach, to)
        except BadInput:  # it needs what only opening it gives; its network says no more than the text's own length
            return Fitted((text,) if text.strip() else (), 0, Unit.CHARS)

    def capabilities(self, tenant: int, account: str) -> Capabilities | None:
        """What is known of an account that is open here."""
        known = self._open.get((tenant, account))
        return known[1].capabilities if known else None

    async def probe(self, account: Account, secrets: dict[str, str]) -> Probe:
        """Try an account that is not kept yet."""
        channel = self._opened(account, secrets)
        try:
            return await channel.probe()
        finally:
            if isinstance(channel, Closes):
                await channel.aclose()

    async def aclose(self) -> None:
        """Let go of everything that is open; may be called twice."""
        for _, channel in self._open.values():
            if isinstance(channel, Closes):
                await channel.aclose()
        self._open.clear()
        await self.http.aclose()
        await self.sandbox.aclose()

    def _opened(self, account: Account, secrets: dict[str, str]) -> Channel:
        def secret(name: str) -> str:
            key = name.removeprefix(SECRET)
            if key not in secrets:
                raise BadInput(
                    f"account {account.id!r} names the secret {key!r}, which nobody gave: set it on the accounts page"
                )
            return secrets[key]

        return network(account.channel).open(account, Means(self.clock, secret, self.http, self.sandbox))
