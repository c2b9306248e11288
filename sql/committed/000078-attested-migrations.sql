--! Previous: sha1:e6d9990bf8ccb29b8aa1f6f5aaaf74a2f4342b6b
--! Hash: sha1:f2f55ad6e41cc2ba5f357f9903aef448341b888f

-- What `blindagem migrate` writes (rules, categories, the reader's threshold, definitions) names an actor and is signed for, where the
-- key of the intents is at hand. Whoever says the same of themselves in SQL has no such key: their records are found without an intent.

set local role :AUDIT_OWNER;

create or replace function blindagem_audit.current_context() returns blindagem_audit.context
  language plpgsql stable set search_path = pg_catalog, pg_temp
  as $$
    declare
      actor_id text := nullif(current_setting('blindagem.actor_id', true), '');
      reason text := nullif(current_setting('blindagem.reason', true), '');
      is_platform boolean := session_user in (':AUTHENTICATOR', ':WORKER') or coalesce(actor_id = 'system:migrate', false);
    begin
      if is_platform and (actor_id is null or reason is null) then
        raise exception using errcode = 'BLD08',
          message = 'Falta dizer quem faz a mudança, e por quê: sem isso o registro de auditoria não a aceita.',
          hint = 'Set blindagem.actor_id and blindagem.reason in the transaction (src/database/actor.ts).';
      end if;
      return row(
        not is_platform,
        actor_id,
        nullif(current_setting('blindagem.role', true), ''),
        nullif(current_setting('blindagem.on_behalf_of', true), ''),
        reason,
        nullif(current_setting('blindagem.ip', true), '')::inet,
        nullif(current_setting('blindagem.user_agent', true), ''),
        nullif(current_setting('blindagem.request_id', true), ''),
        nullif(current_setting('blindagem.job_id', true), ''))::blindagem_audit.context;
    end
  $$;
comment on function blindagem_audit.current_context is
  'The context of the running statement, read once for all its rows. Under the platform''s logins a write without actor and reason is refused; under any other it is out of band, but for one that says that it is `blindagem migrate` (system:migrate), which an intent has to cover like a process''s.';

reset role;

-- The way a process of a version before 74 asks for what belongs to a month: between migrating and its restart it still writes bundles.

set local role :OWNER;

create function blindagem_private.is_of_month(condominium_id bigint, month date, entity_type text, entity_id text) returns boolean
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select exists (
      select from blindagem_private.entities_of_month(condominium_id, month, array[entity_type], array[entity_id]))
  $$;
comment on function blindagem_private.is_of_month is
  'entities_of_month for one row, as versions before 74 ask for it: kept for processes that have not been restarted since.';
revoke execute on function blindagem_private.is_of_month from public;
grant execute on function blindagem_private.is_of_month to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
