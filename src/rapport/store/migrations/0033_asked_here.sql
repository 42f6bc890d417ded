-- A question that was asked in a conversation and waits for its answer: ids and a time, for a day at most.
create table asked_here(
  tenant       int not null,
  id           uuid not null,
  at           timestamptz not null,
  conversation uuid not null,
  question     text not null,
  hinted       boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

select raise_wall('asked_here');
