--! Previous: sha1:da792b444277951980a55ff66f0f3d8c00781668
--! Hash: sha1:663f996069bb43694e3e5229d67db5e93834f018

-- What every expense passes through, cheaper; and a decision's facts are the very text that was hashed.

set local role :OWNER;

-- As jsonb the facts were written by the worker, parsed and rearranged here, and their hash could only be checked by
-- working out the hashed text anew. Now the text itself is kept.
alter table blindagem.decisions
  alter column facts type text using facts::text,
  add column as_of timestamptz,
  add constraint decisions_facts_hashed check (encode(sha256(convert_to(facts, 'UTF8')), 'hex') = facts_hash) not valid;
comment on column blindagem.decisions.facts is '@omit
All facts but the rules, which are the rule set''s, as the canonical JSON that was hashed: facts_hash is its SHA-256. Decisions of version 21 of the schema and before hold them otherwise, and asOf among them.';
comment on column blindagem.decisions.as_of is '@omit
The instant at which the facts were loaded; of it the hashed text holds only whether the deadline of a missing fact had passed.';

-- Joined, the decided ones were looked for by reading all that are undecided: 12 milliseconds a chunk with 60,000 of them.
create or replace function blindagem_private.change_expense_status() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    declare wrong record;
    begin
      select n.id, o.status as old_status, n.status as new_status into wrong
      from new_rows n join old_rows o on o.condominium_id = n.condominium_id and o.id = n.id
      where o.status <> n.status and not exists (
        select from blindagem_private.expense_transitions t where t.from_status = o.status and t.to_status = n.status)
      limit 1;
      if found then
        perform blindagem_private.fail('BLD06',
          format('A despesa %s não pode passar de %s para %s.', wrong.id, wrong.old_status, wrong.new_status));
      end if;
      delete from blindagem_private.undecided_expenses u
      where u.expense_id = any (array(select n.id from new_rows n where n.status <> 'PENDING'));
      return null;
    end
  $$;

reset role;
