-- How agents stood before there was this table, as the record has it (kind 58: an agent and a presence, as MessagePack texts), so
-- that adherence is there at once and not only after `rapport ledger rebuild`. What a checkpoint of 15 days ago covers is older.
select set_config('app.tenants', coalesce((select array_agg(id)::text from tenant), '{}'), true);
insert into presence_was(tenant, id, agent, presence, since)
  select tenant, id, convert_from(substring(body from first for wide), 'UTF8'),
    convert_from(substring(body from first + wide + 1 for get_byte(body, first + wide - 1) & 31), 'UTF8'), at
  from unnest(current_setting('app.tenants')::int[]) as whose
  cross join lateral (
    select coalesce(max(size), 0) as passed from checkpoint where tenant = whose and at < now() - interval '15 days') as before
  cross join lateral (
    select * from entry where tenant = whose and seq > passed and kind = 58 and at > now() - interval '14 days' offset 0) as of
  cross join lateral (select
    case get_byte(body, 1) when 217 then 4 else 3 end as first,
    case get_byte(body, 1) when 217 then get_byte(body, 2) else get_byte(body, 1) & 31 end as wide) as said
  on conflict do nothing;
