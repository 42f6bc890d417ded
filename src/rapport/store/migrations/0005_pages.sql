-- What pages alone read. A block range index costs next to nothing on the way in, as messages come in the order of their time.
create index message_time    on message using brin (at) with (pages_per_range = 16);
create index draft_returned  on draft(tenant, conversation) where state = 'returned';
