-- Stories that are kept (measures/stories): ids and purposes, never a word. What is mined of a period begins in it.
create table kept_story(
  tenant   int not null,
  id       uuid not null,
  by       text not null,
  at       timestamptz not null,
  purposes jsonb not null default '[]',
  is_call  boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 90, autovacuum_analyze_threshold = 200);

create index conversation_opened      on conversation using brin (opened_at) with (pages_per_range = 16);
create index journey_event_transcript on journey_event(tenant, at desc) where kind = 'call.transcript';

select raise_wall('kept_story'::regclass);
