-- Bursts and the plan for each, and who is asked to work at another time (docs/workforce.md).
create table burst(
  tenant   int not null,
  id       uuid not null,
  since    timestamptz not null,
  seen_at  timestamptz not null,
  kind     text not null default 'real',
  usual    double precision not null default 0,
  came     bigint not null default 0,
  above    bigint not null default 0,
  to_come  bigint not null default 0,
  lasts    double precision not null default 0,
  held     bigint not null default 0,
  voices  bigint not null default 0,
  people   bigint not null default 1,
  waits    double precision not null default 0,
  ended_at timestamptz,
  taken    jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
-- Partial, so that no look-up by id takes them for its way.
create index burst_newest on burst(tenant, since desc) where kind <> '';

create table shift_ask(
  tenant      int not null,
  id          uuid not null,
  kind        text not null,
  agent       text collate "C" not null,
  "to"        text collate "C" not null,
  day         text not null,
  begin       bigint not null,
  "end"       bigint not null,
  until       timestamptz not null,
  at          timestamptz not null,
  back_day    text not null default '',
  back_begin  bigint not null default 0,
  back_end    bigint not null default 0,
  burst       uuid,
  state       text not null default 'asked',
  by          text not null default '',
  why         text not null default '',
  answered_at timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index shift_ask_newest on shift_ask(tenant, at desc) where kind <> '';

select raise_wall(name::regclass) from unnest(array['burst', 'shift_ask']) as name;

-- How agents stood, for adherence: each row lasts until the agent's next one.
create table presence_was(
  tenant   int not null,
  id       uuid not null,
  agent    text collate "C" not null,
  presence text not null,
  since    timestamptz not null,
  primary key (id, tenant)) with (fillfactor = 90, autovacuum_analyze_threshold = 200);
create index presence_was_since on presence_was(tenant, since desc) where presence <> '';
create index presence_was_agent on presence_was(agent, tenant, since desc);

select raise_wall('presence_was'::regclass);
