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

describe("create_condominium", () => {
  it("keeps the code as rows are read, trimmed and composed, so that they can name it", async () => {
    const decomposed = "  SA\u0303O JOA\u0303O ";
    const [made] = await ask<{ id: string }>(
      database,
      tenant.askers.admin,
      "select id from blindagem.create_condominium('São João', $1)",
      [decomposed],
    );
    const { rows } = await database
      .pool("migrator")
      .query("select code from blindagem.managements where condominium_id = $1", [made?.id]);
    expect(rows).toEqual([{ code: "S\u00c3O JO\u00c3O" }]);

    const row = rowOf({ index: 0, externalId: "composed", condominium: "S\u00c3O JO\u00c3O" });
    const answers = await ask(
      database,
      tenant.askers.admin,
      "select blindagem.submit_expense_batch($1, $2) as answer",
      [JSON.stringify([row]), "a".repeat(64)],
    );
    expect(answers).toMatchObject([{ answer: { accepted: 1, errors: [] } }]);
  });
});
