--! Previous: sha1:6bebb1d735e7fa6976792ae4c43051c1a4156706
--! Hash: sha1:cf89954f7b5328119bbef3dfd48c042e55d0acde

-- Of one condominium, or a month of it, what is usual was looked for by kind: at each of the hundred people, keys and tasks that
-- do such things, in each month, since the index by kind has the actor before the condominium. In the condominium's own index type
-- and action now stand behind the id, and what is not asked for is passed over without its record being fetched. The index is
-- made anew for each month, about 4 s for a million records.

set local role :AUDIT_OWNER;

create index audit_log_kinds_of_condominium on blindagem_audit.audit_log_immutable (condominium_id, id, entity_type, action);
drop index blindagem_audit.audit_log_condominium;
alter index blindagem_audit.audit_log_kinds_of_condominium rename to audit_log_condominium;
comment on index blindagem_audit.audit_log_condominium is
  'The records of a condominium in order, with their types and actions.';

reset role;
