import type pg from "pg";
import type { Decision } from "./decision.ts";
import type { ExpenseFacts } from "./facts.ts";
import { hashedFacts, ruleSetHash } from "./facts-hash.ts";
import type { Reason } from "./reason.ts";
import type { Rule } from "./rule.ts";
import { storedFacts } from "./stored-facts.ts";

/** A decision on one expense as it is stored. */
export interface MadeDecision {
  expenseId: string;
  status: Decision["status"];
  secondApproval: Decision["secondApproval"];
  ruleVersion: string;
  factsHash: string;
  rules: readonly Rule[];
  /** The instant at which its facts were loaded. */
  asOf: string;
  /** JSON, each on one line. */
  reasons: string;
  thresholds: string;
  facts: string;
}

/** What is stored of a decision on these facts. */
export function madeDecision(facts: ExpenseFacts, decision: Decision): MadeDecision {
  const { status, secondApproval, ruleVersion, factsHash, reasons } = decision;
  return {
    expenseId: facts.expense.id,
    status,
    secondApproval,
    ruleVersion,
    factsHash,
    rules: facts.rules,
    asOf: facts.asOf,
    reasons: JSON.stringify(reasons),
    thresholds: JSON.stringify(storedFacts(facts).thresholds),
    facts: hashedFacts(facts),
  };
}

/** A review to open on an expense. */
export interface OpenReview {
  condominiumId: string;
  expenseId: string;
  kind: "EXPENSE" | "SECOND_APPROVAL" | "LATE_FACT";
  reasons: readonly Reason[];
  requires: string | null;
}

/**
 * Carries decisions over to their expenses, where these are still pending: what a person or another run has decided
 * meanwhile stands. Those that were applied are kept with the facts they rest on: the very text whose hash they bear.
 *
 * One statement for both. JSON travels as lines of text, which no JSON contains: in an array of texts each quote is
 * escaped, and to take apart a JSON array of facts cost as much as to store them.
 *
 * @returns the ids of the expenses that changed
 */
export async function storeDecisions(
  client: pg.ClientBase,
  made: readonly MadeDecision[],
): Promise<Set<string>> {
  if (made.length === 0) return new Set();
  const ruleSets = new Map(made.map(({ rules }) => [ruleSetHash(rules), rules]));
  const { rows: changed } = await client.query<{ id: string }>({
    // By name: a connection plans it once instead of once a chunk.
    name: "store_decisions",
    text: `with made as materialized (
       select expense_id, status, second_approval, rule_version, facts_hash, rule_set, as_of, reasons::jsonb as reasons,
         thresholds::jsonb as thresholds, facts
       from rows from (
         unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]),
         string_to_table($9, E'\\n'), string_to_table($10, E'\\n'), string_to_table($11, E'\\n')) as made (
         expense_id, status, second_approval, rule_version, facts_hash, rule_set, as_of, reasons, thresholds, facts)
     ), kept_rules as (
       insert into blindagem_private.rule_sets (hash, rules)
       select hash, rules from jsonb_to_recordset($1) as s (hash text, rules jsonb) order by hash
       on conflict (hash) do nothing
     ), locked as materialized (
       -- In one order, so that two chunks with the same expenses wait for each other and do not lock up.
       select e.id from blindagem.expenses e
       where e.id = any ($2::bigint[]) and e.status = 'PENDING' order by e.id for update
     ), changed as (
       update blindagem.expenses e
       set status = m.status, status_reasons = m.reasons, second_approval = m.second_approval, facts_hash = m.facts_hash,
         decided_at = now()
       from made m
       -- That all are locked is one question, not one for each of them: a join took 6 microseconds an expense.
       where e.id = m.expense_id and e.id = any ($2::bigint[]) and (select count(*) from locked) > 0 and e.status = 'PENDING'
       returning e.condominium_id, e.id
     ), kept as (
       insert into blindagem.decisions (
         condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts, as_of)
       select c.condominium_id, c.id, m.status, m.reasons, m.rule_version, m.thresholds, m.facts_hash, m.rule_set, m.facts,
         m.as_of
       from changed c join made m on m.expense_id = c.id
     )
     select id::text as id from changed`,
    values: [
      JSON.stringify([...ruleSets].map(([hash, rules]) => ({ hash, rules }))),
      made.map(({ expenseId }) => expenseId),
      made.map(({ status }) => status),
      made.map(({ secondApproval }) => secondApproval),
      made.map(({ ruleVersion }) => ruleVersion),
      made.map(({ factsHash }) => factsHash),
      made.map(({ rules }) => ruleSetHash(rules)),
      made.map(({ asOf }) => asOf),
      made.map(({ reasons }) => reasons).join("\n"),
      made.map(({ thresholds }) => thresholds).join("\n"),
      made.map(({ facts }) => facts).join("\n"),
    ],
  });
  return new Set(changed.map(({ id }) => id));
}

/** Opens reviews; one that is open already for the same question stays as it is. */
export async function openReviews(
  client: pg.ClientBase,
  reviews: readonly OpenReview[],
): Promise<void> {
  if (reviews.length === 0) return;
  const rows = reviews.map((review) => ({
    condominium_id: review.condominiumId,
    expense_id: review.expenseId,
    kind: review.kind,
    reasons: review.reasons,
    requires: review.requires,
  }));
  await client.query(
    `insert into blindagem.reviews (condominium_id, kind, expense_id, subject, reasons, requires)
     select condominium_id, kind, expense_id, 'expense:' || expense_id, reasons, requires
     from jsonb_to_recordset($1) as r (
       condominium_id bigint, expense_id bigint, kind text, reasons jsonb, requires text)
     order by expense_id
     on conflict (condominium_id, kind, subject) where outcome is null do nothing`,
    [JSON.stringify(rows)],
  );
}
