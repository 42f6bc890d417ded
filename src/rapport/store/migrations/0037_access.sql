-- Who was let in, and what changed of it: the page of roles reads the newest of these entries and no others.
create index entry_access on entry(tenant, seq desc) where kind in (12, 13, 14, 129);
