-- When a person was last asked how it was: ids and a time, nothing that was said.
create table asked(
  tenant       int not null,
  id           uuid not null,
  at           timestamptz not null,
  conversation uuid not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

-- A question to everybody, and what each browser chose: whose browser it is stands nowhere.
create table poll(
  tenant    int not null,
  id        uuid not null,
  question  jsonb not null,
  choices   jsonb not null,
  at        timestamptz not null,
  closes_at timestamptz not null,
  by        text not null,
  results   text not null default 'always',
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);

create table vote(
  tenant int not null,
  id     uuid not null,
  poll   uuid not null,
  choice bigint not null,
  at     timestamptz not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index vote_of on vote(poll, tenant, choice);

-- Who is told of which report by mail, and when next.
create table report_mail(
  tenant  int not null,
  id      uuid not null,
  agent   text not null,
  query   text not null,
  every   text not null,
  weekday bigint not null,
  hour    bigint not null,
  next_at timestamptz not null,
  sent_at timestamptz,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);

select raise_wall(name::regclass) from unnest(array['asked', 'poll', 'vote', 'report_mail']) as name;

-- Whom somebody had asked by hand (kind 150: the conversation comes first in its body) before there was this table.
select set_config('app.tenants', coalesce((select array_agg(id)::text from tenant), '{}'), true);
insert into asked(tenant, id, at, conversation)
  select distinct on (c.tenant, c.person) c.tenant, c.person, e.at, c.id
  from entry e
  join conversation c on c.tenant = e.tenant and c.id = encode(substring(e.body from 4 for 16), 'hex')::uuid
  join handle h on h.tenant = c.tenant and h.id = c.handle and h.name <> ''
  where e.kind = 150
  order by c.tenant, c.person, e.seq desc
  on conflict do nothing;
