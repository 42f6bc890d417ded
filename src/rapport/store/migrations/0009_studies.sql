-- What was set of the centre, newest first: a handful of entries among millions, so no page walks a ledger for them.
create index entry_centre on entry(tenant, seq desc) where kind in (10, 11);

-- A long reckoning on a tenant's own record, made in the background: how far it is, and what it found last. No fact, and no view.
create table study(
  tenant   int not null,
  name     text collate "C" not null,
  asked_by text not null default '',
  begun_at timestamptz not null,
  told_at  timestamptz not null,
  done     int not null default 0,
  whole    int not null default 0,
  going    boolean not null default true,
  found_at timestamptz,
  found    bytea,
  problem  text not null default '',
  primary key (tenant, name)) with (fillfactor = 50);
select raise_wall('study'::regclass);

-- An invitation that is open: what makes its link the one that works, and until when. A new one, a password or a withdrawal ends it.
alter table login add column invitation text not null default '', add column invited_until timestamptz;

-- The drafts of a conversation: for its record.
create index draft_conversation on draft(conversation, tenant);
