--! Previous: -
--! Hash: sha1:b7377b20c20c043883df0df6024ec0c0ba0d9c0d

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

-- Modulus 11 over characters valued ASCII - 48 (IN RFB 2.229/2024): r < 2 gives 0, else 11 - r, which is
-- (11 - r) % 11 % 10. Written out, so that PostgreSQL inlines it: as a function over an array of weights it took
-- about 100 times as long, and it runs for every expense.
create function blindagem_private.is_cnpj(candidate text) returns boolean
  language sql immutable parallel safe
  as $$
    select candidate ~ '^[A-Z0-9]{12}[0-9]{2}$'
      and candidate <> '00000000000000'
      and substr(candidate, 13, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 5 + (ascii(substr(candidate, 2, 1)) - 48) * 4
        + (ascii(substr(candidate, 3, 1)) - 48) * 3 + (ascii(substr(candidate, 4, 1)) - 48) * 2
        + (ascii(substr(candidate, 5, 1)) - 48) * 9 + (ascii(substr(candidate, 6, 1)) - 48) * 8
        + (ascii(substr(candidate, 7, 1)) - 48) * 7 + (ascii(substr(candidate, 8, 1)) - 48) * 6
        + (ascii(substr(candidate, 9, 1)) - 48) * 5 + (ascii(substr(candidate, 10, 1)) - 48) * 4
        + (ascii(substr(candidate, 11, 1)) - 48) * 3 + (ascii(substr(candidate, 12, 1)) - 48) * 2
      ) % 11) % 11 % 10
      and substr(candidate, 14, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 6 + (ascii(substr(candidate, 2, 1)) - 48) * 5
        + (ascii(substr(candidate, 3, 1)) - 48) * 4 + (ascii(substr(candidate, 4, 1)) - 48) * 3
        + (ascii(substr(candidate, 5, 1)) - 48) * 2 + (ascii(substr(candidate, 6, 1)) - 48) * 9
        + (ascii(substr(candidate, 7, 1)) - 48) * 8 + (ascii(substr(candidate, 8, 1)) - 48) * 7
        + (ascii(substr(candidate, 9, 1)) - 48) * 6 + (ascii(substr(candidate, 10, 1)) - 48) * 5
        + (ascii(substr(candidate, 11, 1)) - 48) * 4 + (ascii(substr(candidate, 12, 1)) - 48) * 3
        + (ascii(substr(candidate, 13, 1)) - 48) * 2
      ) % 11) % 11 % 10
  $$;
comment on function blindagem_private.is_cnpj is
  'True when the text is a CNPJ in its bare form, upper-case alphanumeric, with right check digits (IN RFB 2.229/2024).';

create function blindagem_private.is_cpf(candidate text) returns boolean
  language sql immutable parallel safe
  as $$
    select candidate ~ '^[0-9]{11}$'
      and candidate !~ '^(.)\1{10}$'
      and substr(candidate, 10, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 10 + (ascii(substr(candidate, 2, 1)) - 48) * 9
        + (ascii(substr(candidate, 3, 1)) - 48) * 8 + (ascii(substr(candidate, 4, 1)) - 48) * 7
        + (ascii(substr(candidate, 5, 1)) - 48) * 6 + (ascii(substr(candidate, 6, 1)) - 48) * 5
        + (ascii(substr(candidate, 7, 1)) - 48) * 4 + (ascii(substr(candidate, 8, 1)) - 48) * 3
        + (ascii(substr(candidate, 9, 1)) - 48) * 2
      ) % 11) % 11 % 10
      and substr(candidate, 11, 1)::int = (11 - (
        (ascii(substr(candidate, 1, 1)) - 48) * 11 + (ascii(substr(candidate, 2, 1)) - 48) * 10
        + (ascii(substr(candidate, 3, 1)) - 48) * 9 + (ascii(substr(candidate, 4, 1)) - 48) * 8
        + (ascii(substr(candidate, 5, 1)) - 48) * 7 + (ascii(substr(candidate, 6, 1)) - 48) * 6
        + (ascii(substr(candidate, 7, 1)) - 48) * 5 + (ascii(substr(candidate, 8, 1)) - 48) * 4
        + (ascii(substr(candidate, 9, 1)) - 48) * 3 + (ascii(substr(candidate, 10, 1)) - 48) * 2
      ) % 11) % 11 % 10
  $$;
comment on function blindagem_private.is_cpf is 'True when the text is a CPF of 11 digits with right check digits.';

-- Over text, not char(14): comparing char(14) with text arrays loses the index.
create domain blindagem.cnpj as text check (blindagem_private.is_cnpj(value));
comment on domain blindagem.cnpj is 'CNPJ, bare and upper-case, check digits verified; letters are never stripped.';

create domain blindagem.amount as numeric(14, 2);
comment on domain blindagem.amount is 'Money in reais with exact centavos.';

create domain blindagem.sha256 as text check (value ~ '^[0-9a-f]{64}$');
comment on domain blindagem.sha256 is 'SHA-256 digest in lower-case hexadecimal.';

grant execute on function blindagem_private.is_cnpj, blindagem_private.is_cpf to public;

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
