"""Credentials of networks: sealed in the database, opened only to open a channel, never shown, exchanged without a pause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys

PUT = """insert into secret (tenant, name, sealed) values ($1, $2, $3)
on conflict (tenant, name) do update set sealed = excluded.sealed, at = clock_timestamp(),
former = coalesce(secret.former, secret.sealed)"""


@dataclass(slots=True)
class Secrets:
    """A secret that is put in place of another has the former beside it until a network has taken the new one."""

    within: Within
    keys: Keys

    async def put(self, tenant: int, name: str, value: str) -> None:
        """Keep a secret under a name, in place of an earlier one."""
        sealed = self.keys.wrap_secret(tenant, name, value.encode())
        async with self.within(tenant) as db:
            await db.execute(PUT, tenant, name, sealed)

    async def of(self, tenant: int) -> dict[str, str]:
        """Every secret of a tenant, by name."""
        return (await self.both(tenant))[0]

    async def both(self, tenant: int) -> tuple[dict[str, str], dict[str, str]]:
        """Every secret by name; and the same with the former ones in place of those that no network has taken yet."""
        async with self.within(tenant) as db:
            kept = await db.fetch("select name, sealed, former from secret where tenant = $1", tenant)
        now = {name: self._opened(tenant, name, sealed) for name, sealed, _ in kept}
        return now, now | {name: self._opened(tenant, name, former) for name, _, former in kept if former is not None}

    async def settle(self, tenant: int, names: Collection[str]) -> None:
        """Forget the former ones of these: the network took the new ones."""
        async with self.within(tenant) as db:
            forget = "update secret set former = null where tenant = $1 and name = any($2::text[]) and former is not null"
            await db.execute(forget, tenant, list(names))

    async def changed_at(self, tenant: int) -> dict[str, datetime]:
        """When each secret was put, by name."""
        async with self.within(tenant) as db:
            return dict(await db.fetch("select name, at from secret where tenant = $1", tenant))

    def _opened(self, tenant: int, name: str, sealed: bytes) -> str:
        return self.keys.unwrap_secret(tenant, name, sealed).decode()
