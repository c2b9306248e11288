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

  it("looks at a batch until all of it is decided, and then no more", async () => {
    const migrator = database.pool("migrator");
    const noted = async () => {
      const { rows } = await migrator.query<{ batches: number }>(
        "select count(*)::int as batches from blindagem_private.undecided_batches",
      );
      return rows[0]?.batches;
    };
    const decide = (id: string) =>
      migrator.query(
        "update blindagem.expenses set status = 'MANUAL_REVIEW', decided_at = now() where id = $1",
        [id],
      );
    await decide(tenant.expenseId);
    await run(deadline);
    expect(await noted()).toBe(1);
    expect(await queuedJobs(database)).toMatchObject([
      { task: "validate_expenses", payload: { expenseIds: [tenant.salaryId] } },
    ]);
    await emptyQueue(database);
    await migrator.query("delete from blindagem_private.job_records");
    await decide(tenant.salaryId);
    await run(new Date(deadline.getTime() - 1000));
    expect(await noted()).toBe(1);
    await run(deadline);
    expect(await noted()).toBe(0);
    expect(await queuedJobs(database)).toEqual([]);
  });

  it("leaves alone what is in time", async () => {
    await run(new Date(deadline.getTime() - 1000));
    expect(await queuedJobs(database)).toEqual([]);
  });
});
