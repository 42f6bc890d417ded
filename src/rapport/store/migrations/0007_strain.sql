-- What an agent was given of late: angry conversations within the hour, and the share of their places taken.
alter table agent_now
  add column angry        jsonb not null default '[]',
  add column occupancy    double precision not null default 0,
  add column occupancy_at timestamptz;
