--! Previous: sha1:e26bbee3226bdcf3897aaeee4455eed202d71aba
--! Hash: sha1:717ec876f776eff67f8b21fe50b30e901e252222

-- The sealing process remembers up to where nothing can come any more, and no longer walks over what it has taken out
-- before: behind 20,000,000 such rows, which an old snapshot kept from being cleaned up, a look that found nothing took
-- 886 ms. That rests on an order: a transaction has its xid before it takes an id of a record. The capture functions ask
-- for the xid in `shared`, before they take an id. record_intent took the id first: an intent that was all that
-- its transaction wrote had no xid by then.

set local role :AUDIT_OWNER;

grant select on sequence blindagem_audit.record_id to :SEALER;
comment on sequence blindagem_audit.record_id is
  'Ids of records, without a cache: a session that kept some back would give later changes of a row smaller ids. Whoever takes one has asked for pg_current_xact_id() before: sealing rests on that order (low-water-mark.ts).';

create or replace function blindagem_audit.record_intent() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      transaction_id xid8 := pg_current_xact_id();
      record_id bigint := nextval('blindagem_audit.record_id');
      at timestamptz := clock_timestamp();
      who blindagem_audit.context := blindagem_audit.current_context();
    begin
      if new.note is null or length(new.note) > 1000000 then
        raise exception using errcode = 'BLD04', message = 'Uma intenção tem até 1.000.000 de caracteres.';
      end if;
      insert into blindagem_audit.audit_log_immutable (id, recorded_at, sensitivity, entity_type, entity_id, action, actor_id, entry)
      values (record_id, at, 'ORDINARY', 'intents', transaction_id::text, 'ATTEST', who.actor_id,
        '{"format":"blindagem-intent-1","id":"' || record_id || '","salt":"' || gen_random_uuid() || '","recorded_at":"'
          || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '","transaction_id":"' || transaction_id
          || '","note":' || to_json(new.note) || '}');
      insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at)
      values (record_id, array[record_id], at);
      return new;
    end
  $$;

reset role;
