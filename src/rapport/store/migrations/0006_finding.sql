-- A handle found by its name, and what stands before a part in the outbox of its conversation.
create index handle_name   on handle(name, tenant) where name <> '';
create index outgoing_next on outgoing(conversation, tenant) where state = 'queued';
