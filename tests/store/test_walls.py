"""Walls: a tenant sees and writes its own rows, whatever a query says."""

import asyncpg
import pytest

from rapport.store.connecting import open_connection
from rapport.store.pool import set_tenants
from rapport.store.walls import holes

pytestmark = pytest.mark.anyio

NOTE = "insert into secret(tenant, name, sealed) values ($1, 'note', 'x')"


@pytest.fixture
async def owner(database_url):
    db = await open_connection(database_url, as_owner=True)
    yield db
    await db.close()


async def test_there_is_no_hole(owner):
    assert await holes(owner) == []


async def test_a_table_without_a_wall_is_found(owner):
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("create table gap(tenant int not null, id int, primary key (tenant, id))")

    found = await holes(owner)

    await transaction.rollback()
    assert found == ["gap has no forced row-level security", "gap needs the one policy that asks app.tenants, and no other"]


async def test_a_role_that_passes_walls_is_found(owner):
    transaction = owner.transaction()
    await transaction.start()
    await owner.execute("alter role rapport_app bypassrls")

    found = await holes(owner)

    await transaction.rollback()
    assert found == ["role rapport_app passes through walls: alter role rapport_app nosuperuser nobypassrls"]


async def test_we_are_neither_owner_nor_superuser(store, tenant):
    async with store.within(tenant) as db:
        row = await db.fetchrow(
            "select current_user::text as role, rolsuper, rolbypassrls from pg_roles where rolname = current_user"
        )

    assert tuple(row) == ("rapport_app", False, False)


async def test_a_swapped_tenant_reads_nothing(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    async with store.within(one) as db:
        await db.execute(NOTE, one)

    async with store.within(other) as db:
        asked = await db.fetch("select * from secret where tenant = $1", one)
        unasked = await db.fetch("select * from secret")

    assert (asked, unasked) == ([], [])


async def test_a_swapped_tenant_changes_nothing(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    async with store.within(one) as db:
        await db.execute(NOTE, one)

    async with store.within(other) as db:
        changed = await db.execute("update secret set sealed = 'y'")
        dropped = await db.execute("delete from secret where tenant = $1", one)

    assert (changed, dropped) == ("UPDATE 0", "DELETE 0")


async def test_a_row_for_another_tenant_cannot_be_written(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with store.within(other) as db:
            await db.execute(NOTE, one)


async def test_a_row_cannot_be_moved_to_another_tenant(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    async with store.within(one) as db:
        await db.execute(NOTE, one)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        async with store.within(one) as db:
            await db.execute("update secret set tenant = $1", other)


async def test_a_connection_without_a_tenant_fails_closed(database_url):
    db = await open_connection(database_url)

    with pytest.raises(asyncpg.UndefinedObjectError, match=r"app\.tenants"):
        await db.fetch("select * from secret")

    await db.close()


async def test_the_tenant_does_not_outlive_its_transaction(database_url):
    db = await open_connection(database_url)
    await db.execute("begin; set local app.tenants = '{1}'; commit")

    with pytest.raises(asyncpg.InvalidTextRepresentationError):
        await db.fetch("select * from secret")

    await db.close()


async def test_several_tenants_can_be_named_at_once(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    async with store.within([one, other]) as db:
        await db.execute(NOTE, one)
        await db.execute(NOTE, other)

        assert await db.fetchval("select count(*) from secret") == 2


async def test_the_walls_of_an_own_connection_can_be_moved(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()
    db = await store.connect(one)
    await db.execute(NOTE, one)

    await set_tenants(db, other)

    assert await db.fetch("select * from secret") == []
    await db.close()


async def test_the_role_cannot_be_left(store, tenant):
    with pytest.raises(asyncpg.PostgresError):
        async with store.within(tenant) as db:
            await db.execute("alter table secret disable row level security")


@pytest.mark.parametrize("what", ["update entry set kind = 1", "delete from entry", "truncate entry", "delete from content"])
async def test_the_application_cannot_change_the_ledger(store, tenant, what):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with store.within(tenant) as db:
            await db.execute(what)


@pytest.mark.parametrize("what", ["update entry set kind = 1", "delete from entry", "truncate entry"])
async def test_not_even_the_owner_changes_an_entry(owner, tenant, what):
    transaction = owner.transaction()
    await transaction.start()
    await set_tenants(owner, tenant)
    await owner.execute(
        "insert into entry(tenant, seq, at, id, subject, kind, body, leaf) values ($1, 1, now(), $2, $2, 1, '', '')",
        tenant,
        bytes(16),
    )

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="only appended to"):
        await owner.execute(what)

    await transaction.rollback()


async def test_everybody_sees_the_directory_and_nobody_renames_another(store, new_tenant):
    one, other = await new_tenant(), await new_tenant()

    async with store.within(one) as db:
        names = await db.fetch("select name from tenant where id = any($1)", [one, other])
        renamed = await db.execute("update tenant set name = 'mine' where id = $1", other)

    assert (len(names), renamed) == (2, "UPDATE 0")
