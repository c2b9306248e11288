import type pg from "pg";
import { z } from "zod";
import type { StoredDecision } from "./replay.ts";
import { type Rule, rule } from "./rule.ts";

/** A stored decision, and which expense it is about. */
export interface DecisionOf {
  condominiumId: string;
  id: string;
  expenseId: string;
  stored: StoredDecision;
}

const row = z.object({
  condominium_id: z.string(),
  id: z.string(),
  expense_id: z.string(),
  status: z.string(),
  reasons: z.unknown(),
  rule_version: z.string(),
  facts_hash: z.string(),
  rule_set: z.string(),
  facts: z.string(),
  as_of: z.date(),
  is_canonical: z.boolean(),
});

const PAGE = 1000;

/**
 * All stored decisions, or those of one organization or condominium, in the order of their keys, page by page.
 *
 * @param client of the workers' login, which sees all of them
 */
export async function* storedDecisions(
  client: pg.ClientBase,
  scope: { organizationId?: string | undefined; condominiumId?: string | undefined },
): AsyncGenerator<DecisionOf> {
  const ruleSets = await selectRuleSets(client);
  let after = { condominiumId: "0", id: "0" };
  for (;;) {
    const { rows } = await client.query(
      `select d.condominium_id, d.id, d.expense_id, d.status, d.reasons, d.rule_version, d.facts_hash, d.rule_set, d.facts,
         coalesce(d.as_of, d.decided_at) as as_of, d.as_of is not null as is_canonical
       from blindagem.decisions d
       where (d.condominium_id, d.id) > ($1, $2)
         and ($3::bigint is null or d.condominium_id = $3)
         and ($4::bigint is null or exists (
           select from blindagem.expenses e where e.id = d.expense_id and e.organization_id = $4))
       order by d.condominium_id, d.id limit ${PAGE}`,
      [after.condominiumId, after.id, scope.condominiumId ?? null, scope.organizationId ?? null],
    );
    for (const each of z.array(row).parse(rows)) {
      after = { condominiumId: each.condominium_id, id: each.id };
      yield {
        ...after,
        expenseId: each.expense_id,
        stored: {
          status: each.status,
          reasons: each.reasons,
          ruleVersion: each.rule_version,
          factsHash: each.facts_hash,
          ruleSet: each.rule_set,
          facts: each.facts,
          rules: ruleSets.get(each.rule_set) ?? [],
          asOf: each.as_of,
          isCanonical: each.is_canonical,
        },
      };
    }
    if (rows.length < PAGE) return;
  }
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
