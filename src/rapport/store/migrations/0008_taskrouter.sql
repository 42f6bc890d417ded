-- What TaskRouter's programs set up and the centre has no word for: Sids, friendly names, activities, task channels, queues and
-- workflows as they were written. Workers are agents, workflows are plans, tasks are conversations: those are told to the ledger.
create table taskrouter(
  tenant     int not null,
  sid        text collate "C" not null,
  workspace  text collate "C" not null,
  kind       text collate "C" not null,
  name       text not null,
  body       bytea not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  version    int not null default 0,
  primary key (sid, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index taskrouter_listed on taskrouter(workspace, kind, tenant, created_at desc, sid desc) where kind <> '';
create index taskrouter_workspace on taskrouter(tenant, created_at desc, sid desc) where kind = 'workspace';
create unique index taskrouter_named on taskrouter(workspace, kind, name, tenant)
  where kind in ('activity', 'channel', 'queue', 'worker');

-- How a workspace's tasks and a worker's reservations are found; nobody else's rows are in these.
create index conversation_task on conversation(account, tenant, opened_at desc, id desc) where account like 'WS%';
create index conversation_task_waiting on conversation(account, tenant, waiting_since, id)
  where account like 'WS%' and state = 'open' and agent = '';
create index offer_worker      on offer(agent, tenant, made_at desc, id desc) where agent like 'WK%';

select raise_wall('taskrouter'::regclass);
