-- Whether what is being written is a reply, which its reader may be told of, and no note (conversations/typed.py).
alter table typing add column reply boolean not null default false;
