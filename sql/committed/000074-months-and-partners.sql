--! Previous: sha1:d93f00303871fc665571dcb6f58b6103e49e22bc
--! Hash: sha1:458ad08519c3c5e452b5a75d03bed378e24ef2bf

-- What belongs to a month goes by the log, too. Rows alone say where something stands today: an expense that was moved out of a
-- closed month, or a row that is gone, took all that is recorded of it along, and laterChanges of that month stayed empty.

set local role :AUDIT_OWNER;

create function blindagem_audit.told_of(entity_type text, entity_ids text[], fields text[])
  returns table (entity_id text, record_id bigint, field text, value text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    -- From the text, not by a parser: an entry that somebody has damaged must not keep the others from being found.
    select asked.id, told.record_id, told.field, btrim(told.value, '"')
    from unnest(told_of.entity_ids) as asked (id)
    cross join lateral (
      select r.id, part[1], part[2]
      from blindagem_audit.audit_log_immutable r
      cross join lateral regexp_matches(r.entry,
        '"(' || array_to_string(told_of.fields, '|') || ')":("[^"\\]*"|\[[0-9,]*\])', 'g') as part
      where r.entity_type = told_of.entity_type and r.entity_id = asked.id
        -- Most changes tell none of them, and to look for a word is cheaper than to take the entry apart.
        and r.entry like any ((select array_agg('%"' || f.name || '":%') from unnest(told_of.fields) as f (name))::text[])
      union all
      select c.last_record_id, f.name, c.told->f.name->>1
      from blindagem_audit.carried_states c cross join unnest(told_of.fields) as f (name)
      where c.entity_type = told_of.entity_type and c.entity_id = asked.id and c.told->f.name->>1 is not null
      offset 0) as told (record_id, field, value)
  $$;
comment on function blindagem_audit.told_of is
  'What records have ever told of these fields of these rows, as it was and as it became, months that left the database included; the last that each of those told. Of fields that say something of people nothing: their values stand elsewhere.';
revoke execute on function blindagem_audit.told_of from public;
grant execute on function blindagem_audit.told_of to :OWNER;

reset role;
set local role :OWNER;

create function blindagem_private.entities_of_month(
  condominium_id bigint, month date, entity_types text[], entity_ids text[])
  returns table (entity_type text, entity_id text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    with entity as materialized (
      select distinct e.type, e.id, substring(e.id from '^([0-9]{1,18})$')::bigint as whole,
        substring(e.id from '^[0-9]+/([0-9]{1,18})(?:/|$)')::bigint as second,
        substring(e.id from '^[0-9]+/[0-9]+/([0-9]{1,18})$')::bigint as third
      from unnest(entities_of_month.entity_types, entities_of_month.entity_ids) as e (type, id)
    ), told as materialized (
      select of_type.type, t.entity_id as id, t.record_id, t.field, t.value
      from (
        select e.type, array_agg(e.id) as ids from entity e
        where e.type in ('reviews', 'match_decisions', 'statement_doubts', 'closings', 'bank_statements', 'statement_exceptions',
          'returned_payments')
        group by e.type) as of_type
      cross join lateral blindagem_audit.told_of(of_type.type, of_type.ids, array['expense_id', 'payable_id', 'debit_id',
        'credit_id', 'candidate_ids', 'month', 'starts_on', 'ends_on', 'from_day', 'to_day', 'due_on', 'paid_on']) as t
    ), payable as materialized (
      select e.type, e.id, e.second as payable_id from entity e where e.type in ('payables', 'payments')
      union
      select e.type, e.id, m.payable_id
      from entity e join blindagem.match_decisions m on m.condominium_id = entities_of_month.condominium_id and m.id = e.second
      where e.type = 'match_decisions' and m.payable_id is not null
      union
      select t.type, t.id, substring(t.value from '^[0-9]{1,18}$')::bigint from told t where t.field = 'payable_id'
    ), of_expense as materialized (
      select e.type, e.id, e.second as expense_id from entity e where e.type in ('expenses', 'retentions', 'expense_documents')
      union
      select e.type, e.id, r.expense_id
      from entity e join blindagem.reviews r on r.condominium_id = entities_of_month.condominium_id and r.id = e.second
      where e.type = 'reviews'
      union
      select t.type, t.id, substring(t.value from '^[0-9]{1,18}$')::bigint from told t
      where t.type = 'reviews' and t.field = 'expense_id'
      union
      select p.type, p.id, blindagem_private.expense_of_payable(entities_of_month.condominium_id, p.payable_id) from payable p
      union
      select p.type, p.id, substring(t.value from '^[0-9]{1,18}$')::bigint
      from (
        -- The log alone still knows whose a payable was that is gone; asking it for each of them would cost more than all the rest.
        select array_agg(distinct entities_of_month.condominium_id || '/' || p.payable_id) as ids
        from payable p
        where not exists (
            select from blindagem.payables y where y.condominium_id = entities_of_month.condominium_id and y.id = p.payable_id)
          and not exists (
            select from blindagem.expenses x where x.condominium_id = entities_of_month.condominium_id and x.id = p.payable_id)
      ) as of_gone
      cross join lateral blindagem_audit.told_of('payables', of_gone.ids, array['expense_id']) as t
      join payable p on entities_of_month.condominium_id || '/' || p.payable_id = t.entity_id
    ), of_movement as materialized (
      select e.type, e.id, m.movement_id
      from entity e
      cross join lateral unnest(case e.type
        when 'bank_transactions' then array[e.whole]
        when 'movement_verdicts' then array[e.second]
        when 'refunds' then array[e.second, e.third]
        when 'payments' then array[e.third]
        when 'match_decisions' then (
          select array[d.debit_id, d.credit_id] from blindagem.match_decisions d
          where d.condominium_id = entities_of_month.condominium_id and d.id = e.second)
        when 'statement_doubts' then (select d.candidate_ids from blindagem.statement_doubts d where d.id = e.whole)
      end) as m (movement_id)
      union
      select t.type, t.id, n.digits[1]::bigint
      from told t cross join lateral regexp_matches(t.value, '[0-9]{1,18}', 'g') as n (digits)
      where t.field in ('debit_id', 'credit_id', 'candidate_ids')
    ), span as materialized (
      select e.type, e.id, c.month as first, c.month as last from entity e join blindagem.closings c on c.id = e.whole
      where e.type = 'closings'
      union all
      select e.type, e.id, s.starts_on, s.ends_on from entity e join blindagem.bank_statements s on s.id = e.whole
      where e.type = 'bank_statements'
      union all
      select e.type, e.id, x.from_day, x.to_day from entity e join blindagem.statement_exceptions x on x.id = e.second
      where e.type = 'statement_exceptions'
      union all
      select e.type, e.id, f.first, f.last
      from entity e
      cross join lateral (
        select min(day.first) as first, max(day.last) as last
        from (
          select s.starts_on, s.ends_on from blindagem.bank_statements s where s.file_id = e.whole
          union all
          select coalesce(p.paid_on, p.due_on), coalesce(p.paid_on, p.due_on) from blindagem.returned_payments p
          where p.file_id = e.whole) as day (first, last)) as f
      where e.type = 'statement_files'
      union all
      select e.type, e.id, coalesce(p.paid_on, p.due_on), coalesce(p.paid_on, p.due_on)
      from entity e join blindagem.returned_payments p on p.id = e.whole
      where e.type = 'returned_payments'
    ), expense as materialized (
      select o.expense_id as id, exists (
        select from blindagem.expenses x
        where x.condominium_id = entities_of_month.condominium_id and x.id = o.expense_id and x.competence = entities_of_month.month) as is_by_row
      from (select distinct o.expense_id from of_expense o where o.expense_id is not null) as o
    ), expense_of_month as materialized (
      select x.id from expense x where x.is_by_row
      union all
      select split_part(t.entity_id, '/', 2)::bigint
      from (select array_agg(entities_of_month.condominium_id || '/' || x.id) as ids from expense x where not x.is_by_row) as of_others
      cross join lateral blindagem_audit.told_of('expenses', of_others.ids, array['competence']) as t
      where t.value = to_char(entities_of_month.month, 'YYYY-MM-DD')
    ), movement as materialized (
      select o.movement_id as id, exists (
        select from blindagem.bank_transactions m
        where m.condominium_id = entities_of_month.condominium_id and m.id = o.movement_id
          and m.posted_on >= entities_of_month.month and m.posted_on < entities_of_month.month + interval '1 month') as is_by_row
      from (select distinct o.movement_id from of_movement o where o.movement_id is not null) as o
    ), movement_of_month as materialized (
      select m.id from movement m where m.is_by_row
      union all
      select t.entity_id::bigint
      from (select array_agg(m.id::text) as ids from movement m where not m.is_by_row) as of_others
      cross join lateral blindagem_audit.told_of('bank_transactions', of_others.ids, array['posted_on']) as t
      where left(t.value, 7) = to_char(entities_of_month.month, 'YYYY-MM')
    )
    select o.type, o.id from of_expense o where o.expense_id in (select e.id from expense_of_month e)
    union
    select o.type, o.id from of_movement o where o.movement_id in (select m.id from movement_of_month m)
    union
    select s.type, s.id from span s
    where s.first < entities_of_month.month + interval '1 month' and s.last >= entities_of_month.month
    union
    -- Days as text sort as days.
    select s.type, s.id
    from (
      select t.type, t.id,
        coalesce(min(t.value) filter (where t.field <> 'due_on'), min(t.value)) as first,
        coalesce(max(t.value) filter (where t.field <> 'due_on'), max(t.value)) as last
      from told t
      where t.field in ('month', 'starts_on', 'ends_on', 'from_day', 'to_day', 'due_on', 'paid_on')
      group by t.type, t.id, t.record_id) as s
    where s.first collate "C" < to_char(entities_of_month.month + interval '1 month', 'YYYY-MM-DD')
      and s.last collate "C" >= to_char(entities_of_month.month, 'YYYY-MM-DD')
  $$;
comment on function blindagem_private.entities_of_month is
  'Which of these rows of a condominium (as records name them) are about that month, or ever were, by what their rows say and by what the log has told of them: an expense of that competence with all that hangs on it (payables, retentions, documents, reviews, payments, match decisions), a movement posted in it with its verdict, refunds and payments, a statement that reaches into it with its file, exceptions, doubts and returned payments, a closing of it.';
revoke execute on function blindagem_private.entities_of_month from public;
grant execute on function blindagem_private.entities_of_month to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

create or replace function blindagem.closings_later_changes(closing blindagem.closings) returns setof blindagem.later_change
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    with later as materialized (
      select r.id, r.recorded_at, r.entity_type, r.entity_id, r.action, r.actor_id
      from blindagem_audit.audit_log_immutable r
      where r.condominium_id = closing.condominium_id
        and r.id >= (select blindagem_audit.first_id_after(closing.tree_size))
        and not (r.entity_type = 'closings' and r.entity_id = closing.id::text)
    ), candidate as materialized (
      select l.*
      from (select array_agg(l.entity_type) as types, array_agg(l.entity_id) as ids from later l) as all_of_them
      cross join lateral blindagem_private.entities_of_month(closing.condominium_id, closing.month, all_of_them.types, all_of_them.ids) as e
      join later l on l.entity_type = e.entity_type and l.entity_id = e.entity_id
    )
    select c.id, c.recorded_at, c.entity_type, c.entity_id,
      case when u.record_id is null then c.action else 'OUT_OF_BAND' end, c.actor_id, place.leaf_index
    from candidate c
    left join blindagem_audit.leaf_indexes((select array_agg(id) from candidate)) as place on place.record_id = c.id
    left join blindagem_audit.unattested_records u on u.record_id = c.id
    where place.leaf_index is null or place.leaf_index >= closing.tree_size
    order by c.id
  $$;

drop function blindagem_private.is_of_month;

reset role;

-- Partners who were never paid ---------------------------------------------------------------------------------

set local role :OWNER;

create function blindagem_private.partners_like(document text) returns table (id text, name text)
  language sql stable
  as $$
    select a.id || '/' || (s.place - 1), who.name
    from blindagem_private.company_answers a
    cross join lateral jsonb_array_elements(case jsonb_typeof(a.raw->'socios') when 'array' then a.raw->'socios' else '[]' end)
      with ordinality as s (socio, place)
    cross join lateral (values
      (s.socio->>'cpf_cnpj_socio', s.socio->>'nome'),
      (s.socio->>'cpf_representante_legal', s.socio->>'nome_representante')) as who (masked, name)
    where length(partners_like.document) = 11 and who.masked = '***' || substr(partners_like.document, 4, 6) || '**'
  $$;
comment on function blindagem_private.partners_like is
  'Partners in registry answers, and who represents them, whose masked CPF shows the six digits of this one, whatever their name: of a million people one has the same. By the answer and the place in it, as erasures name them.';
revoke execute on function blindagem_private.partners_like from public;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.erase_personal_data(text,text,bigint)'::regprocedure);
    change record;
  begin
    for change in
      select * from (values
        ('person_id bigint DEFAULT NULL::bigint)', 'person_id bigint DEFAULT NULL::bigint, name text DEFAULT NULL::text)'),
        ('      pattern text;
', '      pattern text;
      named text;
      unnamed int;
'),
        ($s$      if person_id is not null then
        if not exists$s$, $s$      if erase_personal_data.name is not null and length(document) is distinct from 11 then
        perform blindagem_private.fail('BLD04', 'O nome acompanha o CPF da pessoa: só com os dois se acha um sócio no cadastro de empresas.');
      end if;
      if erase_personal_data.name is not null and not (length(btrim(erase_personal_data.name)) >= 8 and strpos(btrim(erase_personal_data.name), ' ') > 0) then
        perform blindagem_private.fail('BLD04', 'O nome é o completo, como está no cadastro de empresas: nome e sobrenome.');
      end if;

      if person_id is not null then
        if not exists$s$),
        ('      if reason ~* pattern then
', '      named := blindagem_private.person_pattern(document,
        blindagem_private.names_of(document, condominiums) || array_remove(array[erase_personal_data.name], null));
      if reason ~* named then
'),
        ('      targets := blindagem_private.payee_rows(document, pattern, condominiums, organization);
', $s$      targets := blindagem_private.payee_rows(document, pattern, condominiums, organization);
      -- The name that was told counts for partners alone, beside the digits: by itself it is many people's.
      targets := targets || (
        select coalesce(jsonb_agg(jsonb_build_object('table', 'company_answers', 'id', p.id)), '[]')
        from blindagem_private.partners_like(document) as p
        where p.name ~* named and not targets @> jsonb_build_array(jsonb_build_object('table', 'company_answers', 'id', p.id)));
      select count(distinct p.id) into unnamed from blindagem_private.partners_like(document) as p
      where not targets @> jsonb_build_array(jsonb_build_object('table', 'company_answers', 'id', p.id))
        and not targets @> jsonb_build_array(jsonb_build_object('table', 'company_answers', 'id', split_part(p.id, '/', 1) || '/*'));
$s$),
        ($s$ and kept = '[]' then
        perform blindagem_private.fail('BLD03', $s$, $s$ and kept = '[]' then
        perform blindagem_private.fail('BLD03', case when unnamed > 0 then format(
          'Nada se encontrou deste CPF nos condomínios da administradora, mas %s nas respostas do cadastro de empresas. Se é a pessoa, informe também o nome, como está lá.',
          case unnamed when 1 then 'um sócio tem os mesmos seis dígitos visíveis' else unnamed || ' sócios têm os mesmos seis dígitos visíveis' end) else $s$),
        ($s$'Nada se encontrou desta pessoa nos condomínios da administradora.')$s$, $s$'Nada se encontrou desta pessoa nos condomínios da administradora.' end)$s$),
        ($s$      return blindagem_private.record_erasure(organization, reason, 'PAYEE', $s$, $s$      if unnamed > 0 then
        kept := kept || jsonb_build_object('what', 'partners', 'count', unnamed,
          'why', 'Sócios no cadastro de empresas com os mesmos seis dígitos visíveis do CPF, mas de outro nome: se são a pessoa, apague de novo com o nome que está lá.');
      end if;
      return blindagem_private.record_erasure(organization, reason, 'PAYEE', $s$)) as c (was, becomes)
    loop
      if strpos(source, change.was) = 0 then
        raise exception 'blindagem.erase_personal_data does not say: %', change.was;
      end if;
      source := replace(source, change.was, change.becomes);
    end loop;
    drop function blindagem.erase_personal_data(text, text, bigint);
    execute source;
  end
$do$;
comment on function blindagem.erase_personal_data is
  'Erases what the administradora holds of a person: of a payee by CPF (or the CNPJ of an MEI), of somebody who used the platform by id. With the name beside the CPF also partners in registry answers, which show six digits of it. What stays, and why, is in `kept`.';
revoke execute on function blindagem.erase_personal_data from public;
grant execute on function blindagem.erase_personal_data to :ADMIN, :INTEGRATOR, :OPERATOR, :REVIEWER, :SINDICO;

reset role;
