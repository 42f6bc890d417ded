-- What stands beside the ledger: leases, secrets, people who log in. None of it is a view; a rebuild leaves it alone.

-- Who is sending an outgoing part now; the attempt number is the fence.
create table sending(
  tenant      int not null,
  id          uuid not null,
  attempt     int not null default 0,
  lease_until timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table secret(
  tenant int not null,
  name   text collate "C" not null,
  sealed bytea not null,
  primary key (tenant, name));

-- What an agent is writing now: their draft survives a reload, and a second agent sees it.
create table typing(
  tenant       int not null,
  conversation uuid not null,
  agent        text collate "C" not null,
  at           timestamptz not null,
  text         text not null default '',
  primary key (conversation, agent, tenant)) with (fillfactor = 70);

create table login(
  tenant      int not null,
  id          text collate "C" not null,
  email       text not null,
  name        text not null default '',
  password    text not null default '',
  role        text not null default 'agent',
  language    text not null default '',
  created_at  timestamptz not null default now(),
  last_at     timestamptz,
  disabled_at timestamptz,
  primary key (tenant, id)) with (fillfactor = 80);
create unique index login_email on login(tenant, lower(email));

create table session(
  tenant     int not null,
  id         bytea not null,
  login      text collate "C" not null,
  created_at timestamptz not null,
  last_at    timestamptz not null,
  expires_at timestamptz not null,
  csrf       text not null default '',
  primary key (id, tenant)) with (fillfactor = 70);
create index session_login on session(tenant, login) where login <> '';

create table token(
  tenant     int not null,
  id         text collate "C" not null,
  hash       bytea not null,
  name       text not null default '',
  role       text not null,
  agent      text not null default '',
  created_at timestamptz not null,
  last_at    timestamptz,
  revoked_at timestamptz,
  primary key (tenant, id)) with (fillfactor = 70);

-- What was answered to a request with an Idempotency-Key.
create table idempotency(
  tenant int not null,
  key    text collate "C" not null,
  at     timestamptz not null,
  status int not null,
  answer bytea not null,
  primary key (key, tenant)) with (autovacuum_analyze_threshold = 200);
create index idempotency_age on idempotency(tenant, at) where at is not null;

create table account_health(
  tenant     int not null,
  account    text collate "C" not null,
  ok         boolean not null,
  at         timestamptz not null,
  detail     text not null default '',
  last_heard timestamptz,
  primary key (tenant, account)) with (fillfactor = 50);

select raise_wall(name::regclass)
from unnest(array['sending', 'secret', 'typing', 'login', 'session', 'token', 'idempotency', 'account_health']) as name;
