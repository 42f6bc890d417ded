-- What acts by itself: playbooks and rules by version, playbooks under way, tasks (conversations/playbooks/view.py).

create table edition(
  tenant int not null,
  id     text collate "C" not null,
  body   bytea not null,
  at     timestamptz not null,
  primary key (tenant, id)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table run(
  tenant   int not null,
  id       uuid not null,
  playbook text not null,
  edition  bigint not null,
  begun_at timestamptz not null,
  by       text not null default '',
  done     jsonb not null default '{}',
  values   jsonb not null default '{}',
  strayed  jsonb not null default '[]',
  ended_at timestamptz,
  missed   jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index run_going on run(tenant, begun_at) where ended_at is null;

create table task(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  text         text not null,
  "to"         text not null,
  at           timestamptz not null,
  by           text not null default '',
  done_at      timestamptz,
  done_by      text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index task_of   on task(conversation, tenant, at);
create index task_open on task(tenant, at) where done_at is null;

select raise_wall(name::regclass) from unnest(array['edition', 'run', 'task']) as name;

-- The clocks of service targets (conversations/targets/view.py).
create table service(
  tenant int not null,
  id     uuid not null,
  clocks jsonb not null default '{}',
  near   boolean not null default false,
  late   boolean not null default false,
  open   boolean not null default true,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index service_open on service(tenant, id) where open;

select raise_wall('service'::regclass);

-- Bots at work, and calls to other systems (conversations/bots/view.py, conversations/errands/view.py).
create table turn(
  tenant  int not null,
  id      uuid not null,
  agent   text not null,
  repeats bigint not null default 0,
  said    jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table errand(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  hook         text not null,
  event        text not null,
  body         text not null,
  at           timestamptz not null,
  agent        text not null default '',
  open         boolean not null default true,
  status       bigint not null default 0,
  tries        bigint not null default 0,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index errand_open on errand(tenant, at) where open;

select raise_wall(name::regclass) from unnest(array['turn', 'errand']) as name;
