-- Telephone calls, and how long an agent talked.
create table call(
  tenant       int not null,
  id           uuid not null,
  account      text not null,
  channel      text not null,
  key          text not null,
  conversation uuid not null,
  handle       uuid not null,
  started_at   timestamptz not null,
  state        text not null default 'waiting',
  message      uuid,
  agent        text not null default '',
  leg          text not null default '',
  guest        text not null default '',
  guest_name   text not null default '',
  asked        text not null default '',
  agreed       boolean not null default false,
  interaction  uuid,
  recording    text not null default '',
  recordings   bigint not null default 0,
  calls_back   bigint not null default 0,
  joined_at    timestamptz,
  talked       double precision not null default 0,
  ended_at     timestamptz,
  reason       text not null default '',
  problem      text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create index call_live on call(tenant, agent) where state <> 'over';

alter table interaction add column talked double precision not null default 0;

select raise_wall('call'::regclass);
