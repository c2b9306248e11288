--! Previous: sha1:73a2351a012da3f54b313024af9e7a402a12db3d
--! Hash: sha1:ee489d3a7a837252faea2fd6b0d1626a929a54bd

-- What waits for its facts is noted a batch, not an expense: a row for each and its removal were a twentieth of what an expense took.

set local role :OWNER;

create table blindagem_private.undecided_batches (
  batch_id bigint primary key,
  fact_deadline timestamptz not null
);
comment on table blindagem_private.undecided_batches is
  'The batches in which an expense may still be PENDING, with the first deadline of their facts: in place of an index over the status, which made every change of it dear. forget_decided_batches takes out those of which all are decided.';
create index undecided_batches_deadline on blindagem_private.undecided_batches (fact_deadline);
alter table blindagem_private.undecided_batches enable row level security;
create policy worker on blindagem_private.undecided_batches for select to :WORKER using (true);
grant select on blindagem_private.undecided_batches to :WORKER;

lock table blindagem.expenses in share row exclusive mode;
insert into blindagem_private.undecided_batches (batch_id, fact_deadline)
select e.batch_id, min(e.fact_deadline)
from blindagem_private.undecided_expenses u join blindagem.expenses e on e.id = u.expense_id
group by e.batch_id;

drop trigger undecided on blindagem.expenses;
drop function blindagem_private.note_undecided_expenses();
create function blindagem_private.note_undecided_batches() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      insert into blindagem_private.undecided_batches (batch_id, fact_deadline)
      select n.batch_id, min(n.fact_deadline) from new_rows n where n.status = 'PENDING' group by n.batch_id
      on conflict (batch_id) do update set fact_deadline = least(undecided_batches.fact_deadline, excluded.fact_deadline);
      return null;
    end
  $$;
comment on function blindagem_private.note_undecided_batches is 'New expenses wait for their decision.';
create trigger undecided after insert on blindagem.expenses referencing new table as new_rows
  for each statement execute function blindagem_private.note_undecided_batches();

create function blindagem_private.forget_decided_batches(due timestamptz) returns int
  language sql security definer set search_path = pg_catalog, pg_temp
  as $$
    with forgotten as (
      delete from blindagem_private.undecided_batches u
      where u.fact_deadline <= due
        and not exists (select from blindagem.expenses e where e.batch_id = u.batch_id and e.status = 'PENDING')
      returning u.batch_id)
    select count(*)::int from forgotten
  $$;
comment on function blindagem_private.forget_decided_batches is
  'Takes the batches off the undecided ones whose deadline has come and whose expenses are all decided: no status ever leads back to PENDING. Returns how many.';
grant execute on function blindagem_private.forget_decided_batches to :WORKER;

do $$
  declare
    source text := pg_get_functiondef('blindagem_private.change_expense_status'::regproc);
    removal text := $s$      delete from blindagem_private.undecided_expenses u
      where u.expense_id = any (array(select n.id from new_rows n where n.status <> 'PENDING'));
$s$;
  begin
    if strpos(source, removal) = 0 then
      raise exception 'change_expense_status does not remove what is decided';
    end if;
    execute replace(source, removal, '');
  end
$$;
comment on function blindagem_private.change_expense_status is 'Refuses a change of status that expense_transitions does not list.';
drop table blindagem_private.undecided_expenses;

reset role;
