-- The views: rows folded from facts by the worker that leases the tenant. Columns are the fields of the row Structs (ledger/views.py).
-- A key or index that finds rows by an id begins with that id, and tenant comes second: on a table that was never analysed the planner
-- believes that a tenant has a few rows, and walks all of them through any index that begins with tenant (tests/store/test_plans.py).
-- Lists begin with tenant and are partial, so that only the query that asks for that list can use them.

create table handle(
  tenant  int not null,
  id      uuid not null,
  name    text not null,
  person  uuid,
  display text not null default '',
  at      timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table person(
  tenant       int not null,
  id           uuid not null,
  name         text not null default '',
  language     text not null default '',
  first_at     timestamptz,
  last_at      timestamptz,
  messages     bigint not null default 0,
  conversation uuid,
  attributes   jsonb not null default '[]',
  agents       jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table person_events(
  tenant int not null,
  id     uuid not null,
  events jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table journey_event(
  tenant int not null,
  id     uuid not null,
  at     timestamptz not null,
  kind   text not null,
  source text not null default '',
  person uuid,
  handle uuid,
  data   jsonb not null default '{}',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table thread(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table conversation(
  tenant        int not null,
  id            uuid not null,
  person        uuid not null,
  handle        uuid not null,
  state         text not null,
  kind          text not null,
  account       text not null,
  channel       text not null,
  reach         text not null,
  opened_at     timestamptz not null,
  last_at       timestamptz not null,
  thread        text not null default '',
  name          text not null default '',
  preview       text not null default '',
  subject       text not null default '',
  language      text not null default '',
  intent        text not null default '',
  emotion       text not null default '',
  urgency       double precision not null default 0,
  wants_person  boolean not null default false,
  words         jsonb not null default '[]',
  messages      bigint not null default 0,
  unread        boolean not null default true,
  agent         text not null default '',
  bot           boolean not null default false,
  team          text not null default '',
  message       uuid,
  offer         uuid,
  interaction   uuid,
  draft         uuid,
  waiting_since timestamptz,
  due_at        timestamptz,
  answered_at   timestamptz,
  snoozed_until timestamptz,
  resolved_at   timestamptz,
  disposition   text not null default '',
  reopened      bigint not null default 0,
  declined_by   jsonb not null default '[]',
  transfer_to   text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table message(
  tenant       int not null,
  id           uuid not null,
  at           timestamptz not null,
  direction    text not null,
  standing     text not null,
  reach        text not null,
  account      text not null default '',
  channel      text not null default '',
  key          text not null default '',
  thread       text not null default '',
  in_reply_to  text not null default '',
  handle       uuid,
  person       uuid,
  conversation uuid,
  agent        text not null default '',
  author       text not null default '',
  subject      text not null default '',
  text         text not null default '',
  html         text not null default '',
  language     text not null default '',
  intent       text not null default '',
  urgency      double precision not null default 0,
  reason       text not null default '',
  media        jsonb not null default '[]',
  incident     uuid,
  kind         text not null default 'social',
  words        jsonb not null default '[]',
  emotion      text not null default '',
  wants_person boolean not null default false,
  actionable   boolean not null default true,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table need(
  tenant      int not null,
  id          uuid not null,
  plan        text not null,
  since       timestamptz not null,
  step        bigint not null default 0,
  step_until  timestamptz,
  slot        text not null default '',
  urgency     double precision not null default 0,
  declined_by jsonb not null default '[]',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table offer(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  agent        text not null,
  slot         text not null,
  made_at      timestamptz not null,
  expires_at   timestamptz not null,
  state        text not null default 'open',
  ended_at     timestamptz,
  why          jsonb not null default '{}',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table interaction(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  agent        text not null,
  slot         text not null,
  started_at   timestamptz not null,
  waited       double precision not null default 0,
  replied_at   timestamptz,
  ended_at     timestamptz,
  disposition  text not null default '',
  bot          boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table agent_now(
  tenant     int not null,
  id         text collate "C" not null,
  presence   text not null default 'offline',
  since      timestamptz,
  idle_since timestamptz,
  held       jsonb not null default '{}',
  missed     bigint not null default 0,
  primary key (tenant, id)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table draft(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  agent        text not null,
  at           timestamptz not null,
  reach        text not null,
  state        text not null,
  text         text not null default '',
  edited       text not null default '',
  parts        jsonb not null default '[]',
  findings     jsonb not null default '[]',
  approver     text not null default '',
  reason       text not null default '',
  decided_at   timestamptz,
  subject      text not null default '',
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table outgoing(
  tenant       int not null,
  id           uuid not null,
  message      uuid not null,
  conversation uuid not null,
  account      text not null,
  channel      text not null,
  reach        text not null,
  at           timestamptz not null,
  state        text not null default 'queued',
  part         bigint not null default 0,
  text         text not null default '',
  "to"         text not null default '',
  subject      text not null default '',
  in_reply_to  text not null default '',
  thread       text not null default '',
  key          text not null default '',
  reason       text not null default '',
  tries        bigint not null default 0,
  not_before   timestamptz,
  handle       uuid,
  parts        bigint not null default 1,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table outcome(
  tenant int not null,
  id     uuid not null,
  at     timestamptz not null,
  ok     boolean not null,
  reason text not null default '',
  result uuid,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table reminder(
  tenant  int not null,
  id      uuid not null,
  at      timestamptz not null,
  what    text not null,
  subject uuid not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table aside(
  tenant  int not null,
  id      uuid not null,
  seq     bigint not null,
  at      timestamptz not null,
  stage   text not null,
  reason  text not null,
  retried bigint not null default 0,
  done    boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table incident(
  tenant   int not null,
  id       uuid not null,
  account  text not null,
  reason   text not null,
  first_at timestamptz not null,
  last_at  timestamptz not null,
  held     bigint not null default 0,
  sample   text not null default '',
  released boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

create table thing(
  tenant int not null,
  id     text collate "C" not null,
  body   bytea not null,
  at     timestamptz not null,
  primary key (tenant, id)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);

-- The inbox: newest first, by what is open, what is mine, what waits longest, what is done.
create index conversation_open     on conversation(tenant, last_at desc, id desc) where state <> 'resolved';
create index conversation_state    on conversation(tenant, state, last_at desc, id desc) where state <> 'open';
create index conversation_mine     on conversation(tenant, agent, last_at desc, id desc) where state <> 'resolved' and agent <> '';
create index conversation_team     on conversation(tenant, team, last_at desc, id desc) where state <> 'resolved' and team <> '';
create index conversation_approval on conversation(tenant, last_at desc, id desc) where draft is not null;
create index conversation_waiting  on conversation(tenant, waiting_since, id) where state = 'open' and agent = '';
create index conversation_person   on conversation(person, tenant, last_at desc);
create index message_conversation  on message(conversation, tenant, at, id) where conversation is not null;
create index message_held          on message(tenant, at desc, id desc) where standing = 'held';
create index message_unreadable    on message(tenant, at desc, id desc) where standing = 'unreadable';
create index handle_person         on handle(person, tenant) where person is not null;
create index journey_event_person  on journey_event(person, tenant, at desc) where person is not null;
create index offer_conversation    on offer(conversation, tenant);
create index offer_open            on offer(tenant, agent) where state = 'open';
create index interaction_started   on interaction(tenant, started_at) where started_at is not null;
create index interaction_going     on interaction(tenant, agent) where ended_at is null;
create index interaction_of        on interaction(conversation, tenant);
create index draft_asked           on draft(tenant, at) where state = 'asked';
create index outgoing_queued       on outgoing(tenant, at) where state = 'queued';
create index outgoing_unknown      on outgoing(tenant, at) where state = 'unknown';
create index outgoing_message      on outgoing(message, tenant);
create index reminder_due          on reminder(tenant, at) where at is not null;
create index aside_shown           on aside(tenant, seq) where not done;
create index incident_held         on incident(tenant, last_at desc) where not released;

select raise_wall(name::regclass) from unnest(array[
  'handle', 'person', 'person_events', 'journey_event', 'thread', 'conversation', 'message', 'need', 'offer', 'interaction',
  'agent_now', 'draft', 'outgoing', 'outcome', 'reminder', 'aside', 'incident', 'thing']) as name;
