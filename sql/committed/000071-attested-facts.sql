--! Previous: sha1:078c343f31cfdfd7895dd5b417fefef1640d06ba
--! Hash: sha1:8599815d9a707550275bea00907953515802e57c

-- The comparison holds each decision against the hash of its facts in the expense, whose changes are in the log: facts that were
-- rewritten past the triggers, and a decision that is gone. Facts that were erased are right where an erasure names the decision.

set local role :OWNER;

create policy comparison on blindagem.decisions for select to :SEALER using (true);
grant select (condominium_id, id, expense_id, facts_hash, facts, as_of) on blindagem.decisions to :SEALER;
create policy worker on blindagem.erasures for select to :WORKER using (true);
grant select (targets) on blindagem.erasures to :WORKER;

reset role;
set local role :AUDIT_OWNER;

alter table blindagem_audit.divergences drop constraint divergences_kind_check;
alter table blindagem_audit.divergences add constraint divergences_kind_check check (kind in (
  'ROW_CHANGED', 'ROW_MISSING', 'ROW_UNKNOWN', 'FACTS_ALTERED', 'DECISION_MISSING', 'RECORD_ALTERED', 'RECORD_MISSING', 'RECORD_UNSEALED',
  'TREE', 'DEFINITIONS'));
comment on column blindagem_audit.divergences.kind is
  'A row that is not as the log has it, that is gone, or that the log does not know; an expense''s decision whose facts are not those that the log vouches for, or that is gone; a record that is not as it was sealed, that is gone, or that is neither sealed nor waits for it; a tree that is not the signed one; a definition that no migration left.';

reset role;
