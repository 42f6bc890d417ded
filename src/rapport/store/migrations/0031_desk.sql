-- What is open is counted for every desk, without what sleeps: the index itself says which does, so no row need be read.
drop index conversation_open;
create index conversation_open on conversation(tenant, last_at desc, id desc) include (state) where state <> 'resolved';
drop index conversation_mine;
create index conversation_mine on conversation(tenant, agent, last_at desc, id desc) include (state)
    where state <> 'resolved' and agent <> '';
drop index conversation_team;
create index conversation_team on conversation(tenant, team, last_at desc, id desc) include (state)
    where state <> 'resolved' and team <> '';

-- A conversation by the number of its case, which people are told: the last eight digits of its id.
create index conversation_case on conversation(right(id::text, 8), tenant);
