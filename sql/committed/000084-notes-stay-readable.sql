--! Previous: sha1:006948826c7c7ce7ef2605dd3e995ebfa4de780a
--! Hash: sha1:34d37363f9ca34ec2230dfd7f60a99cbd91ed591

-- What somebody puts into the table of cosignatures must not make a checkpoint unreadable to everybody: who rules the server can
-- take its conditions away. A note has lines that a note can have, and not more of them than readers take.

set local role :AUDIT_OWNER;

create or replace function blindagem_audit.cosigned_note(tree_size bigint, note text) returns text
  language sql stable set search_path = pg_catalog, pg_temp
  as $$
    select cosigned_note.note || coalesce((
      select string_agg('— ' || f.witness || ' ' || translate(encode(f.key_id || f.signature, 'base64'), E'\n', '') || E'\n', ''
        order by f.cosigned_at, f.witness, f.key_id)
      from (
        select s.witness, s.key_id, s.signature, s.cosigned_at
        from blindagem_audit.cosignatures s
        where s.tree_size = cosigned_note.tree_size
          and length(s.witness) <= 200 and length(s.key_id) = 4 and length(s.signature) = 72
          and s.witness ~ '^[^\s\u0001-\u0020+\u007f\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+$'
        -- As many as may be kept (store_cosignatures); the first that came.
        order by s.received_at, s.witness, s.key_id limit 48) as f), '')
  $$;
comment on function blindagem_audit.cosigned_note is
  'A checkpoint''s note with the witnesses'' lines under the log''s own: those that can be lines of a note, whatever stands in the table.';

reset role;
