--! Previous: sha1:34d37363f9ca34ec2230dfd7f60a99cbd91ed591
--! Hash: sha1:573e94a203b7a389763f615e659a42ab29605fe5

-- A record that is left out of a bundle belongs to the transaction that stands at its end. Payments and conclusions name their movement by the
-- same word, before that: their groups were given the movement's number, so an honest bundle of a month, or without salaries, did not verify.
-- The records of the oldest installations have it before their end.

set local role :AUDIT_OWNER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_audit.withheld_records(bigint[])'::regprocedure);
    was constant text := $s$substring(r.entry from '"transaction_id":"([0-9]+)"')$s$;
  begin
    if strpos(source, was) = 0 then
      raise exception 'blindagem_audit.withheld_records does not say: %', was;
    end if;
    execute replace(source, was, $s$coalesce(substring(r.entry from '"transaction_id":"([0-9]+)"[}]$'), $s$ || was || ')');
  end
$do$;

reset role;
