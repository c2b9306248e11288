import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/validate_overdue.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { createTenant, type Tenant } from "../database/world.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

let database: TestDatabase;
let tenant: Tenant;
let deadline: Date;
beforeAll(async () => {
  database = await createTestDatabase();
  tenant = await createTenant(database);
  const { rows } = await database
    .pool("worker")
    .query<{ at: Date }>("select fact_deadline as at from blindagem.expenses where id = $1", [
      tenant.expenseId,
    ]);
  // Dates have milliseconds where PostgreSQL has microseconds.
  deadline = new Date((rows[0]?.at.getTime() ?? 0) + 1);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await emptyQueue(database);
  await database.pool("worker").query("delete from blindagem_private.job_records");
});

async function run(at: Date): Promise<void> {
  useServices(servicesOf({ clock: () => at }));
  await database.pool("worker").query("select graphile_worker.add_job('validate_overdue')");
  await runJobs(database, { validate_overdue: task });
}

describe("validate_overdue", () => {
  it("wakes the expenses whose facts did not come in time, once", async () => {
    await run(deadline);
    const expected = {
      task: "validate_expenses",
      payload: { expenseIds: [tenant.expenseId, tenant.salaryId] },
    };
    expect(await queuedJobs(database)).toMatchObject([expected]);
    await run(deadline);
    expect(await queuedJobs(database)).toHaveLength(1);
  });

  it("leaves alone what is in time", async () => {
    await run(new Date(deadline.getTime() - 1000));
    expect(await queuedJobs(database)).toEqual([]);
  });
});
