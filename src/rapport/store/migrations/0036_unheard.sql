-- Why a recording could not be made into a transcript; it is heard again only when somebody asks for it, and stays in nobody's way.
alter table blob add column unheard text not null default '';
