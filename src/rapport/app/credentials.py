"""Credentials of networks: sealed in the database, opened only to open a channel, never shown, exchanged without a pause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

import asyncpg

from rapport.channels.kept import Kept
from rapport.errors import StoreError, Unavailable
from rapport.ledger.intake import Within
from rapport.ledger.seal import Keys

PUT = """insert into secret (tenant, name, sealed) values ($1, $2, $3)
on conflict (tenant, name) do update set sealed = excluded.sealed, at = clock_timestamp(),
former = coalesce(secret.former, secret.sealed)"""
GIVEN = """insert into secret (tenant, name, sealed) values ($1, $2, $3)
on conflict (tenant, name) do update set sealed = excluded.sealed, at = clock_timestamp()"""
AWAY = (StoreError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


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

    def kept(self, tenant: int, account: str) -> Kept:
        """What a network gave an account for the next time, kept under names that no setting can say."""
        return Kept(partial(self._read, tenant, account), partial(self._write, tenant, account))

    async def _read(self, tenant: int, account: str, name: str, credential: str) -> str:
        place = _place(account, name)
        try:
            async with self.within(tenant) as db:
                sealed = await db.fetchval("select sealed from secret where tenant = $1 and name = $2", tenant, place)
        except AWAY as error:
            raise Unavailable(f"what the network gave cannot be read now: {type(error).__name__}") from error
        digest, _, value = self._opened(tenant, place, sealed).partition(" ") if sealed else ("", "", "")
        return value if digest == _digest(credential) else ""

    async def _write(self, tenant: int, account: str, name: str, credential: str, value: str) -> None:
        place = _place(account, name)
        sealed = self.keys.wrap_secret(tenant, place, f"{_digest(credential)} {value}".encode())
        try:
            async with self.within(tenant) as db:
                await db.execute(GIVEN, tenant, place, sealed)
        except AWAY as error:
            raise Unavailable(f"what the network gave cannot be kept now: {type(error).__name__}") from error

    def _opened(self, tenant: int, name: str, sealed: bytes) -> str:
        return self.keys.unwrap_secret(tenant, name, sealed).decode()


def _place(account: str, name: str) -> str:
    return f"~{account}/{name}"


def _digest(credential: str) -> str:
    return sha256(credential.encode()).hexdigest()
