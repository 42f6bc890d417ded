-- What agents said of a person: an attribute that is so, or is not.
create table noted(
  tenant int not null,
  id     uuid not null,
  person uuid not null,
  name   text not null,
  said   jsonb not null default '[]',
  by     text not null,
  at     timestamptz not null,
  denied boolean not null default false,
  primary key (id, tenant)) with (fillfactor = 80, autovacuum_analyze_threshold = 200);
create index noted_of   on noted(person, tenant);
create index noted_late on noted(at desc, tenant);

select raise_wall('noted');

-- What an erasure looks for: without these it reads whole tables.
create index telling_conversation on telling(conversation, tenant);
create index errand_of            on errand(conversation, tenant);
create index call_of              on call(conversation, tenant) where conversation is not null;
create index outgoing_of          on outgoing(conversation, tenant);
create index signalled_of         on signalled(conversation, tenant);
create index sequel_of            on sequel(message, tenant) where message is not null;
create index message_media        on message(tenant) where media <> '[]';
