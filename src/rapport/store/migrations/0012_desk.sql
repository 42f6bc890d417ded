-- The desk: labels, priority, mentions, merges, blocked handles, saved views, settings, and every word that was said.

alter table conversation
  add column labels      jsonb not null default '[]',
  add column priority    text not null default '',
  add column merged_into uuid;
alter table message add column moved_from uuid;
alter table handle add column blocked boolean not null default false;

create table labelled(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  label        text collate "C" not null,
  at           timestamptz not null,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index labelled_by on labelled(label, tenant, conversation) where label <> '';
create index labelled_known on labelled(tenant, label) where label <> '';

create table mention(
  tenant       int not null,
  id           uuid not null,
  message      uuid not null,
  conversation uuid not null,
  agent        text collate "C" not null,
  by           text not null,
  at           timestamptz not null,
  seen_at      timestamptz,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index mention_new on mention(agent, tenant, at desc) where seen_at is null;
create index mention_of on mention(conversation, tenant) where seen_at is null;

-- Everything, newest first; and what somebody put before the rest.
create index conversation_all on conversation(tenant, last_at desc, id desc) where state <> '';
create index conversation_priority on conversation(tenant, priority, last_at desc, id desc) where priority <> '';

-- What is no fact: how somebody likes their desk. `query`: the address of a view with its filters.
create table saved_view(
  tenant int not null,
  agent  text collate "C" not null,
  id     uuid not null default gen_random_uuid(),
  name   text not null,
  query  text not null,
  at     timestamptz not null default now(),
  primary key (tenant, agent, id));
create table desk_setting(
  tenant   int not null,
  agent    text collate "C" not null,
  sound    boolean not null default false,
  notify   boolean not null default false,
  calendar text not null default '',
  busy     text not null default '',
  seen_at  timestamptz,
  at       timestamptz not null default now(),
  primary key (tenant, agent));

select raise_wall(name::regclass) from unnest(array['labelled', 'mention', 'saved_view', 'desk_setting']) as name;

-- Finding. Row-level security lets no `@@` find by an index unless it stands in the policy itself: so it does. A transaction
-- that sets app.search sees the rows that match it, within its tenant's wall; one that does not sees all of its tenant.
create table finding(
  tenant       int not null,
  id           uuid not null,
  conversation uuid not null,
  at           timestamptz not null,
  terms        tsvector not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 1000);
create index finding_terms on finding using gin (terms) with (fastupdate = on);
alter table finding enable row level security;
alter table finding force row level security;
create policy wall on finding
  using (tenant = any ((select current_setting('app.tenants')::int[])::int[])
    and terms @@ coalesce(nullif(current_setting('app.search', true), ''), '!no-such-term')::tsquery)
  with check (tenant = any ((select current_setting('app.tenants')::int[])::int[]));
grant select, insert, update, delete on finding to rapport_app;

-- Letters without accents and capitals, as people type them in haste. Core PostgreSQL has no unaccent. What stands last, marks that
-- are letters of their own, has no counterpart and is left out. Not nested in functions of SQL: each costs as much as the work.
create function folded(said text) returns text language sql immutable parallel safe as $$
  select translate(lower(left(said, 50000)), 'áéíóúñüÁÉÍÓÚÑÜàèòâêôãõç¿¡́̃̈',
    'aeiounuaeiounuaeoaeoaoc  ')
$$;

-- Beside the words, terms that say tenant and day, week, eight weeks: a search goes from the newest back until it has enough.
create function tags_of(tenant int, at timestamptz) returns tsvector language plpgsql immutable parallel safe as $$
declare
  days int := floor(extract(epoch from at) / 86400);
begin
  return array_to_tsvector(array[
    't' || tenant || 'd' || days, 't' || tenant || 'w' || div(days, 7), 't' || tenant || 'b' || div(days, 56)]);
end $$;
create function find_message() returns trigger language plpgsql as $$
declare
  said text := translate(lower(left(new.subject || ' ' || new.text, 50000)), 'áéíóúñüÁÉÍÓÚÑÜàèòâêôãõç¿¡́̃̈',
    'aeiounuaeiounuaeoaeoaoc  ');
  found tsvector := case new.language when 'es' then to_tsvector('pg_catalog.spanish', said)
    when 'en' then to_tsvector('pg_catalog.english', said)
    else to_tsvector('pg_catalog.spanish', said) || to_tsvector('pg_catalog.english', said) end
    || tags_of(new.tenant, new.at);
begin
  if tg_op = 'INSERT' then
    insert into finding(tenant, id, conversation, at, terms) values (new.tenant, new.id, new.conversation, new.at, found);
  else
    insert into finding(tenant, id, conversation, at, terms) values (new.tenant, new.id, new.conversation, new.at, found)
    on conflict (id, tenant) do update set conversation = excluded.conversation, terms = excluded.terms;
  end if;
  return null;
end $$;
create function find_conversation() returns trigger language plpgsql as $$
declare
  found tsvector := to_tsvector('pg_catalog.simple', translate(lower(new.name || ' ' || new.subject),
    'áéíóúñüÁÉÍÓÚÑÜàèòâêôãõç¿¡́̃̈', 'aeiounuaeiounuaeoaeoaoc  '))
    || tags_of(new.tenant, new.opened_at);
begin
  if tg_op = 'INSERT' then
    insert into finding(tenant, id, conversation, at, terms) values (new.tenant, new.id, new.id, new.opened_at, found);
  else
    insert into finding(tenant, id, conversation, at, terms) values (new.tenant, new.id, new.id, new.opened_at, found)
    on conflict (id, tenant) do update set terms = excluded.terms;
  end if;
  return null;
end $$;
create function find_no_more() returns trigger language plpgsql as $$
begin
  delete from finding where id = old.id and tenant = old.tenant;
  return null;
end $$;

create trigger found_new after insert on message for each row when (new.conversation is not null and new.text <> '')
  execute function find_message();
create trigger found_changed after update on message for each row
  when (new.conversation is not null and (new.text is distinct from old.text or new.conversation is distinct from old.conversation))
  execute function find_message();
create trigger found_gone after delete on message for each row execute function find_no_more();
create trigger found_new after insert on conversation for each row execute function find_conversation();
create trigger found_changed after update on conversation for each row
  when (new.name is distinct from old.name or new.subject is distinct from old.subject) execute function find_conversation();
create trigger found_gone after delete on conversation for each row execute function find_no_more();

select set_config('app.tenants', coalesce((select array_agg(id)::text from tenant), '{}'), true);
  insert into finding(tenant, id, conversation, at, terms)
    select tenant, id, conversation, at, to_tsvector('pg_catalog.spanish', folded(subject || ' ' || text))
      || to_tsvector('pg_catalog.english', folded(subject || ' ' || text))
      || tags_of(tenant, at)
    from message where conversation is not null and text <> '';
  insert into finding(tenant, id, conversation, at, terms)
    select tenant, id, id, opened_at, to_tsvector('pg_catalog.simple', folded(name || ' ' || subject))
      || tags_of(tenant, opened_at)
    from conversation;

-- Who sends an offer to its agent's own address, once for each offer.
create table forwarded(
  tenant int not null,
  offer  uuid not null,
  at     timestamptz not null default now(),
  primary key (offer, tenant)) with (autovacuum_analyze_threshold = 200);
select raise_wall('forwarded'::regclass);
