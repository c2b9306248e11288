--! Previous: sha1:9b4ae82c987e7f970ef77f0ea3e46b922d165534
--! Hash: sha1:2bb40cf5b841452858eed39b5cfd5231e3894d90

-- A false signature that came first in a true witness's name and key kept the true one out. The database cannot tell one from the
-- other: it keeps both, and whoever reads, who has the witness's key, takes the first that is true.

set local role :AUDIT_OWNER;

alter table blindagem_audit.cosignatures
  drop constraint cosignatures_pkey,
  add primary key (tree_size, witness, key_id, signature);
-- By it the first ones of a key are read, however many somebody puts in after them.
create index cosignatures_received on blindagem_audit.cosignatures (tree_size, witness, key_id, received_at);
comment on table blindagem_audit.cosignatures is
  'Cosignatures of checkpoints by the witnesses of the key list (C2SP tlog-cosignature). Those that came through the platform are true, one by each key; whoever has the API''s password can put false ones beside them.';

create function blindagem_audit.kept_cosignatures(sizes bigint[], witnesses text[], key_ids bytea[])
  returns table (tree_size bigint, witness text, key_id bytea, signature bytea)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select s.tree_size, s.witness, s.key_id, s.signature
    from (select distinct asked.* from unnest(sizes, witnesses, key_ids) as asked (tree_size, witness, key_id)) as asked
    cross join lateral (
      select c.* from blindagem_audit.cosignatures c
      where c.tree_size = asked.tree_size and c.witness = asked.witness and c.key_id = asked.key_id
      order by c.received_at, c.signature limit 64) as s
    order by s.tree_size, s.witness, s.key_id, s.received_at, s.signature
  $$;
comment on function blindagem_audit.kept_cosignatures is
  'What came first in the names of these keys under checkpoints of these sizes, true or not: 64 of each at most.';
revoke execute on function blindagem_audit.kept_cosignatures from public;
grant execute on function blindagem_audit.kept_cosignatures
  to :ADMIN, :ANONYMOUS, :AUDITOR, :AUTHENTICATOR, :OPERATOR, :REVIEWER, :SEALER, :SINDICO;

create or replace function blindagem_audit.cosigned_note(tree_size bigint, note text, witnesses text[], key_ids bytea[]) returns text
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select cosigned_note.note || coalesce((
      select string_agg('— ' || f.witness || ' ' || translate(encode(f.key_id || f.signature, 'base64'), E'\n', '') || E'\n', ''
        order by f.cosigned_at, f.witness, f.key_id)
      from (
        select together.* from (
          -- A note has one line of a key: the first that came.
          (select true as is_known, s.witness, s.key_id, s.signature, s.cosigned_at
          from (select distinct k.* from unnest(witnesses, key_ids) as k (witness, key_id)) as known
          cross join lateral (
            select c.* from blindagem_audit.cosignatures c
            where c.tree_size = cosigned_note.tree_size and c.witness = known.witness and c.key_id = known.key_id
              and length(c.signature) = 72
            order by c.received_at, c.signature limit 1) as s
          order by s.witness, s.key_id limit 48)
          union all
          -- In the order of the key: of many that somebody invented none but these are read.
          (select distinct on (o.witness, o.key_id) false, o.witness, o.key_id, o.signature, o.cosigned_at
          from (
            select s.*
            from blindagem_audit.cosignatures s
            where s.tree_size = cosigned_note.tree_size
              and length(s.witness) <= 200 and length(s.key_id) = 4 and length(s.signature) = 72
              and s.witness ~ '^[^\s\u0001-\u0020+\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$'
              and not exists (
                select from unnest(witnesses, key_ids) as known (witness, key_id)
                where known.witness = s.witness and known.key_id = s.key_id)
            order by s.witness, s.key_id, s.received_at, s.signature limit 192) as o
          order by o.witness, o.key_id, o.received_at, o.signature limit 48)) as together
        -- A note has no more than 64 lines, and some are the log's own.
        order by together.is_known desc, together.witness, together.key_id limit 48) as f), '')
  $$;
comment on function blindagem_audit.cosigned_note(bigint, text, text[], bytea[]) is
  'A checkpoint''s note with the witnesses'' lines under the log''s own: of each key the first that came, of those that can be lines of a note, 48 at most, first of the witnesses that are told.';

create or replace function blindagem_audit.cosigned_note(tree_size bigint, note text) returns text
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select blindagem_audit.cosigned_note(cosigned_note.tree_size, cosigned_note.note, '{}', '{}')
  $$;

reset role;
set local role :OWNER;

create or replace view blindagem.audit_cosignatures with (security_invoker = true, security_barrier = true) as
  select s.tree_size, s.witness, encode(s.key_id, 'hex') as key_id, s.cosigned_at, s.received_at,
    translate(encode(s.signature, 'base64'), E'\n', '') as signature
  from blindagem_audit.cosignatures s;
comment on view blindagem.audit_cosignatures is
  E'@primaryKey tree_size,witness,key_id,signature\n@foreignKey (tree_size) references blindagem.audit_checkpoints (tree_size)|@fieldName checkpoint|@foreignFieldName cosignatures\n@behavior -insert -update -delete -totalCount\nWitnesses who cosigned a checkpoint: each says that, at that time, it continued all that it had seen of the log.';
comment on column blindagem.audit_cosignatures.signature is
  'Eight bytes of seconds since 1970, and the Ed25519 signature of checkpoint and time, in base64.';

reset role;
