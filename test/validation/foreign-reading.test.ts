import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { loadFacts } from "../../src/validation/load-facts.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant } from "../tasks/tenant.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const NOW = new Date("2026-11-24T12:00:00Z");

it("gives no tenant the reading of a document that only another has handed in", async () => {
  const [owner, stranger] = [await createTenant(database), await createTenant(database)];
  const sha256 = createHash("sha256").update("a receipt").digest("hex");
  await database.asRequest(
    "admin",
    { organization_id: owner.organizationId, person_id: owner.personId, actor_id: "person:1" },
    (client) =>
      client.query("select blindagem_private.register_document($1, 'PNG', 9, 'recibo.png')", [
        sha256,
      ]),
  );
  await database.pool("worker").query(
    `insert into blindagem.document_readings (sha256, reader_version, kind, verdict, reading)
     values ($1, '1', 'NFCE', 'ACCEPTED', '{"reasons": [], "fields": {"amount": {"value": "432.10"}}}')`,
    [sha256],
  );
  const submitted = { grossAmount: "100.00", dueDate: "2026-11-05", documents: [{ sha256 }] };
  const own = await owner.submit({ externalId: "own", ...submitted });
  const foreign = await stranger.submit({ externalId: "foreign", ...submitted });

  const client = await database.pool("worker").connect();
  try {
    const [mine, theirs] = await loadFacts(client, [own, foreign], NOW, (expense) => expense);
    expect(mine?.facts.receipts).toMatchObject([{ sha256, reading: { amount: 43210n } }]);
    expect(theirs?.facts.receipts).toEqual([]);
    expect(theirs?.facts.expense.documentCount).toBe(1);
  } finally {
    client.release();
  }
});
