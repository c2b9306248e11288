--! Previous: sha1:34d37363f9ca34ec2230dfd7f60a99cbd91ed591
--! Hash: sha1:1d04ca1ab1725cc7e0eeb6974097013f2a4d15fd

-- A record that is left out of a bundle belongs to the transaction that stands at its end. Payments and conclusions name their movement by the
-- same word, before that: their groups were given the movement's number, so an honest bundle of a month, or without salaries, did not verify.

set local role :AUDIT_OWNER;

do $do$
  declare
    source text := pg_get_functiondef('blindagem_audit.withheld_records(bigint[])'::regprocedure);
    was constant text := $s$'"transaction_id":"([0-9]+)"')$s$;
  begin
    if strpos(source, was) = 0 then
      raise exception 'blindagem_audit.withheld_records does not say: %', was;
    end if;
    execute replace(source, was, $s$'"transaction_id":"([0-9]+)"[}]$')$s$);
  end
$do$;

reset role;
