--! Previous: sha1:b21be3c65c3b6ff344b2c2c96d1865b24811fdc2
--! Hash: sha1:2f75c5647dd5fc1c9a255bd6e7262cf2fb8d68c8

-- Of several decisions on a pair the last one counts, in the precision of the evidence, too: a confirmation that was a mistake
-- and was taken back said something for its evidence still.

set local role :OWNER;

create or replace view blindagem.evidence_precision with (security_invoker = true, security_barrier = true) as
  select answer.code,
    count(*) filter (where vote.is_yes)::int as confirmed,
    count(*) filter (where not vote.is_yes)::int as rejected,
    round(count(*) filter (where vote.is_yes)::numeric / count(*), 4) as precision
  from (
    select code.code, standing.decision = 'CONFIRMED' as confirmed
    from (
      select distinct on (d.condominium_id, d.debit_id, d.payable_id, d.credit_id) d.decision, d.evidence
      from blindagem.match_decisions d
      order by d.condominium_id, d.debit_id, d.payable_id, d.credit_id, d.id desc) as standing
    cross join lateral unnest(standing.evidence) as code (code)
    where standing.decision in ('CONFIRMED', 'REJECTED')
    union all
    select distinct_codes.code, r.outcome = 'APPROVED'
    from blindagem.reviews r
    cross join lateral (select distinct e->>'code' as code from jsonb_array_elements(r.reasons) as e) as distinct_codes
    where r.kind in ('PAYMENT', 'REFUND') and r.outcome in ('APPROVED', 'REJECTED') and r.withdrawn_at is null) as answer
  -- Of a second relation, so that PostgreSQL 15 and 18 tell the view in the same words.
  cross join lateral (select answer.confirmed as is_yes) as vote
  group by answer.code;

reset role;
