"""Walls: what in the catalogue of a database would let one tenant see another. Asked by a test and by `rapport check`."""

import asyncpg

# Tables without a tenant, or whose policy is their own: the directory, and the list of migrations.
OPEN = {"migration", "tenant"}

_TABLES = """
select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
  exists (select from pg_policy p where p.polrelid = c.oid and p.polcmd = '*' and p.polpermissive
          and pg_get_expr(p.polqual, p.polrelid) like '%app.tenants%'
          and pg_get_expr(p.polwithcheck, p.polrelid) like '%app.tenants%') as walled,
  (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
  exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant' and a.attnotnull) as has_tenant,
  exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
          where i.indrelid = c.oid and i.indisprimary and a.attname = 'tenant') as keyed,
  has_table_privilege('rapport_app', c.oid, 'truncate') as may_truncate,
  has_table_privilege('rapport_app', c.oid, 'update') or has_table_privilege('rapport_app', c.oid, 'delete') as may_change,
  pg_has_role('rapport_app', c.relowner, 'member') as owned
from pg_class c where c.relkind in ('r', 'p', 'm', 'v') and c.relnamespace = current_schema()::regnamespace order by c.relname
"""
_ROLE = """
select rolsuper or rolbypassrls as passes, rolcreaterole or rolcreatedb as creates from pg_roles where rolname = 'rapport_app'
"""


async def holes(db: asyncpg.Connection) -> list[str]:
    """Every hole in the walls, one sentence each; empty: there is none."""
    found = []
    role = await db.fetchrow(_ROLE)
    if role is None:
        return ["there is no role rapport_app: run `rapport migrate`"]
    if role["passes"]:
        found.append("role rapport_app passes through walls: alter role rapport_app nosuperuser nobypassrls")
    if role["creates"]:
        found.append("role rapport_app may make roles or databases: alter role rapport_app nocreaterole nocreatedb")
    for table in await db.fetch(_TABLES):
        found += _holes_of(table)
    return found


def _holes_of(table: asyncpg.Record) -> list[str]:
    name = table["relname"]
    found = []
    if table["owned"]:
        found.append(f"{name} belongs to the application's role")
    if table["may_truncate"]:
        found.append(f"{name} may be emptied by the application")
    if name in ("entry", "content", "checkpoint", "migration") and table["may_change"]:
        found.append(f"{name} may be changed by the application")
    if name in OPEN:
        return found
    if not table["has_tenant"] or not table["keyed"]:
        found.append(f"{name} has no tenant in its key")
    if not table["forced"]:
        found.append(f"{name} has no forced row-level security")
    if not table["walled"] or table["policies"] != 1:
        found.append(f"{name} needs the one policy that asks app.tenants, and no other")
    return found
