-- What agents correct, and readers that learnt from it (understanding/view.py).
alter table message
  add column sure         double precision not null default 0,
  add column evidence     jsonb not null default '[]',
  add column read_by      text not null default '',
  add column corrected_by text not null default '',
  add column personal     jsonb not null default '[]';
-- What kinds of personal data came, and how often: counts on a page, never a value.
create index message_personal on message(tenant, at desc) where personal <> '[]';

create table correction(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  handle       uuid,
  agent        text not null,
  at           timestamptz not null,
  intent       text not null default '',
  emotion      text not null default '',
  urgency      text not null default '',
  was_intent   text not null default '',
  was_emotion  text not null default '',
  step         double precision not null default 0,
  version      text not null default '',
  votes        jsonb not null default '{}',
  traces       bytea not null default '',
  learns       boolean not null default true,
  primary key (id, tenant)) with (fillfactor = 90, autovacuum_analyze_threshold = 200);
-- Partial, so that no look-up by id takes them for its way.
create index correction_newest on correction(tenant, at desc) where agent <> '';
create index correction_handle on correction(handle, tenant) where handle is not null;

create table comparison(
  tenant  int not null,
  id      uuid not null,
  at      timestamptz not null,
  by      text not null default '',
  version text not null,
  serves  boolean not null,
  figures jsonb not null,
  primary key (id, tenant)) with (fillfactor = 90, autovacuum_analyze_threshold = 200);
create index comparison_newest on comparison(tenant, at desc) where version <> '';

select raise_wall(name::regclass) from unnest(array['correction', 'comparison']) as name;
