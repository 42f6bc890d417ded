-- Replies under control: tiers of approval, what we said, hand-overs, conferences, call-backs.
alter table draft
  add column tiers   jsonb not null default '[]',
  add column tier    bigint not null default 0,
  add column until   timestamptz,
  add column seen    jsonb not null default '[]',
  add column rules   jsonb not null default '[]',
  add column send_at timestamptz;

alter table conversation
  add column beside    jsonb not null default '[]',
  add column call_at   timestamptz,
  add column call_to   text not null default '',
  add column agreement text not null default '';

create table statement(
  tenant int not null,
  id     uuid not null,
  at     timestamptz not null,
  person uuid,
  brand  text not null default '',
  reach  text not null,
  intent text not null default '',
  agent  text not null default '',
  digest text not null default '',
  claims jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 90, autovacuum_analyze_threshold = 200);

create index statement_person on statement(person, tenant, at desc) where person is not null;
create index statement_public on statement(tenant, intent, at desc) where reach = 'public';
create index statement_same   on statement(digest, tenant, at desc);

create table handover(
  tenant  int not null,
  id      uuid not null,
  at      timestamptz not null,
  by      text not null,
  "to"    text not null default '',
  how     text not null default 'anyone',
  summary jsonb not null default '{}',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

select raise_wall('statement'::regclass), raise_wall('handover'::regclass);
