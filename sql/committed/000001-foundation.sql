--! Previous: -
--! Hash: sha1:c2bf5e2a9e39aaec1fce835ca440f75d638221fd

-- The ground everything stands on: schemas and their owners, domains that carry the identifiers' invariants,
-- and the functions that say who is asking. Roles are cluster-wide and are made before any migration runs
-- (src/database/roles.ts); here they appear as placeholders, because an installation may prefix their names.

create extension if not exists btree_gist;

create schema blindagem authorization :OWNER;
create schema blindagem_private authorization :OWNER;
create schema blindagem_audit authorization :AUDIT_OWNER;
comment on schema blindagem is 'What GraphQL shows: tables, views and functions of the business.';
comment on schema blindagem_private is 'Internals that no request role reads directly.';
comment on schema blindagem_audit is 'The audit log, owned by a role that nothing logs in as.';

alter default privileges for role :OWNER revoke execute on functions from public;
alter default privileges for role :AUDIT_OWNER revoke execute on functions from public;

grant usage on schema blindagem to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER;
grant usage on schema blindagem_private to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :INTEGRATOR, :OPERATOR, :WORKER;
grant usage on schema blindagem_private to :QUEUE;
grant usage on schema blindagem_audit to :OWNER, :SEALER, :WORKER, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR;

-- `reset role` at the end of each migration: the tool writes its own record in the same transaction.
set local role :OWNER;

-- Identifiers -----------------------------------------------------------------------------------------------

create function blindagem_private.check_digit(characters text, weights int[]) returns int
  language sql immutable strict parallel safe
  as $$
    select case when sum % 11 < 2 then 0 else 11 - sum % 11 end
    from (
      select sum((ascii(substr(characters, position, 1)) - 48) * weights[position])::int as sum
      from generate_series(1, array_length(weights, 1)) as position
    ) as weighted
  $$;
comment on function blindagem_private.check_digit is
  'Modulus 11 over characters valued ASCII - 48, as IN RFB 2.229/2024 defines it for alphanumeric CNPJs; r < 2 gives 0.';

create function blindagem_private.is_cnpj(candidate text) returns boolean
  language sql immutable strict parallel safe
  as $$
    select candidate ~ '^[A-Z0-9]{12}[0-9]{2}$'
      and candidate <> '00000000000000'
      and blindagem_private.check_digit(candidate, '{5,4,3,2,9,8,7,6,5,4,3,2}') = substr(candidate, 13, 1)::int
      and blindagem_private.check_digit(candidate, '{6,5,4,3,2,9,8,7,6,5,4,3,2}') = substr(candidate, 14, 1)::int
  $$;
comment on function blindagem_private.is_cnpj is
  'True when the text is a CNPJ in its bare form, upper-case alphanumeric, with right check digits (IN RFB 2.229/2024).';

create function blindagem_private.is_cpf(candidate text) returns boolean
  language sql immutable strict parallel safe
  as $$
    select candidate ~ '^[0-9]{11}$'
      and candidate !~ '^(.)\1{10}$'
      and blindagem_private.check_digit(candidate, '{10,9,8,7,6,5,4,3,2}') = substr(candidate, 10, 1)::int
      and blindagem_private.check_digit(candidate, '{11,10,9,8,7,6,5,4,3,2}') = substr(candidate, 11, 1)::int
  $$;
comment on function blindagem_private.is_cpf is 'True when the text is a CPF of 11 digits with right check digits.';

-- Over text, not char(14): comparing char(14) with text arrays loses the index.
create domain blindagem.cnpj as text check (blindagem_private.is_cnpj(value));
comment on domain blindagem.cnpj is 'CNPJ, bare and upper-case, check digits verified; letters are never stripped.';

create domain blindagem.amount as numeric(14, 2);
comment on domain blindagem.amount is 'Money in reais with exact centavos.';

create domain blindagem.sha256 as text check (value ~ '^[0-9a-f]{64}$');
comment on domain blindagem.sha256 is 'SHA-256 digest in lower-case hexadecimal.';

grant execute on function blindagem_private.check_digit, blindagem_private.is_cnpj, blindagem_private.is_cpf to public;

-- Who asks --------------------------------------------------------------------------------------------------

create function blindagem_private.setting(name text) returns text
  language sql stable parallel safe
  as $$ select nullif(current_setting('blindagem.' || name, true), '') $$;
comment on function blindagem_private.setting is 'A setting of the request (blindagem.*), null when absent or empty.';

create function blindagem_private.current_organization_id() returns bigint
  language sql stable parallel safe
  as $$ select blindagem_private.setting('organization_id')::bigint $$;
comment on function blindagem_private.current_organization_id is 'The organization for which the request acts, set by the API from the verified token.';

create function blindagem_private.current_person_id() returns bigint
  language sql stable parallel safe
  as $$ select blindagem_private.setting('person_id')::bigint $$;
comment on function blindagem_private.current_person_id is 'The person who acts: for an API key, the one on whose behalf it came.';

create function blindagem_private.current_role_name() returns text
  language sql stable parallel safe
  as $$ select blindagem_private.setting('role') $$;
comment on function blindagem_private.current_role_name is 'The role of the request: admin, reviewer, sindico, auditor, integrator or operator.';

create function blindagem_private.today() returns date
  language sql stable parallel safe
  as $$ select (now() at time zone 'America/Sao_Paulo')::date $$;
comment on function blindagem_private.today is 'The calendar date in Brasília.';

grant execute on function
  blindagem_private.setting, blindagem_private.current_organization_id, blindagem_private.current_person_id,
  blindagem_private.current_role_name, blindagem_private.today
  to public;

create function blindagem_private.fail(code text, message text) returns void
  language plpgsql
  as $$
    begin
      raise exception using errcode = code, message = message;
    end
  $$;
comment on function blindagem_private.fail is 'Raises an error of our SQLSTATE class BLDxx; the registry is blindagem_private.error_codes.';
grant execute on function blindagem_private.fail to public;

create table blindagem_private.error_codes (
  code text primary key check (code ~ '^BLD[0-9]{2}$'),
  http_status int not null check (http_status between 400 and 599),
  meaning text not null
);
alter table blindagem_private.error_codes enable row level security;
comment on table blindagem_private.error_codes is
  'The registry of our errors. SQL, TypeScript (src/api/errors.ts) and docs/errors.md agree by test.';
insert into blindagem_private.error_codes (code, http_status, meaning) values
  ('BLD01', 401, 'Falta autenticação, ou ela não vale.'),
  ('BLD02', 403, 'O papel de quem pede não permite esta operação.'),
  ('BLD03', 404, 'O registro pedido não existe ou não está ao alcance de quem pede.'),
  ('BLD04', 400, 'O pedido tem um dado inválido.'),
  ('BLD05', 409, 'A chave de idempotência já foi usada com outro conteúdo.'),
  ('BLD06', 409, 'O estado atual não permite esta mudança.'),
  ('BLD07', 409, 'Quem submeteu não pode decidir.'),
  ('BLD08', 400, 'Falta o motivo da mudança.'),
  ('BLD09', 413, 'O pedido é maior que o permitido.'),
  ('BLD10', 429, 'Pedidos demais; tente de novo mais tarde.'),
  ('BLD11', 409, 'Já existe um registro com esta identificação.'),
  ('BLD12', 415, 'O formato do arquivo não é aceito.'),
  ('BLD13', 400, 'A consulta GraphQL passa dos limites.'),
  ('BLD14', 503, 'O serviço está ocupado ou parando; tente de novo.');

reset role;
