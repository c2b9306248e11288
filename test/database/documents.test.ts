import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { ask, createTenant, rowOf, type Tenant } from "./world.ts";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

const FILES = 20;
const BATCHES = 20;
const ROWS_A_BATCH = 10;

const fileName = (file: number) => `nota-${file}.pdf`;

function upload(file: number): Promise<unknown> {
  return ask(
    database,
    tenant.askers.integrator,
    "select blindagem_private.register_document($1, 'PDF', 1000, $2)",
    [file.toString(16).padStart(64, "d"), fileName(file)],
  );
}

/** A batch whose rows name the files in turn, each batch from another one on. */
function submit(batch: number): Promise<unknown> {
  const rows = Array.from({ length: ROWS_A_BATCH }, (_, index) =>
    rowOf({
      index,
      externalId: `named-${batch}-${index}`,
      condominium: tenant.code,
      documents: [{ fileName: fileName((batch * ROWS_A_BATCH + index) % FILES) }],
    }),
  );
  return ask(database, tenant.askers.admin, "select blindagem.submit_expense_batch($1, $2)", [
    JSON.stringify(rows),
    batch.toString(16).padStart(64, "b"),
  ]);
}

describe("documents and the batches that name them", () => {
  it("find each other, however their transactions lie", async () => {
    // Each on a connection of its own, as many at once as the pool has.
    await Promise.all(
      Array.from({ length: Math.max(FILES, BATCHES) }, (_, at) => [submit(at), upload(at)]).flat(),
    );
    const { rows } = await database.pool("migrator").query(
      `select count(*)::int as named, count(d.sha256)::int as joined
       from blindagem.expense_documents d
       join blindagem.expenses e on e.condominium_id = d.condominium_id and e.id = d.expense_id
       where starts_with(e.external_id, 'named-')`,
    );
    expect(rows).toEqual([{ named: 200, joined: 200 }]);
  });
});
