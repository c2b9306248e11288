import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { compareChanged } from "../../../src/audit/comparing/compare-all.ts";
import { compareDecisions } from "../../../src/audit/comparing/compare-decisions.ts";
import { snapshotsOn } from "../../../src/audit/comparing/snapshot.ts";
import { replayDecision } from "../../../src/validation/replay.ts";
import { storedDecisions } from "../../../src/validation/stored-decisions.ts";
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

describe("a decision on an expense that bears no hash", () => {
  const [facts, status] = ['{"a":"b"}', "APPROVED"];
  beforeAll(async () => {
    await database.pool("migrator").query(
      `alter table blindagem.decisions disable trigger decision_expense;
       insert into blindagem.decisions (condominium_id, expense_id, status, reasons, rule_version, thresholds, facts_hash, rule_set, facts)
       select ${tenant.condominiumId}, ${tenant.salaryId}, '${status}', '[]', '1.0', '{}', encode(sha256('${facts}'), 'hex'), hash, '${facts}'
       from blindagem_private.rule_sets limit 1;
       alter table blindagem.decisions enable trigger decision_expense`,
    );
  });

  const found = async (submitted: string, status: string) => {
    const { condominiumId, salaryId } = tenant;
    await database.pool("migrator").query(
      `alter table blindagem.expenses disable trigger expense_transition;
         update blindagem.expenses set submitted_at = ${submitted}, status = '${status}' where id = ${salaryId};
         alter table blindagem.expenses enable always trigger expense_transition`,
    );
    const sealer = await database.pool("sealer").connect();
    const compared = await snapshotsOn(sealer)((client) =>
      compareDecisions(client, [`${condominiumId}/${salaryId}`]),
    );
    sealer.release();
    const worker = await database.pool("worker").connect();
    const replayed: (string | undefined)[] = [];
    for await (const { expenseId, attestedHash, decision } of storedDecisions(worker, {})) {
      if (expenseId === salaryId) replayed.push(replayDecision(decision, attestedHash)?.code);
    }
    worker.release();
    return {
      compared: compared.divergences.map(({ kind }) => kind),
      replayed,
    };
  };
  const FIRST = "(select min(recorded_at) from blindagem.definitions)";

  it("is right where the expense came before the definitions that have the hash", async () => {
    expect(await found(`${FIRST} - interval '1 second'`, "MANUAL_REVIEW")).toEqual({
      compared: [],
      replayed: ["RULES_ALTERED"],
    });
  });

  it.each([
    ["still waits for one", `${FIRST} - interval '1 second'`, "PENDING"],
    ["came later", FIRST, "MANUAL_REVIEW"],
  ])("is an invention where the expense %s", async (_, submitted, status) => {
    expect(await found(submitted, status)).toEqual({
      compared: ["FACTS_ALTERED"],
      replayed: ["FACTS_ALTERED"],
    });
  });
});
