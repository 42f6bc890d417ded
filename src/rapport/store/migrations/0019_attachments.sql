-- Files that go out with replies. `sealed` and `about` open with the key of the handle that they go to: its end is theirs.
alter table draft
  add column files   jsonb not null default '[]',
  add column carried jsonb not null default '[]';
alter table outgoing add column files jsonb not null default '[]';

create table attachment(
  tenant       int not null,
  id           uuid not null,
  hash         bytea not null,
  handle       uuid not null,
  conversation uuid not null,
  agent        text collate "C" not null,
  said_at      timestamptz,
  at           timestamptz not null,
  about        bytea not null,
  sealed       bytea not null,
  primary key (id, tenant));
alter table attachment alter column sealed set storage external;
create index attachment_hash on attachment(hash, tenant);
create index attachment_kept on attachment(conversation, tenant, agent) where said_at is null;

select raise_wall('attachment'::regclass);

-- Who has a conversation open: beside the views, as who types there is. A row is over some seconds after it was last renewed.
create table viewing(
  tenant       int not null,
  conversation uuid not null,
  agent        text collate "C" not null,
  at           timestamptz not null,
  changed_at   timestamptz not null,
  here         boolean not null default true,
  primary key (conversation, tenant, agent)) with (fillfactor = 50, autovacuum_analyze_threshold = 200);
create index viewing_changed on viewing(tenant, changed_at);

select raise_wall('viewing'::regclass);
