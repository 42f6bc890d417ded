-- How a message speaks of what they met with, and how surely it is spam; and what agents said of both (understanding/view.py).
alter table message
  add column sentiment text not null default '',
  add column spam      double precision not null default 0,
  add column because   jsonb not null default '[]';
alter table correction
  add column sentiment text not null default '',
  add column spam      text not null default '';
