-- What the rules of networks look at before a reply is written: machines' messages, earlier answers, who asked us to stop.
alter table message
  add column automatic boolean not null default false,
  add column answers   jsonb not null default '[]';
alter table handle add column stopped_at timestamptz;
