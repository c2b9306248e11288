--! Previous: sha1:8f35f3db14f45788a32d85d7cd2feaf0eee5371e
--! Hash: sha1:eb38f3ba9a9815fb304a2c1b77f07418e24d3b0c

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
