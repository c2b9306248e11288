import { createHash } from "node:crypto";
import type pg from "pg";
import { actorOf } from "../../../src/api/request-settings.ts";
import { supplierCnpj, type Tenant } from "./tenants.ts";

/** Rows of a batch as src/expenses hands them on: `each` expenses for each of the condominiums, all of them in order. */
export function makeRows(
  name: string,
  condominiums: readonly string[],
  each: number,
  suppliers: number,
): string {
  const rows = condominiums.flatMap((condominium, place) =>
    Array.from({ length: each }, (_, number) => {
      const index = place * each + number;
      return {
        index,
        externalId: `${name}-${index}`,
        condominium,
        category: "LIMPEZA",
        documentKind: "NFSE",
        documentNumber: `${name}-${index}`,
        issueDate: "2026-11-01",
        competence: "2026-11",
        grossAmount: `${100 + (index % 900)}.45`,
        payeeKind: "CNPJ",
        payeeDocument: supplierCnpj((index * 7919 + place) % suppliers),
        payeeName: "Fornecedor",
        dueDate: "2026-11-05",
      };
    }),
  );
  return JSON.stringify(rows);
}

/**
 * Hands a batch in as the API does: same login, role, settings, function and intent. The rows' check in TypeScript and HTTP are
 * not part of it (bench `batch-expenses` measures those).
 *
 * @returns milliseconds from begin to commit
 */
export async function submit(client: pg.ClientBase, tenant: Tenant, rows: string): Promise<number> {
  const started = performance.now();
  await client.query("begin");
  try {
    await client.query(
      "select set_config(key, value, true) from json_each_text($1::json) as setting (key, value)",
      [JSON.stringify(tenant.settings)],
    );
    await client.query("select blindagem.submit_expense_batch($1, $2)", [
      rows,
      createHash("sha256").update(rows).digest("hex"),
    ]);
    const actor = actorOf(tenant.settings);
    if (actor) await tenant.attest(client, actor);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback");
    throw error;
  }
  return performance.now() - started;
}
