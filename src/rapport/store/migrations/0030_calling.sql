-- Approvers who are told of a draft where they are, once for each tier (`sent_at` null: begun at `at`, and not told yet);
-- and calendars that are read from an address of their own.
create table approver_told(
  tenant  int not null,
  draft   uuid not null,
  asked   text not null,
  agent   text collate "C" not null,
  at      timestamptz not null,
  sent_at timestamptz,
  primary key (draft, asked, agent, tenant)) with (autovacuum_analyze_threshold = 200);

-- `sealed`: the address, which is often a secret in itself; `host` and `port`: what a firewall must let through.
create table calendar_feed(
  tenant  int not null,
  agent   text collate "C" not null,
  sealed  bytea not null,
  host    text not null,
  port    int not null,
  set_at  timestamptz not null,
  next_at timestamptz not null,
  read_at timestamptz,
  failed  int not null default 0,
  problem text not null default '',
  primary key (agent, tenant));
create index calendar_feed_due on calendar_feed(tenant, next_at);

select raise_wall(name::regclass) from unnest(array['approver_told', 'calendar_feed']) as name;

-- What a model can be taught from: the patient decisions that were accepted.
create index offer_patient on offer(tenant, made_at desc) where state = 'accepted' and (why ->> 'mode') = 'patient';
