import type pg from "pg";
import { z } from "zod";
import { areAttested, IS_ERASED, MAY_BE_OF_OLDER } from "../../validation/kept-facts.ts";
import { keyValues } from "./audited-tables.ts";
import type { Compared, Divergence } from "./divergence.ts";

/** The table whose rows bear the hash of the facts on which they were decided. */
export const DECIDED = "expenses";

const DECISION_KINDS = ["FACTS_ALTERED", "DECISION_MISSING"] as const;
const KEY = [{ digits: 18 }, { digits: 18 }];

const row = z.object({
  id: z.string(),
  organization_id: z.string(),
  condominium_id: z.string(),
  sensitivity: z.string(),
  attested_hash: z.string().nullable(),
  decision: z
    .object({
      facts: z.string(),
      factsHash: z.string(),
      isCanonical: z.boolean(),
      isOfOlder: z.boolean(),
      isErased: z.boolean(),
    })
    .nullable(),
});

/**
 * Compares the decisions of these expenses with the hash of their facts that the expenses bear. Decisions are not in the
 * log, the hash is: whether the expense itself is as the log has it is compared beside this.
 *
 * @param client in a transaction with one snapshot: an expense and its decision become visible together
 * @param ids keys of expenses as the log has them; one that is not there, or that no machine decided, is no divergence
 */
export async function compareDecisions(
  client: pg.ClientBase,
  ids: readonly string[],
): Promise<Compared> {
  const keys = ids.flatMap((id) => {
    const values = keyValues(id, KEY);
    return values === undefined ? [] : [values];
  });
  const { rows } = await client.query<Record<string, unknown>>(
    `select e.condominium_id || '/' || e.id as id, e.organization_id, e.condominium_id, e.sensitivity,
       e.facts_hash as attested_hash, case when d.id is not null then json_build_object(
         'facts', d.facts, 'factsHash', d.facts_hash, 'isCanonical', d.as_of is not null,
         'isOfOlder', ${MAY_BE_OF_OLDER}, 'isErased', ${IS_ERASED}) end as decision
     from unnest($1::bigint[], $2::bigint[]) as wanted (condominium_id, id)
     join blindagem.expenses e on e.condominium_id = wanted.condominium_id and e.id = wanted.id
     left join blindagem.decisions d on d.condominium_id = e.condominium_id and d.expense_id = e.id
     where e.facts_hash is not null or d.id is not null`,
    KEY.map((_, place) => keys.map((values) => values[place])),
  );
  return {
    entityType: DECIDED,
    scope: { ids },
    kinds: DECISION_KINDS,
    count: rows.length,
    divergences: z.array(row).parse(rows).flatMap(divergenceOf),
  };
}

function divergenceOf({ decision, attested_hash, ...expense }: z.infer<typeof row>): Divergence[] {
  if (decision !== null && areAttested(decision, attested_hash)) return [];
  return [
    {
      kind: decision === null ? "DECISION_MISSING" : "FACTS_ALTERED",
      entityType: DECIDED,
      entityId: expense.id,
      organizationId: expense.organization_id,
      condominiumId: expense.condominium_id,
      sensitivity: expense.sensitivity,
      fields: [],
    },
  ];
}
