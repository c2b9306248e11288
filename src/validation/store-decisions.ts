import type pg from "pg";
import type { Decision } from "./decision.ts";
import type { ExpenseFacts } from "./facts.ts";
import { hashedFacts, ruleSetHash } from "./facts-hash.ts";
import type { Reason } from "./reason.ts";

/** A decision on one expense, to be stored. */
export interface MadeDecision {
  condominiumId: string;
  facts: ExpenseFacts;
  decision: Decision;
}

/** A review to open on an expense. */
export interface OpenReview {
  condominiumId: string;
  expenseId: string;
  kind: "EXPENSE" | "SECOND_APPROVAL" | "LATE_FACT";
  reasons: readonly Reason[];
  requires: string | null;
}

/** Keeps the decisions that were applied, with the facts they rest on: the very text whose hash the decision bears. */
export async function insertDecisions(
  client: pg.ClientBase,
  made: readonly MadeDecision[],
): Promise<void> {
  if (made.length === 0) return;
  const ruleSets = new Map(made.map(({ facts }) => [ruleSetHash(facts.rules), facts.rules]));
  // By name, as below: a connection plans each of them once instead of once a chunk.
  await client.query({
    name: "insert_decisions",
    text: `with kept_rules as (
       insert into blindagem_private.rule_sets (hash, rules)
       select hash, rules from jsonb_to_recordset($1) as s (hash text, rules jsonb) order by hash
       on conflict (hash) do nothing
     )
     insert into blindagem.decisions (
       condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts, as_of)
     select condominium_id, expense_id, status, reasons::jsonb, rule_version, (facts->'thresholds')::jsonb, facts_hash,
       rule_set, facts::text, as_of
     from rows from (
       unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[]),
       json_array_elements($9), json_array_elements($10)) as made (
       condominium_id, expense_id, status, rule_version, facts_hash, rule_set, as_of, reasons, facts)`,
    values: [
      JSON.stringify([...ruleSets].map(([hash, rules]) => ({ hash, rules }))),
      made.map(({ condominiumId }) => condominiumId),
      made.map(({ facts }) => facts.expense.id),
      made.map(({ decision }) => decision.status),
      made.map(({ decision }) => decision.ruleVersion),
      made.map(({ decision }) => decision.factsHash),
      made.map(({ facts }) => ruleSetHash(facts.rules)),
      made.map(({ facts }) => facts.asOf),
      JSON.stringify(made.map(({ decision }) => decision.reasons)),
      // As elements of a JSON array the texts arrive as they are; in an array of texts each of their quotes is escaped.
      `[${made.map(({ facts }) => hashedFacts(facts)).join(",")}]`,
    ],
  });
}

/**
 * Carries decisions over to their expenses, where these are still pending: what a person or another run has decided
 * meanwhile stands.
 *
 * @returns the ids of the expenses that changed
 */
export async function applyDecisions(
  client: pg.ClientBase,
  made: readonly MadeDecision[],
): Promise<Set<string>> {
  if (made.length === 0) return new Set();
  const { rows: changed } = await client.query<{ id: string }>({
    name: "apply_decisions",
    text: `with made as (
       select condominium_id, expense_id, status, second_approval, facts_hash, reasons::jsonb
       from rows from (
         unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[]), json_array_elements($6)) as made (
         condominium_id, expense_id, status, second_approval, facts_hash, reasons)
     ), locked as (
       -- In one order, so that two chunks with the same expenses wait for each other and do not lock up.
       select e.condominium_id, e.id from blindagem.expenses e
       join made m on m.condominium_id = e.condominium_id and m.expense_id = e.id
       where e.status = 'PENDING' order by e.id for update of e
     )
     update blindagem.expenses e
     set status = m.status, status_reasons = m.reasons, second_approval = m.second_approval, facts_hash = m.facts_hash,
       decided_at = now()
     from made m
     join locked l on l.condominium_id = m.condominium_id and l.id = m.expense_id
     where e.condominium_id = m.condominium_id and e.id = m.expense_id and e.status = 'PENDING'
     returning e.id::text as id`,
    values: [
      made.map(({ condominiumId }) => condominiumId),
      made.map(({ facts }) => facts.expense.id),
      made.map(({ decision }) => decision.status),
      made.map(({ decision }) => decision.secondApproval),
      made.map(({ decision }) => decision.factsHash),
      JSON.stringify(made.map(({ decision }) => decision.reasons)),
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
