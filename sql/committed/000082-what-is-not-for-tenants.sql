--! Previous: sha1:e218684815cf39b526139b0f3683721d01b76460
--! Hash: sha1:f8875f1067bb02ae2d8c2b108bebee56c687dd3a

-- What concerns everybody is told to everybody, but not who of the platform's staff did it from where, nor what they typed.

set local role :AUDIT_OWNER;

create function blindagem_audit.reads_the_platform() returns boolean
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select bool_or(pg_has_role(coalesce(nullif(current_setting('role'), 'none'), session_user), r.name, 'usage'))
    from unnest('{:OPERATOR,:SEALER,:AUDIT_OWNER}'::name[]) as r (name)
  $$;
comment on function blindagem_audit.reads_the_platform is
  'Whether who asks reads the log for the whole platform: operators, the sealing process, the log''s owner. By the role of the transaction, or the login where it took none: within functions of the log''s owner, too.';
revoke execute on function blindagem_audit.reads_the_platform from public;

do $do$
  declare
    change record;
  begin
    for change in
      select * from (values
        ('blindagem_audit.personal_of(bigint, timestamptz, text)', 'r.entry = personal_of.entry)',
          $s$r.entry = personal_of.entry
          and (r.organization_id is not null or r.condominium_id is not null or (select blindagem_audit.reads_the_platform())))$s$),
        ('blindagem_audit.personal_of(bigint[], timestamptz[], text[])', 'r.entry = asked.entry
',
          $s$r.entry = asked.entry
          and (r.organization_id is not null or r.condominium_id is not null or (select blindagem_audit.reads_the_platform()))
$s$),
        ('blindagem_audit.impersonal_columns()', $s$      -- Why a threshold was changed: the act's, as any change's reason is.
      ('reader_thresholds', 'reader_version basis evidence reason'),$s$, $s$      ('reader_thresholds', 'reader_version basis'),$s$),
        ('blindagem_audit.personal_columns()', $s$      ('returned_payments', 'payee_document',$s$, $s$      -- Typed by an operator, about readings of documents, into records that every tenant has.
      ('reader_thresholds', 'evidence', '%s <> ''{}'''),
      ('reader_thresholds', 'reason', '%s <> ''[apagado]'''),
      ('returned_payments', 'payee_document',$s$)) as c (name, was, becomes)
    loop
      if strpos(pg_get_functiondef(change.name::regprocedure), change.was) = 0 then
        raise exception '% does not say: %', change.name, change.was;
      end if;
      execute replace(pg_get_functiondef(change.name::regprocedure), change.was, change.becomes);
    end loop;
  end
$do$;
comment on function blindagem_audit.personal_of(bigint, timestamptz, text) is
  'What stands beside a record, for whoever may read it: it has to be handed in, and cannot be guessed for its salt. No row, or nothing in it, for a record that commits to nothing. Of what belongs to no tenant no row either, but for whoever reads the whole platform.';
comment on function blindagem_audit.personal_of(bigint[], timestamptz[], text[]) is
  'What stands beside records, for whoever may read them: each has to be handed in, and cannot be guessed for its salt. No row, or nothing in it, for a record that commits to nothing. Of what belongs to no tenant no row either, but for whoever reads the whole platform.';
select blindagem_audit.define_capture('blindagem.reader_thresholds');

reset role;
set local role :OWNER;

-- A decision without attested hash is right on an expense from before there were definitions alone: the replay looks when that was.
create policy worker on blindagem.definitions for select to :WORKER using (true);
grant select (recorded_at) on blindagem.definitions to :WORKER;

reset role;

-- PostgreSQL 18 keeps the plans of functions in SQL. One made while a table was next to empty looks at all of it for every row
-- later: 4,004 expenses took a minute, on connections that had asked before. These are asked for thousands of rows at once, and plan
-- each time, by the tables as they are. What is called for every row would plan for every row, so payables are joined.

set local role :OWNER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_private.entities_of_month(bigint, date, text[], text[])'::regprocedure);
    was text := $s$      select p.type, p.id, blindagem_private.expense_of_payable(entities_of_month.condominium_id, p.payable_id) from payable p
$s$;
  begin
    if strpos(source, was) = 0 then
      raise exception 'blindagem_private.entities_of_month does not say: %', was;
    end if;
    execute replace(source, was, $s$      -- An expense that is its own payable is meant by its own id.
      select p.type, p.id, coalesce(y.expense_id, p.payable_id)
      from payable p
      left join blindagem.payables y on y.condominium_id = entities_of_month.condominium_id and y.id = p.payable_id
$s$);
  end
$do$;
alter function blindagem_private.entities_of_month set plan_cache_mode to force_custom_plan;
alter function blindagem.closings_later_changes set plan_cache_mode to force_custom_plan;
-- Asked for every movement that the conselho reads, by indexes alone: planned each time it took half a millisecond a movement.
alter function blindagem_private.is_salary_movement set plan_cache_mode to auto;
alter function blindagem_private.is_salary_movement set enable_seqscan to off;
reset role;
set local role :AUDIT_OWNER;
alter function blindagem_audit.told_of set plan_cache_mode to force_custom_plan;
alter function blindagem_audit.leaf_indexes set plan_cache_mode to force_custom_plan;
reset role;

-- Short names ------------------------------------------------------------------------------------------------

-- Ana Sá and Li Wu have full names, too. Eight characters were asked for lest a name be met by chance; beside the six digits of a
-- masked CPF it is not, and elsewhere two names of five letters are not found in other texts either.

set local role :OWNER;

create function blindagem_private.letters_of_name(name text) returns int
  language sql immutable parallel safe
  as $$
    select case when count(*) >= 2 then sum(length(w.word))::int else 0 end
    from regexp_split_to_table(
      regexp_replace(normalize(lower(letters_of_name.name), NFD), '[\u0300-\u036f]', '', 'g'), '[^[:alpha:]]+') as w (word)
    where length(w.word) >= 2
      and w.word <> all ('{da,das,de,do,dos,du,del,sr,sra,srta,dr,dra,seu,dona,dom}'::text[])
  $$;
comment on function blindagem_private.letters_of_name is
  'How many letters there are in the names of a full name; 0 for one that is not two words, not counting initials, titles and what joins names.';

drop function blindagem_private.names_of(text, bigint[]);
create function blindagem_private.names_of(document text, condominium_ids bigint[], least_letters int) returns text[]
  language sql stable
  as $$
    select coalesce(array_agg(distinct n.name), '{}')
    from (
      select e.payee_name as name from blindagem.expenses e
      where e.condominium_id = any (condominium_ids) and names_of.document in (e.payee_document, e.payee_pix_key)
      union all
      select b.counterparty_name from blindagem.bank_transactions b
      where b.condominium_id = any (condominium_ids) and b.counterparty_document = names_of.document
      union all
      select p.payee_name from blindagem.returned_payments p
      where p.condominium_id = any (condominium_ids) and p.payee_document = names_of.document) as n
    -- A word alone is in too many descriptions.
    where length(n.name) >= 8 and strpos(btrim(n.name), ' ') > 0
      or blindagem_private.letters_of_name(n.name) >= least_letters
  $$;
comment on function blindagem_private.names_of is
  'Under which names the payee with that document is known there: long ones, and full ones of that many letters.';
revoke execute on function blindagem_private.letters_of_name, blindagem_private.names_of from public;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.erase_personal_data(text, text, bigint, text)'::regprocedure);
    change record;
  begin
    for change in
      select * from (values
        ('strpos(btrim(erase_personal_data.name), '' '') > 0) then',
          'strpos(btrim(erase_personal_data.name), '' '') > 0)
        and blindagem_private.letters_of_name(erase_personal_data.name) = 0 then'),
        ('      pattern := blindagem_private.person_pattern(document, blindagem_private.names_of(document, condominiums));
',
          '      -- By itself a name has to be long enough not to be met by chance; not so beside the digits of a CPF.
      pattern := blindagem_private.person_pattern(document, blindagem_private.names_of(document, condominiums, 5));
'),
        ('blindagem_private.names_of(document, condominiums) ||', 'blindagem_private.names_of(document, condominiums, 1) ||')
      ) as c (was, becomes)
    loop
      if strpos(source, change.was) = 0 then
        raise exception 'blindagem.erase_personal_data does not say: %', change.was;
      end if;
      source := replace(source, change.was, change.becomes);
    end loop;
    execute source;
  end
$do$;

reset role;
