-- Agents who named an address of their own for offers (`offers_to`): the few whom the look of each second is for.
create index thing_reachable on thing(id, tenant) where position('\x6f66666572735f746f'::bytea in body) > 0;
