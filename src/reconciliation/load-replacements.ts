import type pg from "pg";
import type { AnsweredReview, MatchDecision } from "./answers.ts";

/** Ids of movements that the provider gives under another id now -> the movement that stands for each. */
export type Replacements = ReadonlyMap<string, string>;

/** The replaced movements of condominiums; of one that was replaced several times, the last. */
export async function loadReplacements(
  client: pg.ClientBase,
  condominiumIds: readonly string[],
): Promise<Replacements> {
  const { rows } = await client.query<{ old: string; by: string }>({
    name: "replaced movements",
    text: `with recursive chain as (
       select t.id as old, t.replaced_by as by, 1 as step from blindagem.bank_transactions t
       where t.condominium_id = any ($1::bigint[]) and t.replaced_by is not null
       union all
       select c.old, t.replaced_by, c.step + 1 from chain c
       join blindagem.bank_transactions t on t.id = c.by and t.replaced_by is not null
       where c.step < 20
     )
     select distinct on (old) old::text, by::text from chain order by old, step desc`,
    values: [condominiumIds],
  });
  return new Map(rows.map(({ old, by }) => [old, by]));
}

/** A review with the movements that stand now for those that it was about. */
export function onCurrent(review: AnsweredReview, current: Replacements): AnsweredReview {
  if (current.size === 0) return review;
  return {
    ...review,
    reasons: review.reasons.map((reason) => {
      const { transactionIds } = reason.evidence;
      if (!Array.isArray(transactionIds)) return reason;
      const ids = transactionIds.map((id) => current.get(id) ?? id);
      return { ...reason, evidence: { ...reason.evidence, transactionIds: ids } };
    }),
  };
}

/** A decision on the movements that stand now for those that it was about. */
export function decisionOnCurrent(decision: MatchDecision, current: Replacements): MatchDecision {
  const { pair } = decision;
  const now = (id: string) => current.get(id) ?? id;
  return {
    ...decision,
    pair:
      "payableId" in pair
        ? { ...pair, transactionId: now(pair.transactionId) }
        : { creditId: now(pair.creditId), debitId: now(pair.debitId) },
  };
}
