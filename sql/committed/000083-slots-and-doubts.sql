--! Previous: sha1:f8875f1067bb02ae2d8c2b108bebee56c687dd3a
--! Hash: sha1:6e72aa9ce1e06e8686bbc0e6e9fbc9ed95e60cfd

-- The slots that jobs had reserved before version 76 were given back, but the jobs still bore them: a worker of the version before,
-- which runs on until it is restarted, came with one and was let go, uncounted, beside whoever had been given the same slot.

set local role :QUEUE;

update graphile_worker._private_jobs j
set payload = (j.payload::jsonb - 'slotAt' - 'slots')::json
from graphile_worker._private_tasks t
where t.id = j.task_id and t.identifier in ('cnpj_lookup', 'pluggy_sync') and j.payload->>'slotAt' is not null and j.locked_at is null;

reset role;

-- Of a fact that came while the review of another was open on the same expense, nobody was ever told. Once a person has let the
-- first one pass, the expense is validated again, and what is new opens the next review.

set local role :OWNER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem.resolve_review(bigint, boolean, text)'::regprocedure);
    before text := $s$      elsif review.kind in ('PAYMENT', 'REFUND') then$s$;
  begin
    if strpos(source, before) = 0 then
      raise exception 'blindagem.resolve_review does not say: %', before;
    end if;
    execute replace(source, before, $s$      elsif review.kind = 'LATE_FACT' and approve and not exists (
          select from blindagem_private.deadly_expenses d where d.expense_id = expense.id) then
        -- What came while this was open had no review of its own.
        perform blindagem_private.enqueue_jobs(jsonb_build_array(jsonb_build_object(
          'task', 'validate_expenses', 'organizationId', expense.organization_id, 'batchId', expense.batch_id,
          'requestId', blindagem_private.setting('request_id'),
          'payload', jsonb_build_object('expenseIds', jsonb_build_array(expense.id::text)))));
$s$ || before);
  end
$do$;

reset role;
