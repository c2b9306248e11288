--! Previous: sha1:aa4c1f3367cffb4c70d371caea5926b3e779043d
--! Hash: sha1:ecf2cac059ac828b0530a8dd2290cacadec47f6c

-- Reading receipts: the threshold in force, settings that are stricter than it, what people say is right, WebP and TIFF.

set local role :OWNER;

alter table blindagem.documents drop constraint documents_format_check;
alter table blindagem.documents add constraint documents_format_check check (format in ('PNG', 'JPEG', 'WEBP', 'TIFF', 'PDF'));

-- The threshold -----------------------------------------------------------------------------------------------

create table blindagem.reader_thresholds (
  id bigint generated always as identity primary key,
  reader_version text not null,
  basis text not null check (basis in ('RELEASE', 'REVIEWS', 'OPERATOR')),
  least_probability numeric(5, 4) not null check (least_probability between 0 and 1),
  evidence jsonb not null,
  reason text not null check (length(btrim(reason)) >= 3),
  decided_at timestamptz not null default clock_timestamp()
);
comment on table blindagem.reader_thresholds is
  'The probability from which on a timestamp is accepted, by version of the reader; of several the last one counts. Nothing is changed or removed.';
comment on column blindagem.reader_thresholds.basis is
  'RELEASE: certified on generated pages before the release. REVIEWS: on what people said of production''s readings. OPERATOR: an operator''s word.';
comment on column blindagem.reader_thresholds.evidence is 'Documents accepted at it, the wrong ones among them, and the upper bound of the risk; {} where there is none.';
create unique index reader_thresholds_release on blindagem.reader_thresholds (reader_version) where basis = 'RELEASE';
alter table blindagem.reader_thresholds enable row level security;
create policy operator on blindagem.reader_thresholds for select to :OPERATOR using (true);
create policy worker on blindagem.reader_thresholds for select to :WORKER using (true);
grant select on blindagem.reader_thresholds to :OPERATOR, :WORKER;

create function blindagem_private.reader_threshold() returns numeric
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$ select t.least_probability from blindagem.reader_thresholds t order by t.id desc limit 1 $$;
comment on function blindagem_private.reader_threshold is
  'The probability from which on a timestamp is accepted; null while none was stored: then it is that of the code.';
grant execute on function blindagem_private.reader_threshold to :WORKER, :OPERATOR;

create function blindagem.set_reader_threshold(
  reader_version text, least_probability numeric, basis text, evidence jsonb, reason text, loosen boolean default false)
  returns blindagem.reader_thresholds
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare stored blindagem.reader_thresholds;
    begin
      perform blindagem_private.require_role('operator');
      perform blindagem_private.require_reason(reason);
      if basis is null or basis not in ('REVIEWS', 'OPERATOR') or least_probability is null
        or least_probability not between 0 and 1 then
        perform blindagem_private.fail('BLD04', 'O limiar vai de 0 a 1, com base REVIEWS ou OPERATOR.');
      end if;
      if least_probability < blindagem_private.reader_threshold() and (not coalesce(loosen, false) or basis <> 'OPERATOR') then
        perform blindagem_private.fail('BLD06', format(
          'O limiar em vigor é %s; afrouxá-lo exige que um operador o confirme expressamente.', blindagem_private.reader_threshold()));
      end if;
      insert into blindagem.reader_thresholds (reader_version, basis, least_probability, evidence, reason)
      values (set_reader_threshold.reader_version, set_reader_threshold.basis, set_reader_threshold.least_probability,
        coalesce(set_reader_threshold.evidence, '{}'), btrim(set_reader_threshold.reason))
      returning * into stored;
      return stored;
    end
  $$;
comment on function blindagem.set_reader_threshold is
  'Puts another threshold of the reader in force (operators only): a stricter one, or, confirmed by `loosen`, a looser one.';
revoke execute on function blindagem.set_reader_threshold from public;
grant execute on function blindagem.set_reader_threshold to :OPERATOR;

-- Settings that are stricter ----------------------------------------------------------------------------------

alter table blindagem.settings drop constraint settings_name_check;
alter table blindagem.settings add constraint settings_name_check check (name in (
  'fact_deadline_hours', 'receipt_date_tolerance_days', 'split_window_days', 'payee_account_hold_days',
  'debit_without_expense_days', 'stale_bank_hours', 'receipt_least_confidence', 'receipt_hour_required'));

create function blindagem_private.check_reading_setting() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp
  as $$
    begin
      if new.name = 'receipt_hour_required' and new.value > 1 then
        perform blindagem_private.fail('BLD04', 'receipt_hour_required é 0 ou 1.');
      end if;
      if new.name = 'receipt_least_confidence'
        and (new.value > 10000 or new.value < 10000 * coalesce(blindagem_private.reader_threshold(), 0)) then
        perform blindagem_private.fail('BLD04', format(
          'receipt_least_confidence vai de %s (o limiar em vigor) a 10000: um ajuste só torna a leitura mais rigorosa.',
          ceil(10000 * coalesce(blindagem_private.reader_threshold(), 0))));
      end if;
      return new;
    end
  $$;
comment on function blindagem_private.check_reading_setting is 'An organization may ask more of the reading of its receipts, never less.';
create trigger check_reading_setting before insert or update on blindagem.settings
  for each row when (new.name in ('receipt_least_confidence', 'receipt_hour_required'))
  execute function blindagem_private.check_reading_setting();

-- What people say is right -----------------------------------------------------------------------------------

create function blindagem_private.is_printed_instant(printed text) returns boolean
  language plpgsql stable strict set search_path = pg_catalog, pg_temp
  as $$
    begin
      -- PostgreSQL itself takes much more than this, and hour 24.
      return printed ~ '^\d{4}-\d{2}-\d{2}(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?)?$' and isfinite(printed::timestamp);
    exception when datetime_field_overflow then
      return false;
    end
  $$;
comment on function blindagem_private.is_printed_instant is 'Whether a text is a day of the calendar, or one with an hour, as people write them of a document; null of null.';

create table blindagem.reading_corrections (
  organization_id bigint not null references blindagem.organizations,
  id bigint generated always as identity primary key,
  reading_id bigint not null references blindagem.document_readings,
  printed_at text check (blindagem_private.is_printed_instant(printed_at)),
  amount blindagem.amount,
  corrected_by bigint not null references blindagem.people,
  corrected_at timestamptz not null default clock_timestamp()
);
comment on table blindagem.reading_corrections is
  'What a person says stands on a document, whether the reading was right or not: the truth by which the reader is measured. Of several on a reading the last one counts.';
comment on column blindagem.reading_corrections.printed_at is
  'Date, or date and hour, of payment or issue as printed, without zone; null when the document has none, or none that a person can read.';
comment on column blindagem.reading_corrections.amount is 'What was paid, or the total; null when the person said nothing of it.';
create index reading_corrections_of_reading on blindagem.reading_corrections (reading_id);
select blindagem_private.scope_by_organization('blindagem.reading_corrections');

create function blindagem.correct_reading(sha256 text, reason text, printed_at text default null, amount numeric default null)
  returns blindagem.reading_corrections
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
  as $$
    declare
      organization bigint := blindagem_private.current_organization_id();
      reading bigint;
      stored blindagem.reading_corrections;
    begin
      perform blindagem_private.require_role('admin', 'reviewer');
      perform blindagem_private.require_reason(reason);
      select r.id into reading
      from blindagem.document_readings r
      where r.sha256 = correct_reading.sha256
        and exists (select from blindagem.document_uploads u where u.organization_id = organization and u.sha256 = r.sha256)
      order by r.id desc limit 1;
      if reading is null then
        perform blindagem_private.fail('BLD03', 'O documento não existe ou ainda não foi lido.');
      end if;
      if not blindagem_private.is_printed_instant(printed_at) then
        perform blindagem_private.fail('BLD04', 'A data (printedAt) é AAAA-MM-DD, ou AAAA-MM-DDTHH:MM[:SS], como está no documento.');
      end if;
      insert into blindagem.reading_corrections (organization_id, reading_id, printed_at, amount, corrected_by)
      values (organization, reading, correct_reading.printed_at, correct_reading.amount, blindagem_private.current_person_id())
      returning * into stored;
      return stored;
    end
  $$;
comment on function blindagem.correct_reading is
  'Says what stands on a document: its date or date and hour (null: none that can be read) and amount. It is kept as the truth of its last reading.';
revoke execute on function blindagem.correct_reading from public;
grant execute on function blindagem.correct_reading to :ADMIN, :REVIEWER, :SINDICO, :INTEGRATOR, :OPERATOR;

create function blindagem_private.reading_outcomes()
  returns table (reader_version text, accepted boolean, probability double precision, timestamp_precision text, is_right boolean,
    amount_is_right boolean)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  as $$
    select r.reader_version, r.verdict = 'ACCEPTED', (read.value->>'confidence')::double precision, read.value->>'precision',
      case when r.verdict = 'ACCEPTED' then coalesce(
        left(read.value->>'value', length.of) = left(truth.printed_at, length.of) and length(truth.printed_at) >= length.of, false) end,
      (r.reading#>>'{fields,amount,value}')::numeric = truth.amount
    from (
      select distinct on (c.reading_id) c.* from blindagem.reading_corrections c order by c.reading_id, c.id desc) as truth
    join blindagem.document_readings r on r.id = truth.reading_id
    cross join lateral (select r.reading#>'{fields,timestamp}' as value) as read
    cross join lateral (
      select case read.value->>'precision' when 'second' then 19 when 'minute' then 16 else 10 end as of) as length
    where r.reading ? 'fields'
  $$;
comment on function blindagem_private.reading_outcomes is
  'How the readings did of which people said what is right: no document, no content. An hour is right to the precision that was claimed.';
revoke execute on function blindagem_private.reading_outcomes from public;
grant execute on function blindagem_private.reading_outcomes to :OPERATOR;

reset role;
set local role :AUDIT_OWNER;
-- Added to the list as it is, whatever other migrations have put there.
do $do$
  begin
    execute regexp_replace(pg_get_functiondef('blindagem_audit.impersonal_columns()'::regprocedure), 'values', $list$values
      -- Why a threshold was changed: the act's, as any change's reason is.
      ('reader_thresholds', 'reader_version basis evidence reason'),
      ('reading_corrections', 'printed_at'),$list$);
  end
$do$;
select blindagem_audit.define_capture('blindagem.reader_thresholds');
select blindagem_audit.define_capture('blindagem.reading_corrections');
reset role;
set local role :OWNER;
select blindagem_private.attach_audit('blindagem.reader_thresholds');
select blindagem_private.attach_audit('blindagem.reading_corrections');
reset role;
