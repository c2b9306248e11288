--! Previous: sha1:458ad08519c3c5e452b5a75d03bed378e24ef2bf
--! Hash: sha1:26a0cca7503fcd1385e92381fbc383a64e91e530

-- What witnesses say of the log has a place: a cosignature stands beside its checkpoint and goes along wherever that goes.
-- Neither is in the tree, whose state they sign; what alters one is found by whoever verifies it with the witness's key.

set local role :AUDIT_OWNER;

create table blindagem_audit.cosignatures (
  tree_size bigint not null,
  -- A line of a note has them between spaces; what is wider than that would make the whole note unreadable.
  witness text not null check (length(witness) <= 200
    and witness ~ '^[^\s\u0001-\u0020+\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$'),
  key_id bytea not null check (length(key_id) = 4),
  signature bytea not null check (length(signature) = 72),
  cosigned_at timestamptz not null generated always as (
    to_timestamp((('x' || encode(substring(signature from 1 for 8), 'hex'))::bit(64)::bigint)::double precision)) stored
    check (cosigned_at between to_timestamp(0) and to_timestamp(253402300799)),
  received_at timestamptz not null default clock_timestamp(),
  primary key (tree_size, witness, key_id)
);
comment on table blindagem_audit.cosignatures is
  'Cosignatures of checkpoints by the witnesses of the key list (C2SP tlog-cosignature), at most one by each key.';
comment on column blindagem_audit.cosignatures.tree_size is 'Of the checkpoint.';
comment on column blindagem_audit.cosignatures.witness is 'The name of its key.';
comment on column blindagem_audit.cosignatures.key_id is 'The id of its key, which the name does not tell: keys are replaced.';
comment on column blindagem_audit.cosignatures.signature is 'Eight bytes of seconds since 1970, and the Ed25519 signature of checkpoint and time.';
comment on column blindagem_audit.cosignatures.cosigned_at is 'When the witness signed, as it says itself.';
create trigger guard_change before update or delete on blindagem_audit.cosignatures
  for each statement execute function blindagem_audit.refuse_change();
create trigger guard_truncate before truncate on blindagem_audit.cosignatures
  for each statement execute function blindagem_audit.refuse_change();
alter table blindagem_audit.cosignatures enable always trigger guard_change;
alter table blindagem_audit.cosignatures enable always trigger guard_truncate;
alter table blindagem_audit.cosignatures enable row level security;
create policy everybody on blindagem_audit.cosignatures for select
  to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR, :SEALER using (true);
grant select on blindagem_audit.cosignatures to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR, :SEALER;

create function blindagem_audit.store_cosignatures(
  checkpoint text, tree_size bigint, witnesses text[], key_ids bytea[], signatures bytea[])
  returns table (witness text, key_id bytea)
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '3s'
  as $$
    declare kept text;
    begin
      -- Thinning takes a lock that does not go with this one: what it removes is not cosigned meanwhile, nor the other way round.
      lock table blindagem_audit.checkpoints in row exclusive mode;
      select c.note into kept from blindagem_audit.checkpoints c where c.tree_size = store_cosignatures.tree_size;
      if kept is null then
        raise exception using errcode = 'BLD03', message = format(
          'O registro não guarda um checkpoint de %s folhas: assine o atual (blindagem witness cosign) e entregue-o logo; os antigos são rareados.',
          tree_size);
      end if;
      if not starts_with(kept, checkpoint || E'\n') then
        raise exception using errcode = 'BLD11', message = format(
          'O checkpoint de %s folhas que a testemunha assinou não é o que o registro guarda: há duas histórias dele. Guarde o arquivo, que é a prova disso, e compare-o com o de /log/checkpoints/%s.',
          tree_size, tree_size);
      end if;
      -- A note has no more than 64 signatures, and some are the log's own.
      if 48 < (
        select count(*) from (
          select s.witness, s.key_id from blindagem_audit.cosignatures s where s.tree_size = store_cosignatures.tree_size
          union
          select given.witness, given.key_id from unnest(witnesses, key_ids) as given (witness, key_id)) as together) then
        raise exception using errcode = 'BLD06', message = format('O checkpoint de %s folhas já tem assinaturas demais.', tree_size);
      end if;
      return query
        insert into blindagem_audit.cosignatures as s (tree_size, witness, key_id, signature)
        select store_cosignatures.tree_size, given.witness, given.key_id, given.signature
        from unnest(witnesses, key_ids, signatures) as given (witness, key_id, signature)
        on conflict do nothing
        returning s.witness, s.key_id;
    end
  $$;
comment on function blindagem_audit.store_cosignatures is
  'Keeps cosignatures of a checkpoint that the log has, given by its text; whoever calls has verified them by the key list. Those that were not there yet.';

create function blindagem_audit.cosigned_note(tree_size bigint, note text) returns text
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select cosigned_note.note || coalesce((
      select string_agg('— ' || s.witness || ' ' || translate(encode(s.key_id || s.signature, 'base64'), E'\n', '') || E'\n', ''
        order by s.cosigned_at, s.witness, s.key_id)
      from blindagem_audit.cosignatures s where s.tree_size = cosigned_note.tree_size), '')
  $$;
comment on function blindagem_audit.cosigned_note is 'A checkpoint''s note with the witnesses'' lines under the log''s own.';

revoke execute on function blindagem_audit.store_cosignatures, blindagem_audit.cosigned_note from public;
-- Without a login a request only reads: the API hands in under its own login what it has verified, as it takes webhooks.
grant usage on schema blindagem_audit to :AUTHENTICATOR;
grant execute on function blindagem_audit.store_cosignatures to :AUTHENTICATOR, :OPERATOR;
grant execute on function blindagem_audit.cosigned_note to :ANONYMOUS, :ADMIN, :REVIEWER, :SINDICO, :AUDITOR, :OPERATOR, :SEALER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_audit.thin_checkpoints'::regproc);
    before constant text := 'select c.tree_size from blindagem.closings c
';
  begin
    if position(before in source) = 0 then
      raise exception 'thin_checkpoints is not as 000042 left it';
    end if;
    execute replace(source, before, before || '        union
        select s.tree_size from blindagem_audit.cosignatures s
');
  end
$do$;

reset role;
set local role :OWNER;

-- As the checkpoints: without a barrier, since nothing in them is anybody's (000026).
create or replace view blindagem.audit_checkpoints with (security_invoker = true, security_barrier = false) as
  select c.tree_size, encode(c.root, 'base64') as root, blindagem_audit.cosigned_note(c.tree_size, c.note) as note, c.signed_at
  from blindagem_audit.checkpoints c;
comment on column blindagem.audit_checkpoints.note is
  'The signed note (C2SP tlog-checkpoint): the log''s own signatures, and under them those of witnesses.';

create view blindagem.audit_cosignatures with (security_invoker = true, security_barrier = true) as
  select s.tree_size, s.witness, encode(s.key_id, 'hex') as key_id, s.cosigned_at, s.received_at
  from blindagem_audit.cosignatures s;
comment on view blindagem.audit_cosignatures is
  E'@primaryKey tree_size,witness,key_id\n@foreignKey (tree_size) references blindagem.audit_checkpoints (tree_size)|@fieldName checkpoint|@foreignFieldName cosignatures\n@behavior -insert -update -delete -totalCount\nWitnesses who cosigned a checkpoint: each says that, at that time, it continued all that it had seen of the log.';
comment on column blindagem.audit_cosignatures.tree_size is 'Leaves of the checkpoint''s tree: what stands before them the witness vouches for.';
comment on column blindagem.audit_cosignatures.witness is 'The name of the witness''s key.';
comment on column blindagem.audit_cosignatures.key_id is 'The id of its key, as in the key list, in hexadecimal.';
comment on column blindagem.audit_cosignatures.cosigned_at is 'When the witness signed, as it says itself.';
comment on column blindagem.audit_cosignatures.received_at is 'When the cosignature was handed in.';
grant select on blindagem.audit_cosignatures to :ADMIN, :REVIEWER, :SINDICO, :AUDITOR;

reset role;
