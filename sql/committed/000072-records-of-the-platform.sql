--! Previous: sha1:8599815d9a707550275bea00907953515802e57c
--! Hash: sha1:122a39029f28d990dbb1a6e071a3b73d3a546f28

-- What belongs to no tenant is told to whoever reads the log at all: that a table was emptied, what was changed in the tables
-- that hold for everybody, and where tree, definitions or such rows diverge. Until now nobody saw it: a superuser who emptied
-- a table, or changed a rule, left a record without a reader. Operators, who see such divergences, now read such records.

set local role :AUDIT_OWNER;

create function blindagem_audit.concerns_everybody(entity_type text, entity_id text) returns boolean
  language sql immutable parallel safe
  as $$
    select entity_id = entity_type
      or entity_type in ('categories', 'checkpoint_thinnings', 'log_detachments', 'reader_thresholds', 'rules')
  $$;
comment on function blindagem_audit.concerns_everybody is
  'Whether a record without tenant is for every reader of the log: a table''s truncation, which has the table''s name for an id, and what holds for everybody and tells of nobody. Not people, operators among grants and auditor_accesses, which are about persons; not job_interventions, which name jobs of some tenant; not definitions, which list keys of tenants'' rows, and keys have names of files in them.';
revoke execute on function blindagem_audit.concerns_everybody from public;
grant execute on function blindagem_audit.concerns_everybody to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;

-- They are few, whatever the log is: an index of their own, which costs other records nothing but a look at two columns.
create index audit_log_platform on blindagem_audit.audit_log_immutable (id)
  where organization_id is null and condominium_id is null and entity_type <> 'intents';
comment on index blindagem_audit.audit_log_platform is
  'Records that belong to no tenant, but for intents: a page has them beside the asker''s own.';

-- To everybody who reads any of the log: somebody whose last grant has ended sees nothing of it.
create policy platform on blindagem_audit.audit_log_immutable for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (organization_id is null and condominium_id is null and blindagem_audit.concerns_everybody(entity_type, entity_id)
    and ((select blindagem_private.visible_condominium_ids()) <> '{}' or (select blindagem_private.visible_organization_ids()) <> '{}'));
create policy operators on blindagem_audit.audit_log_immutable for select to :OPERATOR
  using (organization_id is null and condominium_id is null and blindagem_audit.concerns_everybody(entity_type, entity_id));
-- A category of salaries is no salary.
alter policy salaries on blindagem_audit.audit_log_immutable
  using ((select blindagem_private.sees_salaries())
    or (organization_id is null and condominium_id is null)
    or (sensitivity <> 'SALARY' and not (
      entity_type in ('bank_transactions', 'movement_verdicts', 'refunds') and condominium_id is not null
      and blindagem_private.is_salary_movement(condominium_id, (regexp_match(entity_id, case entity_type
        when 'refunds' then '^[0-9]+/([0-9]+)/' else '([0-9]+)$' end))[1]::bigint))));
grant select on blindagem_audit.audit_log_immutable to :OPERATOR;

alter policy readers on blindagem_audit.unattested_records to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;
grant select on blindagem_audit.unattested_records to :OPERATOR;
alter policy everybody on blindagem_audit.tiles to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;
grant select on blindagem_audit.tiles to :OPERATOR;
grant execute on function blindagem_audit.revealed(bigint, timestamptz, text) to :OPERATOR;
grant execute on function blindagem_audit.shown(jsonb, text, jsonb, jsonb) to :OPERATOR;
grant execute on function blindagem_audit.personal_of(bigint, timestamptz, text) to :OPERATOR;
grant execute on function blindagem_audit.metadata_of(jsonb) to :OPERATOR;
grant execute on function blindagem_audit.months_of_ids() to :OPERATOR;
grant execute on function blindagem_audit.first_id_at(timestamptz, timestamptz, timestamptz, bigint, bigint) to :OPERATOR;
grant execute on function blindagem_audit.strays(timestamptz, timestamptz, bigint, bigint) to :OPERATOR;
grant execute on function blindagem_audit.leaf_index(bigint) to :OPERATOR;
grant execute on function blindagem_audit.leaf_indexes(bigint[]) to :OPERATOR;

-- A divergence tells a key and names of fields, never values. Keys of tenants' rows have the tenant's number in them, and some a
-- file's name: of what belongs to no tenant a definition's name, or a bare number, says nothing of anybody. Nor does the
-- number of a record that is gone, of which nobody knows whether it was about a salary.
create policy platform on blindagem_audit.divergences for select to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR
  using (organization_id is null and condominium_id is null
    and (entity_type in ('tree', 'definitions') or entity_id ~ '^[0-9]+$'
      or blindagem_audit.concerns_everybody(entity_type, entity_id))
    and ((select blindagem_private.visible_condominium_ids()) <> '{}' or (select blindagem_private.visible_organization_ids()) <> '{}'));
alter policy salaries on blindagem_audit.divergences
  using ((select blindagem_private.sees_salaries())
    or (organization_id is null and condominium_id is null)
    or (sensitivity <> 'SALARY' and not (
      entity_type in ('bank_transactions', 'movement_verdicts', 'refunds') and condominium_id is not null
      and blindagem_private.is_salary_movement(condominium_id, (regexp_match(entity_id, case entity_type
        when 'refunds' then '^[0-9]+/([0-9]+)/' else '([0-9]+)$' end))[1]::bigint))));

-- An intent signs all records of a transaction without tenant as one group, of which readers may see a part.
create function blindagem_audit.withheld_platform_records(first_id bigint, last_id bigint)
  returns table (record_id bigint, transaction_id text, sensitivity text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select r.id, substring(r.entry from '"transaction_id":"([0-9]+)"[}]$'), r.sensitivity
    from blindagem_audit.audit_log_immutable r
    where r.organization_id is null and r.condominium_id is null and r.entity_type <> 'intents'
      and r.id between first_id and last_id
      and not blindagem_audit.concerns_everybody(r.entity_type, r.entity_id)
  $$;
comment on function blindagem_audit.withheld_platform_records is
  'Of the records of no tenant those that are not for every reader: with a transaction''s number and a leaf hash the others of their group can be checked. No contents.';
revoke execute on function blindagem_audit.withheld_platform_records from public;
grant execute on function blindagem_audit.withheld_platform_records to :ADMIN, :SINDICO, :AUDITOR;

-- With who it was by hand: login, program and address of the session. The screen asked for them by these names.
create or replace function blindagem_audit.metadata_of(entry jsonb) returns jsonb
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  as $$
    select jsonb_strip_nulls(jsonb_build_object(
      'reason', entry->'reason', 'ip', entry->'ip', 'userAgent', entry->'user_agent', 'requestId', entry->'request_id',
      'jobId', entry->'job_id', 'operation', entry->'operation', 'sessionLogin', entry->'session_login',
      'applicationName', entry->'application_name', 'clientAddress', entry->'client_address',
      'transactionId', entry->'transaction_id'))
  $$;
comment on function blindagem_audit.metadata_of is
  'What people see of a record beside who, when and what: reason, address, request and job; of the session its login, program and address, by which one is known who changed something by hand.';

reset role;
set local role :OWNER;

grant select on blindagem.audit_log to :OPERATOR;

reset role;
