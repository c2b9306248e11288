--! Previous: sha1:8a814b01691bfe205f1a50c9b1fcaa626ca661de
--! Hash: sha1:b4f6b208607e42497a9c0d62cd9d92c758aba8e7

-- What auditors ask of the log is found with work that is bounded by what they may see, whatever they ask for, and writing
-- it costs less: one index instead of three. The index is made anew for each month, about 4 s for a million records.

set local role :AUDIT_OWNER;

-- Finding records -------------------------------------------------------------------------------------------

-- By type, action and actor in one: what somebody asks for is two or three of them, and each index by itself fetched all
-- that one had and the others had not. The asker's scope stands before the id, so that what another did elsewhere is
-- skipped in the index: those of an administradora's people were fetched to be hidden. What is left out of a filter is
-- skipped over, too, since there are few types and actions (PostgreSQL 18; before, the whole index is read).
--
-- The columns are written as they are so that the planner takes this index where we mean it: for a type alone it took the
-- one by entity and fetched all of them, for a scope the one by condominium, and for ids it read all records between
-- them. Under row-level security coalesce and + are held to be leaky, and so would not be looked for in an index; case
-- and nullif are not.
create index audit_log_kind on blindagem_audit.audit_log_immutable (
  nullif(entity_type, 'intents'), action, actor_id,
  (case when condominium_id is null then organization_id else condominium_id end), nullif(id, 0));
comment on index blindagem_audit.audit_log_kind is
  'Records by type, action and actor, each within a condominium, or the administradora where there is none.';
drop index blindagem_audit.audit_log_entity_type;
drop index blindagem_audit.audit_log_actor;
drop index blindagem_audit.audit_log_action;

drop index blindagem_audit.audit_log_organization;
create index audit_log_organization on blindagem_audit.audit_log_immutable (
  organization_id, (case when condominium_id is null then organization_id else condominium_id end), nullif(id, 0))
  where organization_id is not null;
comment on index blindagem_audit.audit_log_organization is
  'Records that name an administradora: its own, and those of the expenses that it handed in; within a condominium, as above.';

-- The planner knows nothing of an expression before, and autovacuum does not come to months that are over.
analyze blindagem_audit.audit_log_immutable;

-- In PL/pgSQL, which keeps its plans for as long as the connection lives: to plan over all months takes milliseconds.
create function blindagem_audit.months_of_ids()
  returns table (since timestamptz, until timestamptz, first_id bigint, last_id bigint)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      return query
      with partition as materialized (
        select i.inhrelid as oid from pg_inherits i where i.inhparent = 'blindagem_audit.audit_log_immutable'::regclass
      ), month as materialized (
        select (bounds.found)[1]::timestamptz as since, (bounds.found)[2]::timestamptz as until
        from partition p
        cross join lateral (
          select regexp_match(pg_get_expr(c.relpartbound, c.oid), '^FOR VALUES FROM \(''(.*)''\) TO \(''(.*)''\)$') as found
          from pg_class c where c.oid = p.oid offset 0) as bounds
        where bounds.found is not null)
      select month.since, month.until, first.id, last.id
      from month
      cross join lateral (
        select r.id from blindagem_audit.audit_log_immutable r
        where r.recorded_at >= month.since and r.recorded_at < month.until order by r.id limit 1) as first
      cross join lateral (
        select r.id from blindagem_audit.audit_log_immutable r
        where r.recorded_at >= month.since and r.recorded_at < month.until order by r.id desc limit 1) as last
      union all
      select '-infinity', 'infinity', first.id, last.id
      from (select d.id from blindagem_audit.audit_log_default d order by d.id limit 1) as first,
        (select d.id from blindagem_audit.audit_log_default d order by d.id desc limit 1) as last
      order by 1;
    end
  $$;
comment on function blindagem_audit.months_of_ids is
  'The months that have records, with their first and last id, so that ids are looked for only where they are; what is in no month is in one of all time.';
revoke execute on function blindagem_audit.months_of_ids from public;
grant execute on function blindagem_audit.months_of_ids to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

drop function blindagem_audit.first_id_at(timestamptz);
create function blindagem_audit.first_id_at(
  instant timestamptz, since timestamptz, until timestamptz, first_id bigint, last_id bigint) returns bigint
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      lower bigint := first_id;
      upper bigint := last_id + 1;
      middle bigint;
    begin
      while lower < upper and instant > since loop
        middle := lower + (upper - lower) / 2;
        if (
          select r.recorded_at from blindagem_audit.audit_log_immutable r
          where r.id >= middle and r.recorded_at >= first_id_at.since and r.recorded_at < first_id_at.until
          order by r.id limit 1) < instant then
          lower := middle + 1;
        else
          upper := middle;
        end if;
      end loop;
      return lower;
    end
  $$;
comment on function blindagem_audit.first_id_at is
  'About where in a month (months_of_ids) that instant is: the id of the first record of then or later, as far as ids follow the clock.';
revoke execute on function blindagem_audit.first_id_at from public;
grant execute on function blindagem_audit.first_id_at to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

-- With the id as an expression, so that it is for this index alone: the one by id and time looks more promising to the
-- planner, and walks over all ids of a month.
drop index blindagem_audit.audit_log_time;
create index audit_log_time on blindagem_audit.audit_log_immutable using brin (recorded_at, (id + 0))
  with (pages_per_range = 32, autosummarize = on);
comment on index blindagem_audit.audit_log_time is
  'Tells for next to nothing where in a month there is nothing of a period, and whether there is any of it among other ids.';

create function blindagem_audit.strays(since timestamptz, until timestamptz, lower bigint, upper bigint)
  returns setof bigint
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
  set enable_seqscan = off set enable_indexscan = off set enable_indexonlyscan = off
  as $$
    begin
      return query
      select r.id from blindagem_audit.audit_log_immutable r
      where r.recorded_at >= strays.since and r.recorded_at < strays.until and r.id + 0 < lower
      union
      select r.id from blindagem_audit.audit_log_immutable r
      where r.recorded_at >= strays.since and r.recorded_at < strays.until and r.id + 0 >= upper;
    end
  $$;
comment on function blindagem_audit.strays is
  'Records of that time, within one month, whose ids do not lie between those two: where a clock was set back.';
revoke execute on function blindagem_audit.strays from public;
grant execute on function blindagem_audit.strays to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

-- Whose they are, so that the asker's are found without a look at each record.
alter table blindagem_audit.unattested_records add column scope bigint;
comment on column blindagem_audit.unattested_records.scope is
  'The record''s condominium, or its administradora where there is none; null where neither is.';
alter table blindagem_audit.unattested_records disable trigger guard_change;
update blindagem_audit.unattested_records u set scope = coalesce(r.condominium_id, r.organization_id)
from blindagem_audit.audit_log_immutable r where r.id = u.record_id;
alter table blindagem_audit.unattested_records enable always trigger guard_change;
create index unattested_records_scope on blindagem_audit.unattested_records (scope, record_id);
comment on index blindagem_audit.unattested_records_scope is 'For the filter by OUT_OF_BAND.';

-- Proofs ----------------------------------------------------------------------------------------------------

-- Half of a tile's nodes are hashed for each sibling on a proof's way up: of 100 records far apart 50,000 nodes, 40 ms. With
-- the nodes over each sixteen hashes beside them it is a tenth. They are made here of tiles that are there, about 2 s for
-- a million leaves; whoever alters them gets proofs refused.
create function pg_temp.nodes_above(hashes bytea) returns bytea language sql immutable
  as $$
    select coalesce(string_agg(sha256('\x01'::bytea || substring(hashes from 64 * place + 1 for 64)), '' order by place), '')
    from generate_series(0, length(hashes) / 64 - 1) as place
  $$;
alter table blindagem_audit.tiles add column middles bytea not null default '';
alter table blindagem_audit.tiles disable trigger guard_growth;
update blindagem_audit.tiles t
set middles = pg_temp.nodes_above(pg_temp.nodes_above(pg_temp.nodes_above(pg_temp.nodes_above(
  substring(t.hashes for length(t.hashes) / 512 * 512)))));
alter table blindagem_audit.tiles enable always trigger guard_growth;
alter table blindagem_audit.tiles
  add constraint tiles_middles_check check (length(middles) <= 512 and length(middles) % 32 = 0),
  alter column middles drop default;
comment on column blindagem_audit.tiles.middles is 'The nodes over sixteen hashes each, as far as there are sixteen.';
drop function pg_temp.nodes_above(bytea);

create or replace function blindagem_audit.refuse_rewriting() returns trigger language plpgsql
  as $$
    begin
      if new.level = old.level and new.index = old.index and length(new.hashes) > length(old.hashes)
        and substring(new.hashes for length(old.hashes)) = old.hashes
        and substring(new.middles for length(old.middles)) = old.middles
        and length(new.middles) = length(new.hashes) / 512 * 32 then
        return new;
      end if;
      raise exception using errcode = 'BLD06', message = 'Uma página da árvore só cresce.';
    end
  $$;

reset role;
