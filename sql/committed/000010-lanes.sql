--! Previous: sha1:fa14b62255c89f5a2355794e6cfbe521e0ff8f9d
--! Hash: sha1:be5b3fc553b72dfeb01a9c1d5d5806c5d323f172

-- Readings waited for their processes in the places of look-ups: each kind of waiting gets a lane of its own.

set local role :OWNER;

alter table blindagem_private.tasks drop constraint tasks_lane_check;
update blindagem_private.tasks set lane = case name when 'ocr_triage' then 'READING' else 'PROVIDER' end
where lane = 'SLOW';
alter table blindagem_private.tasks add constraint tasks_lane_check check (lane in ('QUICK', 'PROVIDER', 'READING'));
comment on table blindagem_private.tasks is
  'Every kind of job. What waits for a provider''s HTTP and what waits for a reading process run in lanes of their own, or they hold the quick ones hostage.';

reset role;
