-- Who is whom: persons that are one, each as it was by itself; who is known by a number or a mailbox; pairs that somebody should see.
alter table person
  add column withdrawn jsonb not null default '[]',
  add column family    jsonb not null default '[]';

create table apart(
  tenant        int not null,
  id            uuid not null,
  known         jsonb not null,
  events        jsonb not null default '[]',
  "into"        uuid,
  conversing_at timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table known_by(
  tenant  int not null,
  id      uuid not null,
  persons jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table alike(
  tenant      int not null,
  id          uuid not null,
  one         uuid not null,
  other       uuid not null,
  probability double precision not null,
  why         jsonb not null default '[]',
  at          timestamptz not null,
  state       text not null default 'open',
  by          text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

-- What they agreed to, who read of them, what the law holds, and what was erased.
create table consent(
  tenant   int not null,
  id       uuid not null,
  person   uuid not null,
  purpose  text not null,
  channel  text not null default '',
  given    boolean not null,
  at       timestamptz not null,
  by       text not null,
  evidence text not null default '',
  until    timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index consent_of on consent(person, tenant);

create table glance(
  tenant  int not null,
  id      uuid not null,
  person  uuid not null,
  by      text not null,
  purpose text not null,
  at      timestamptz not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index glance_of on glance(person, tenant, at desc);

create table hold(
  tenant    int not null,
  id        uuid not null,
  reason    text not null,
  by        text not null,
  at        timestamptz not null,
  lifted_at timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table erasure(
  tenant  int not null,
  id      uuid not null,
  person  uuid not null,
  at      timestamptz not null,
  by      text not null,
  handles bigint not null,
  keys    bigint not null,
  cleared bigint not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index erasure_of on erasure(person, tenant);

-- What was said from either side, by the handle it came by or goes to: a merge moves no handle.
create index message_handle  on message(handle, tenant) where handle is not null;
create index outgoing_handle on outgoing(handle, tenant) where handle is not null;

create index alike_open  on alike(tenant, probability desc, id) where state = 'open';
create index alike_one   on alike(one, tenant);
create index alike_other on alike(other, tenant);

select raise_wall(name::regclass) from unnest(array['apart', 'known_by', 'alike', 'consent', 'glance', 'hold', 'erasure']) as name;
