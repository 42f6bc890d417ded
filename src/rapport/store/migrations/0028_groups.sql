-- Companies and households, who belongs to them; links to a person's own page; files that were brought in.
create table people_group(
  tenant int not null,
  id     uuid not null,
  kind   text not null,
  name   text not null,
  domain text not null default '',
  source text not null default '',
  by     text not null default '',
  at     timestamptz not null,
  gone   boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index people_group_domain on people_group(domain, tenant) where domain <> '';
create index people_group_name   on people_group(lower(name), kind, tenant);

create table membership(
  tenant  int not null,
  id      uuid not null,
  person  uuid not null,
  "group" uuid not null,
  role    text not null default '',
  source  text not null default '',
  by      text not null default '',
  at      timestamptz not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index membership_person on membership(person, tenant);
create index membership_group  on membership("group", tenant);

create table profile_link(
  tenant int not null,
  id     uuid not null,
  person uuid not null,
  by     text not null,
  at     timestamptz not null,
  until  timestamptz not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index profile_link_of on profile_link(person, tenant, at desc);

create table file_import(
  tenant  int not null,
  id      uuid not null,
  kind    text not null,
  format  text not null,
  by      text not null,
  state   text not null,
  at      timestamptz not null,
  taken   bigint not null default 0,
  new     bigint not null default 0,
  refused bigint not null default 0,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

-- An uploaded file until it was taken in, a day at most: in sealed pieces, with what was found in it by lines, never by words.
create table upload(
  tenant  int not null,
  id      uuid not null,
  by      text not null,
  at      timestamptz not null,
  size    bigint not null,
  pieces  int not null,
  asked   json not null default '{}',  -- the columns in their own order
  state   text not null default 'there',
  line    bigint not null default 0,
  beat    timestamptz,
  found   jsonb not null default '{}',
  problem text not null default '',
  primary key (id, tenant)) with (fillfactor = 70, autovacuum_analyze_threshold = 200);

create table upload_piece(
  tenant int not null,
  upload uuid not null,
  nth    int not null,
  sealed bytea not null,
  primary key (upload, nth, tenant));
alter table upload_piece alter column sealed set storage external;

select raise_wall(name::regclass)
from unnest(array['people_group', 'membership', 'profile_link', 'file_import', 'upload', 'upload_piece']) as name;
