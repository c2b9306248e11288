import type pg from "pg";
import { z } from "zod";
import { IS_ERASED, MAY_BE_OF_OLDER } from "./kept-facts.ts";
import type { StoredDecision } from "./replay.ts";
import { type Rule, rule } from "./rule.ts";

/** An expense that the machine decided, and what is stored of its decision. */
export interface DecidedExpense {
  condominiumId: string;
  expenseId: string;
  /** The hash of the facts that the expense bears, whose changes are in the log. */
  attestedHash: string | null;
  /** Undefined when it is gone. */
  decision: StoredDecision | undefined;
}

const expense = z.object({
  condominium_id: z.string(),
  id: z.string(),
  attested_hash: z.string().nullable(),
  decision_id: z.string().nullable(),
});

const row = z.object({
  status: z.string(),
  reasons: z.unknown(),
  rule_version: z.string(),
  facts_hash: z.string(),
  rule_set: z.string(),
  facts: z.string(),
  as_of: z.date(),
  is_canonical: z.boolean(),
  is_of_older: z.boolean(),
  is_erased: z.boolean(),
});

const PAGE = 1000;

/**
 * All expenses that the machine decided, or those of one organization or condominium, with their decisions, in the order of
 * their keys, page by page. From the expenses' side, since their changes are in the log and those of decisions are not: so
 * what is gone is missed.
 *
 * @param client of the workers' login, which sees all of them
 */
export async function* storedDecisions(
  client: pg.ClientBase,
  scope: { organizationId?: string | undefined; condominiumId?: string | undefined },
): AsyncGenerator<DecidedExpense> {
  const ruleSets = await selectRuleSets(client);
  let after = { condominiumId: "0", expenseId: "0" };
  for (;;) {
    const { rows } = await client.query<Record<string, unknown>>(
      `select e.condominium_id, e.id, e.facts_hash as attested_hash, d.id as decision_id,
         d.status, d.reasons, d.rule_version, d.facts_hash, d.rule_set, d.facts,
         coalesce(d.as_of, d.decided_at) as as_of, d.as_of is not null as is_canonical,
         ${MAY_BE_OF_OLDER} as is_of_older, ${IS_ERASED} as is_erased
       from blindagem.expenses e
       left join blindagem.decisions d on d.condominium_id = e.condominium_id and d.expense_id = e.id
         -- Or each page would go through the decisions of all before it.
         and (d.condominium_id, d.expense_id) > ($1, $2)
       where (e.condominium_id, e.id) > ($1, $2)
         and (e.facts_hash is not null or d.id is not null)
         and ($3::bigint is null or e.condominium_id = $3)
         and ($4::bigint is null or e.organization_id = $4)
       order by e.condominium_id, e.id limit ${PAGE}`,
      [
        after.condominiumId,
        after.expenseId,
        scope.condominiumId ?? null,
        scope.organizationId ?? null,
      ],
    );
    for (const each of rows) {
      const { condominium_id, id, attested_hash, decision_id } = expense.parse(each);
      after = { condominiumId: condominium_id, expenseId: id };
      yield {
        ...after,
        attestedHash: attested_hash,
        decision: decision_id === null ? undefined : decisionOf(row.parse(each), ruleSets),
      };
    }
    if (rows.length < PAGE) return;
  }
}

function decisionOf(
  stored: z.infer<typeof row>,
  ruleSets: ReadonlyMap<string, Rule[]>,
): StoredDecision {
  return {
    status: stored.status,
    reasons: stored.reasons,
    ruleVersion: stored.rule_version,
    factsHash: stored.facts_hash,
    ruleSet: stored.rule_set,
    facts: stored.facts,
    rules: ruleSets.get(stored.rule_set) ?? [],
    asOf: stored.as_of,
    isCanonical: stored.is_canonical,
    isOfOlder: stored.is_of_older,
    isErased: stored.is_erased,
  };
}

/** There are few of them: one for each change of the rules. */
async function selectRuleSets(client: pg.ClientBase): Promise<Map<string, Rule[]>> {
  const { rows } = await client.query("select hash, rules from blindagem_private.rule_sets");
  return new Map(
    z
      .array(z.object({ hash: z.string(), rules: z.array(rule) }))
      .parse(rows)
      .map(({ hash, rules }) => [hash, rules]),
  );
}
