"""Migrations: numbered .sql files, each applied once, in order, in a transaction of its own, by the owner of the database."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from rapport.errors import StoreError
from rapport.store.connecting import first_line, open_connection

LOCK = 0x5241_5050_4F52_54  # "RAPPORT": two starts at once wait for each other
TABLE = """create table if not exists migration(
  number int primary key, name text not null, checksum text not null, at timestamptz not null default now())"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file. `checksum` is the SHA-256 of its text."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """What must not change once it was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations() -> list[Migration]:
    """All that this program brings, in order."""
    found = [file for file in files("rapport.store").joinpath("migrations").iterdir() if file.name.endswith(".sql")]
    return sorted(
        (Migration(int(f.name.split("_", 1)[0]), f.name, f.read_text(encoding="utf-8")) for f in found), key=lambda m: m.number
    )


async def migrate(url: str, brought: list[Migration] | None = None) -> list[str]:
    """Bring the database to what this program needs; the names that were applied. Raises StoreError, nothing half-done."""
    ours = migrations() if brought is None else brought
    db = await open_connection(url, as_owner=True)
    try:
        await db.execute("select pg_advisory_lock($1)", LOCK)
        try:
            await db.execute(TABLE)
        except asyncpg.InsufficientPrivilegeError:
            raise StoreError("the user of RAPPORT_DATABASE_URL may not make tables: let it own the database") from None
        known = {row["number"]: row for row in await db.fetch("select number, name, checksum from migration")}
        check(known, ours)
        applied = []
        for migration in ours:
            if migration.number not in known:
                await apply(db, migration)
                applied.append(migration.name)
        if applied:
            await db.execute("analyze")  # a table that was never analysed gets plans that walk the whole tenant
        return applied
    finally:
        await db.close()


async def check_migrated(db: asyncpg.Connection) -> None:
    """Raise StoreError where the database is not what this program needs. Any role may ask."""
    if await db.fetchval("select to_regclass('migration')") is None:
        raise StoreError("the database is empty: run `rapport migrate`")
    ours = migrations()
    known = {row["number"]: row for row in await db.fetch("select number, name, checksum from migration")}
    check(known, ours)
    if missing := [migration.name for migration in ours if migration.number not in known]:
        raise StoreError(f"the database is older than this program (it lacks {', '.join(missing)}): run `rapport migrate`")


def check(known: dict[int, asyncpg.Record], ours: list[Migration]) -> None:
    """Refuse a database that a newer program has changed, and files that are not those that were applied."""
    brought = {migration.number: migration for migration in ours}
    newer = [row["name"] for number, row in known.items() if number not in brought]
    if newer:
        raise StoreError(f"the database is newer than this program (it has {', '.join(newer)}): install the newer Rapport")
    for number, row in known.items():
        if row["checksum"] != brought[number].checksum:
            raise StoreError(
                f"{brought[number].name} is not what was applied to this database: install Rapport as it was released"
            )


async def apply(db: asyncpg.Connection, migration: Migration) -> None:
    """Run one file and note it, or neither."""
    try:
        async with db.transaction():
            await db.execute(migration.sql)
            await db.execute(
                "insert into migration(number, name, checksum) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.checksum,
            )
    except asyncpg.InsufficientPrivilegeError as error:
        hint = "ask its administrator for: create role rapport_app nologin; grant rapport_app to the user of the url"
        raise StoreError(f"{migration.name} needs rights that we do not have ({first_line(error)}): {hint}") from None
    except asyncpg.PostgresError as error:
        raise StoreError(f"{migration.name} cannot be applied, nothing of it was: {first_line(error)}") from error
