-- Readings of conversations: what each shows, how its person felt from message to message, and which kinds stand open.
alter table conversation
  add column signals jsonb not null default '[]',
  add column moods   jsonb not null default '[]';

create table signalled(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  kind         text collate "C" not null,
  at           timestamptz not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index signalled_by on signalled(kind, tenant, at desc) where kind <> '';

-- Tokens that suggestions took, a day: no fact follows from them.
create table assist_spent(
  tenant int not null,
  day    date not null,
  tokens bigint not null,
  primary key (tenant, day));

select raise_wall(name::regclass) from unnest(array['signalled', 'assist_spent']) as name;
