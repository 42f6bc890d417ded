-- Knowledge: articles as they are found (they themselves are things), and what became of them. No plain index of what a round
-- writes begins with tenant: on a table that was never analysed it would be walked for each id.

create table article(
  tenant    int not null,
  id        text collate "C" not null,
  slug      text collate "C" not null,
  language  text collate "C" not null,
  title     text not null,
  audience  text not null,
  state     text not null,
  intents   text[] not null,
  review_by date,
  video     text collate "C" not null,
  at        timestamptz not null,
  terms     tsvector not null,
  primary key (tenant, id)) with (autovacuum_analyze_threshold = 50);
create index article_read on article(tenant, language, at desc) where state = 'published';

create table help_opening(
  tenant  int not null,
  id      uuid not null,
  article text collate "C" not null,
  handle  uuid not null,
  at      timestamptz not null,
  place   text not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index help_opening_at on help_opening using brin (at) with (pages_per_range = 16);
create index help_opening_of on help_opening(handle, tenant);

create table help_judgement(
  tenant  int not null,
  id      uuid not null,
  article text collate "C" not null,
  helped  boolean not null,
  at      timestamptz not null,
  place   text not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index help_judgement_at on help_judgement using brin (at) with (pages_per_range = 16);

create table article_use(
  tenant       int not null,
  id           uuid not null,
  article      text collate "C" not null,
  conversation uuid not null,
  agent        text not null,
  at           timestamptz not null,
  how          text not null,
  primary key (id, tenant)) with (autovacuum_analyze_threshold = 200);
create index article_use_at on article_use using brin (at) with (pages_per_range = 16);

select raise_wall(name::regclass) from unnest(array['article', 'help_opening', 'help_judgement', 'article_use']) as name;

-- Articles are few: thousands, where messages are millions. So their terms are looked through within the wall, without an index.
create function find_article() returns trigger language plpgsql as $$
declare
  said jsonb;
  spoken text := right(new.id, 2);
  speech regconfig := case spoken when 'es' then 'pg_catalog.spanish'::regconfig when 'en' then 'pg_catalog.english'::regconfig
    else 'pg_catalog.simple'::regconfig end;
begin
  said := convert_from(new.body, 'UTF8')::jsonb;
  insert into article(tenant, id, slug, language, title, audience, state, intents, review_by, video, at, terms) values (
    new.tenant, substr(new.id, 9), substr(new.id, 9, length(new.id) - 11), spoken, said->>'title',
    coalesce(said->>'audience', 'public'), coalesce(said->>'state', 'draft'),
    array(select jsonb_array_elements_text(coalesce(said->'intents', '[]'))), (said->>'review_by')::date, coalesce(said->>'video', ''),
    new.at,
    setweight(to_tsvector(speech, folded(said->>'title')), 'A')
      || setweight(to_tsvector(speech, folded(array_to_string(
        array(select jsonb_array_elements_text(coalesce(said->'words', '[]'))), ' . '))), 'B')
      || setweight(to_tsvector(speech, folded(coalesce(said->>'text', ''))), 'D'))
  on conflict (tenant, id) do update set title = excluded.title, audience = excluded.audience, state = excluded.state,
    intents = excluded.intents, review_by = excluded.review_by, video = excluded.video, at = excluded.at, terms = excluded.terms;
  return null;
exception when data_exception or not_null_violation then  -- what is no article is found nowhere, and stops nobody
  return null;
end $$;
create function find_article_no_more() returns trigger language plpgsql as $$
begin
  delete from article where tenant = old.tenant and id = substr(old.id, 9);
  return null;
end $$;
create trigger found_article after insert or update on thing for each row when (new.id like 'article/%')
  execute function find_article();
create trigger found_article_no_more after delete on thing for each row when (old.id like 'article/%')
  execute function find_article_no_more();
