-- Quality reviews (measures/quality/view.py): what was drawn, what waits to be reviewed, and what reviewers said.
create table sample(
  tenant       int not null,
  id           uuid not null,
  plan         text not null,
  version      text not null,
  scorecard    text not null,
  card_version text not null,
  starts       timestamptz not null,
  ends         timestamptz not null,
  at           timestamptz not null,
  by           text not null,
  seq          bigint not null,
  seed         text not null,
  digest       text not null,
  candidates   bigint not null,
  asked        bigint not null,
  picked       bigint not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index sample_newest on sample(tenant, starts desc) where plan <> '';

create table reviewable(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  agent        text not null,
  at           timestamptz not null,
  scorecard    text not null,
  version      text not null,
  kind         text not null,
  wanted       bigint not null,
  sample       uuid,
  why          jsonb not null default '[]',
  given        jsonb not null default '[]',
  state        text not null default 'open',
  ended_at     timestamptz,
  ended_by     text not null default '',
  reason       text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index reviewable_open   on reviewable(tenant, at, id) where state = 'open';
create index reviewable_ended  on reviewable(tenant, ended_at desc) where state <> 'open';
create index reviewable_drawn  on reviewable(sample, tenant) where sample is not null;
create index reviewable_of     on reviewable(conversation, tenant);

create table review(
  tenant       int not null,
  id           uuid not null,
  item         uuid not null,
  conversation uuid not null,
  agent        text not null,
  reviewer     text not null,
  at           timestamptz not null,
  answers      jsonb not null default '{}',
  score        double precision,
  fatal        boolean not null,
  passed       boolean not null,
  evidence     jsonb not null default '{}',
  notes        jsonb not null default '{}',
  coaching     text not null default '',
  counts       boolean not null default true,
  seen_at      timestamptz,
  appeal       text not null default '',
  appealed_at  timestamptz,
  answer       text not null default '',
  answered_at  timestamptz,
  answered_by  text not null default '',
  verdict      text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index review_item     on review(item, tenant);
create index review_of       on review(conversation, tenant);
create index review_agent    on review(tenant, agent, at desc) where agent <> '';
create index review_reviewer on review(tenant, reviewer, at desc) where reviewer <> '';
create index review_appealed on review(tenant, appealed_at) where appealed_at is not null and answered_at is null;

select raise_wall(name::regclass) from unnest(array['sample', 'reviewable', 'review']) as name;
