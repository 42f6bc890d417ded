-- The console: what supervisors say to agents alone, and what they answer.

create table telling(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  agent        text collate "C" not null,
  by           text collate "C" not null,
  what         text not null,
  at           timestamptz not null,
  text         text not null,
  seen_at      timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index telling_of on telling(conversation, tenant, at) where what <> '';
create index telling_new on telling(agent, tenant, at) where seen_at is null;

select raise_wall('telling'::regclass);
