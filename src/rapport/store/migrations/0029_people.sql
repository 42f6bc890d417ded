-- Who read of whom: the latest looks of anybody.
create index glance_late on glance(at desc, tenant);

-- What somebody asks by right, and until when the law wants it answered.
create table right_request(
  tenant    int not null,
  id        uuid not null,
  person    uuid not null,
  kind      text not null,
  state     text not null default 'open',
  at        timestamptz not null,
  due_at    timestamptz not null,
  by        text not null,
  law       text not null,
  words     text not null default '',
  near      boolean not null default false,
  late      boolean not null default false,
  extended  boolean not null default false,
  closed_at timestamptz,
  closed_by text not null default '',
  answer    text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index right_request_open on right_request(tenant, due_at) where state = 'open';
create index right_request_of   on right_request(person, tenant);

-- What two who may be one share, though both wrote it differently: digests with the tenant's own key, no plain word.
create table likeness(
  tenant int not null,
  block  bytea not null,
  person uuid not null,
  primary key (tenant, block, person)) with (autovacuum_analyze_threshold = 200);
create index likeness_of on likeness(person, tenant);

select raise_wall(name::regclass) from unnest(array['right_request', 'likeness']) as name;
