import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { TRANSITIONS } from "../../src/validation/transitions.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { createTenant, type Tenant } from "./world.ts";

const STATES = [
  "PENDING",
  "APPROVED",
  "REJECTED",
  "MANUAL_REVIEW",
  "AWAITING_SECOND_APPROVAL",
  "CANCELLED",
] as const;

let database: TestDatabase;
let tenant: Tenant;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
});
afterAll(() => database.drop());

describe("expenses.status", () => {
  it.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))(
    "from %s to %s: as the table in src/validation says",
    async (from, to) => {
      const allowed = from === to || TRANSITIONS.some((row) => row.from === from && row.to === to);
      const client = await database.pool("migrator").connect();
      try {
        await client.query("begin");
        await client.query(`set local role ${database.prefix}_owner`);
        // The only way into any state: without the trigger, in a transaction that is rolled back.
        await client.query("alter table blindagem.expenses disable trigger expense_transition");
        await client.query("update blindagem.expenses set status = $2 where id = $1", [
          tenant.expenseId,
          from,
        ]);
        await client.query("alter table blindagem.expenses enable trigger expense_transition");
        const change = client.query("update blindagem.expenses set status = $2 where id = $1", [
          tenant.expenseId,
          to,
        ]);
        if (allowed) await expect(change).resolves.toMatchObject({ rowCount: 1 });
        else await expect(change).rejects.toMatchObject({ code: "BLD06" });
      } finally {
        await client.query("rollback");
        client.release();
      }
    },
  );

  it("holds no other state", async () => {
    await expect(
      database
        .pool("migrator")
        .query("update blindagem.expenses set status = 'PAID' where id = $1", [tenant.expenseId]),
    ).rejects.toMatchObject({ code: "23514" });
    const { rows } = await database
      .pool("migrator")
      .query<{ state: string }>(
        "select from_status as state from blindagem_private.expense_transitions union select to_status from blindagem_private.expense_transitions order by 1",
      );
    expect(rows.map(({ state }) => state)).toEqual([...STATES].sort());
  });
});
