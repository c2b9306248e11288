--! Previous: sha1:52c2679a09e94d0db27fb14da1810315177dd653
--! Hash: sha1:078c343f31cfdfd7895dd5b417fefef1640d06ba

-- Operators see whose jobs have waited longest: queue_now tells it by task alone.

set local role :OWNER;

create view blindagem.queue_now_of_organizations with (security_invoker = true, security_barrier = true) as
  select r.organization_id, r.task,
    count(*) filter (where r.state = 'WAITING' and r.run_at <= now()) as waiting,
    count(*) filter (where r.state = 'WAITING' and r.run_at > now()) as scheduled,
    count(*) filter (where r.state = 'RUNNING') as running,
    min(r.run_at) filter (where r.state = 'WAITING' and r.run_at <= now()) as oldest_waiting_since
  from blindagem_private.job_records r
  where r.state in ('WAITING', 'RUNNING') and r.organization_id is not null
  group by r.organization_id, r.task;

comment on view blindagem.queue_now_of_organizations is
  E'@primaryKey organization_id,task\n@foreignKey (organization_id) references blindagem.organizations (id)\nThe queue at this moment, by administradora and task (operators only).';
comment on column blindagem.queue_now_of_organizations.oldest_waiting_since is 'When the job was due that has waited longest.';

grant select on blindagem.queue_now_of_organizations to :OPERATOR;

reset role;
