import { hash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { sealAll } from "../audit/seal-all.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, rowOf, type Tenant } from "./world.ts";

const BATCH = 500;

let database: TestDatabase;
let tenant: Tenant;
let closing: { id: string };
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  await sealAll(database);
  [closing = { id: "" }] = await ask<{ id: string }>(
    database,
    tenant.askers.admin,
    "select id from blindagem.close_period($1, '2019-01-01', 'Conferido')",
    [tenant.condominiumId],
  );
});
afterAll(() => database.drop());

let batches = 0;

async function submitBatch(): Promise<void> {
  batches += 1;
  const rows = Array.from({ length: BATCH }, (_, index) => {
    const name = `${batches}-${index}`;
    const competence = "2020-05";
    return rowOf({
      index,
      externalId: name,
      documentNumber: name,
      condominium: tenant.code,
      competence,
    });
  });
  await ask(database, tenant.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify(rows),
    hash("sha256", String(batches), "hex"),
  ]);
}

/** Rows that the database reads to tell what changed after the closing. */
function rowsRead(): Promise<number> {
  const { role, settings } = tenant.askers.admin;
  return database.asRequest(role, settings, async (client) => {
    const read = async () => {
      const { rows } = await client.query<{ count: string }>(
        "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) as count from pg_stat_xact_all_tables where schemaname like 'blindagem%'",
      );
      return Number(rows[0]?.count);
    };
    const before = await read();
    await client.query(
      "select count(*) from blindagem.closings c cross join blindagem.closings_later_changes(c) as change where c.id = $1",
      [closing.id],
    );
    return (await read()) - before;
  });
}

it("reads what there is a few times, on a connection that had asked while there was next to nothing", async () => {
  // After five uses of a statement PostgreSQL may keep its plan, and that of an empty table looks at all of it every time.
  for (let times = 0; times < 7; times++) await rowsRead();
  await submitBatch();
  await submitBatch();
  const { rows } = await database
    .pool("migrator")
    .query<{ count: number }>(
      "select count(*)::int as count from blindagem_audit.audit_log_immutable",
    );
  const records = rows[0]?.count ?? 0;
  expect(records).toBeGreaterThan(3 * BATCH);
  expect(await rowsRead()).toBeLessThan(20 * records);
});
