-- The ledger: entries are appended and never changed; what people wrote lies beside them, sealed with a key that can be destroyed.
-- What is found by an id or a digest has a key that begins with it, not with tenant: see 0004_views.sql.

-- One row per tenant, locked by whoever appends; `epoch` rises with each lease, so a worker that was cut off cannot commit.
create table head(
  tenant      int primary key,
  seq         bigint not null default 0,
  epoch       bigint not null default 0,
  holder      text,
  lease_until timestamptz) with (fillfactor = 10);

create table entry(
  tenant    int not null,
  seq       bigint not null,
  at        timestamptz not null,
  id        uuid not null,
  subject   uuid not null,
  kind      smallint not null,
  source    text collate "C",
  source_id text collate "C",
  body      bytea not null,
  leaf      bytea not null,
  primary key (tenant, seq)) with (autovacuum_analyze_threshold = 200);
create unique index entry_source on entry(source_id, source, tenant) where source_id is not null;

create table content(
  tenant     int not null,
  seq        bigint not null,
  owner      uuid not null,
  sealed     bytea not null,
  commitment bytea not null,  -- stays when the key is destroyed: every proof still verifies
  primary key (seq, tenant)) with (autovacuum_analyze_threshold = 200);

-- The key of a handle, wrapped by the tenant's key; `name` is the keyed digest of the handle's name.
create table key(
  tenant  int not null,
  owner   uuid not null,
  name    bytea not null,
  wrapped bytea not null,
  primary key (owner, tenant),
  unique (name, tenant)) with (autovacuum_analyze_threshold = 200);

create table cursor(
  tenant int not null,
  name   text collate "C" not null,
  seq    bigint not null,
  done   bigint not null default 0,
  primary key (tenant, name)) with (fillfactor = 10);

-- How far an account's network was read.
create table position(
  tenant  int not null,
  account text collate "C" not null,
  cursor  bytea not null,
  at      timestamptz not null,
  primary key (tenant, account)) with (fillfactor = 50);

-- The Merkle tree's right edge at `size` leaves.
create table tree(
  tenant int primary key,
  size   bigint not null,
  range  bytea not null) with (fillfactor = 50);

create table checkpoint(
  tenant int not null,
  size   bigint not null,
  root   bytea not null,
  at     timestamptz not null,
  note   text not null default '',
  primary key (tenant, size));

-- Our own copies of media, by SHA-256.
create table blob(
  tenant int not null,
  hash   bytea not null,
  type   text not null,
  size   bigint not null,
  data   bytea not null,
  at     timestamptz not null default now(),
  primary key (hash, tenant));
alter table blob alter column data set storage external;

select raise_wall('head', 'select, insert, update'), raise_wall('entry', 'select, insert'), raise_wall('content', 'select, insert'),
       raise_wall('key'), raise_wall('cursor'), raise_wall('position'), raise_wall('tree'),
       raise_wall('checkpoint', 'select, insert'), raise_wall('blob');

-- Not even the owner changes what happened.
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is only appended to: % of % refused', lower(tg_op), tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger append_only before update or delete on entry for each row execute function refuse_change();
create trigger append_only_whole before truncate on entry for each statement execute function refuse_change();
