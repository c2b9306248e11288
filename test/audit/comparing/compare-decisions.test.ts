import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { compareChanged } from "../../../src/audit/comparing/compare-all.ts";
import { compareDecisions } from "../../../src/audit/comparing/compare-decisions.ts";
import { snapshotsOn } from "../../../src/audit/comparing/snapshot.ts";
import { createTestDatabase, type TestDatabase } from "../../database/test-database.ts";
import { createTenant, type Tenant } from "../../database/world.ts";

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  // One has lost its decision; the other looks as one that could not be decided.
  await database.pool("migrator").query(
    `alter table blindagem.decisions disable trigger keep;
     delete from blindagem.decisions;
     alter table blindagem.decisions enable always trigger keep`,
  );
  await database
    .pool("migrator")
    .query("update blindagem.expenses set facts_hash = null where id = $1", [tenant.salaryId]);
});
afterAll(() => database.drop());

it("misses the decision of what the machine decided, and none of what went to people undecided", async () => {
  const { condominiumId, expenseId, salaryId } = tenant;
  const sealer = await database.pool("sealer").connect();
  const ids = [`${condominiumId}/${expenseId}`, `${condominiumId}/${salaryId}`, "0/x"];
  const compared = await snapshotsOn(sealer)((client) => compareDecisions(client, ids));
  sealer.release();
  expect(compared).toMatchObject({
    entityType: "expenses",
    scope: { ids },
    count: 1,
    divergences: [{ kind: "DECISION_MISSING", entityId: ids[0] }],
  });
});

it("looks as soon as a change of the expense is sealed, and not only when the round comes there", async () => {
  const sealer = await database.pool("sealer").connect();
  const compared = await snapshotsOn(sealer)(async (client) => {
    const { rows } = await client.query<{ id: string }>(
      "select id::text from blindagem_audit.audit_log_immutable where entity_type in ('expenses', 'people')",
    );
    return compareChanged(
      client,
      rows.map(({ id }) => id),
    );
  });
  sealer.release();
  expect(compared.map(({ entityType, kinds }) => [entityType, kinds[0]])).toEqual([
    ["expenses", "ROW_CHANGED"],
    ["expenses", "FACTS_ALTERED"],
    ["people", "ROW_CHANGED"],
  ]);
});
