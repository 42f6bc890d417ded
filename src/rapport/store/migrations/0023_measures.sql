-- What a tool that reads SQL is given (docs/measures.md): no names, nothing that was said, behind the walls of the tables themselves.
create schema reports;

create view reports.conversations with (security_invoker = true) as
select tenant, id as conversation, person, kind, channel, account, language, intent, team, state, disposition, reach, priority,
  opened_at, answered_at, resolved_at, due_at, reopened, messages,
  extract(epoch from answered_at - opened_at)::double precision as first_response_s,
  case when answered_at is not null or (resolved_at is null and due_at < now()) then coalesce(answered_at <= due_at, false) end
    as in_time
from conversation;

create view reports.interactions with (security_invoker = true) as
select i.tenant, i.id as interaction, i.conversation, i.agent, i.slot, i.bot, i.disposition, i.started_at, i.replied_at, i.ended_at,
  i.waited as waited_s, i.talked as talked_s, extract(epoch from i.ended_at - i.started_at)::double precision as handle_s,
  c.kind, c.channel, c.language, c.intent
from interaction i join conversation c on c.tenant = i.tenant and c.id = i.conversation;

create view reports.offers with (security_invoker = true) as
select tenant, id as offer, conversation, agent, slot, state, made_at, ended_at from offer;

grant usage on schema reports to rapport_app;
grant select on reports.conversations, reports.interactions, reports.offers to rapport_app;
