-- Without a question the wall of what is found shows all of the tenant. What stands for that must be no word: `no-such-term` was
-- one, and a customer who wrote it could not be changed or erased. No word of a text has a space in it.
alter policy wall on finding
  using (tenant = any ((select current_setting('app.tenants')::int[])::int[])
    and terms @@ coalesce(nullif(current_setting('app.search', true), ''), '!''no word''')::tsquery);
