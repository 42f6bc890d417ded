-- The role that everything runs as (neither owner nor superuser: both pass through walls), and the wall that every table gets.

do $$
begin
  if not exists (select from pg_roles where rolname = 'rapport_app') then
    create role rapport_app nologin;
  end if;
exception when duplicate_object or unique_violation then null;  -- made by another database's migration at this moment
end $$;

do $$
begin
  execute format('grant rapport_app to %I', current_user);  -- who made the role may not yet become it (PostgreSQL 16 and newer)
exception when insufficient_privilege then
  if not pg_has_role(current_user, 'rapport_app', 'member') then raise; end if;
end $$;

grant usage on schema public to rapport_app;

-- Rows are seen and written only for the tenants that the transaction names in app.tenants; where it names none, that is an error.
create function raise_wall(name regclass, allowed text default 'select, insert, update, delete') returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', name);
  execute format('alter table %s force row level security', name);
  execute format('create policy wall on %s
    using      (tenant = any ((select current_setting(''app.tenants'')::int[])::int[]))
    with check (tenant = any ((select current_setting(''app.tenants'')::int[])::int[]))', name);
  execute format('grant %s on %s to rapport_app', allowed, name);
end $$;
revoke execute on function raise_wall from public;

-- The directory: everybody may see which tenants there are, and change only their own.
create table tenant(
  id         int primary key,
  name       text not null unique,
  created_at timestamptz not null default now());
alter table tenant enable row level security;
alter table tenant force row level security;
create policy directory on tenant for select using (true);
create policy wall on tenant for insert with check (id = any ((select current_setting('app.tenants')::int[])::int[]));
create policy rename on tenant for update using (id = any ((select current_setting('app.tenants')::int[])::int[]));
grant select, insert, update (name) on tenant to rapport_app;
grant select on migration to rapport_app;
