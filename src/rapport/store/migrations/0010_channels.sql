-- What the widened port brings: what becomes of messages afterwards, operations on them, budgets, and how channels fare.
create table sequel(
  tenant     int not null,
  id         uuid not null,
  account    text not null,
  key        text not null,
  message    uuid,
  outgoing   uuid,
  handle     uuid,
  versions   jsonb not null default '[]',
  deleted_at timestamptz,
  deleted_by text not null default '',
  hidden_by  text not null default '',
  reactions  jsonb not null default '{}',
  ours       jsonb not null default '[]',
  delivery   text not null default 'queued',
  reason     text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

alter table outgoing
  add column op       text not null default '',
  add column target   text not null default '',
  add column by       text not null default '',
  add column delivery text not null default 'queued',
  add column anew     bigint not null default 0;

select raise_wall('sequel'::regclass);

-- How each account fares, as the worker last saw it. `ops`: what it can do to a message that is there.
alter table account_health
  add column health_es    text not null default '',
  add column health_en    text not null default '',
  add column name         text not null default '',
  add column ops          text[] not null default '{}',
  add column reads_back   boolean not null default true,
  add column pulls        boolean not null default false,
  add column pushes       boolean not null default false,
  add column expires      timestamptz,
  add column probed_at    timestamptz,
  add column last_fetched timestamptz,
  add column last_pushed  timestamptz,
  add column hinted_at    timestamptz,
  add column rejected     bigint not null default 0,
  add column rejected_at  timestamptz,
  add column gaps         bigint not null default 0,
  add column gap_at       timestamptz,
  add column silent_since timestamptz,
  add column silent_chance double precision;

-- What is left of what networks let an account ask and spend, kept over restarts.
create table budget(
  tenant    int not null,
  account   text collate "C" not null,
  name      text collate "C" not null,
  most      double precision not null,
  seconds   double precision not null,
  "left"    double precision not null,
  resets_at timestamptz not null,
  at        timestamptz not null,
  primary key (tenant, account, name)) with (fillfactor = 50);

-- In how many slots of five minutes of each hour an account brought anything; a silence is judged by it.
create table heard_hour(
  tenant  int not null,
  account text collate "C" not null,
  hour    timestamptz not null,
  slots   int not null,
  last_at timestamptz not null,
  primary key (tenant, account, hour)) with (fillfactor = 50);

select raise_wall('budget'::regclass), raise_wall('heard_hour'::regclass);

-- A credential that replaces another has the former beside it until its network has taken the new one.
alter table secret
  add column former bytea,
  add column at     timestamptz not null default now();

-- What networks pushed that a worker must complete with its files first: verified, sealed, durable before the network is answered.
create table pushed(
  tenant  int not null,
  id      uuid not null default gen_random_uuid(),
  account text collate "C" not null,
  at      timestamptz not null default clock_timestamp(),
  tries   int not null default 0,
  sealed  bytea not null,
  primary key (tenant, id)) with (autovacuum_analyze_threshold = 200);

select raise_wall('pushed'::regclass);
