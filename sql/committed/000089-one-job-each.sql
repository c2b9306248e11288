--! Previous: sha1:6bebb1d735e7fa6976792ae4c43051c1a4156706
--! Hash: sha1:05a2c2eaeeb524a0b6b81b900f84f80cd8d1e6a5

-- Housekeeping took claims away after seven days, also those of jobs that still wait: whoever needed the subject then made a second job.
-- It looks now whose subject a job in the queue has.

set local role :QUEUE;

grant execute on function blindagem_private.subjects_of(jsonb, text) to :WORKER;

reset role;
