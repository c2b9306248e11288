import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { setProviderLimit } from "../../src/queue/provider-slot.ts";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/prepare_day_five.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { cnpjOf, rowOf } from "../database/world.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";
import { createTenant } from "./tenant.ts";

/** 19:00 of day 4 in Brasília, and days around it. */
const EVENING = new Date("2026-11-04T22:00:00Z");
const daysBefore = (days: number) => new Date(EVENING.getTime() - days * 86_400_000);
const [OFTEN, ONCE, FRESH, LONG_AGO] = [cnpjOf(1), cnpjOf(2), cnpjOf(3), cnpjOf(4)];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const tenant = await createTenant(database);
  const expense = async (externalId: string, payeeDocument: string, submittedAt: Date) => {
    const id = await tenant.submit({
      ...rowOf({}),
      externalId,
      payeeDocument,
      grossAmount: "1000.00",
      dueDate: "2026-11-10",
    });
    await database
      .pool("migrator")
      .query("update blindagem.expenses set submitted_at = $2 where id = $1", [id, submittedAt]);
  };
  await expense("once", ONCE, daysBefore(30));
  await expense("often-1", OFTEN, daysBefore(30));
  await expense("often-2", OFTEN, daysBefore(1));
  await expense("fresh", FRESH, daysBefore(1));
  await expense("long-ago", LONG_AGO, daysBefore(40));
  for (const [cnpj, age] of [
    [ONCE, 31],
    [FRESH, 29],
  ] as const) {
    await database
      .pool("migrator")
      .query(
        `insert into blindagem.companies (cnpj, state, source, fetched_at) values ($1, 'NOT_FOUND', 'CNPJWS', $2)`,
        [cnpj, daysBefore(age)],
      );
  }
  useServices(servicesOf({ clock: () => EVENING }));
});
afterAll(() => database.drop());
beforeEach(() => emptyQueue(database));

async function run(): Promise<void> {
  await database.pool("worker").query("select graphile_worker.add_job('prepare_day_five')");
  await runJobs(database, { prepare_day_five: task });
}

const lookUp = (cnpj: string | undefined) => ({ task: "cnpj_lookup", payload: { cnpj } });
const SYNC = { task: "sync_all_banks", payload: {} };

describe("prepare_day_five", () => {
  it("asks for the suppliers whose data is missing or old, and syncs the banks", async () => {
    await run();
    const jobs = await queuedJobs(database);
    expect(jobs).toHaveLength(3);
    expect(jobs).toEqual(
      expect.arrayContaining(
        [lookUp(OFTEN), lookUp(ONCE), SYNC].map((job) => expect.objectContaining(job)),
      ),
    );
  });

  it("asks for none twice when it runs twice", async () => {
    await run();
    await run();
    expect((await queuedJobs(database)).filter((job) => job.task === "cnpj_lookup")).toHaveLength(
      2,
    );
  });

  it("asks for no more than the limit allows until midnight, the busiest suppliers first", async () => {
    const client = await database.pool("worker").connect();
    try {
      // One request in five hours: that is what is left of the day.
      await setProviderLimit(client, {
        provider: "CNPJWS",
        credential: "public",
        perMinute: 1 / 300,
        burst: 1,
      });
      await run();
      expect(await queuedJobs(database)).toMatchObject([lookUp(OFTEN), SYNC]);
    } finally {
      client.release();
    }
  });
});
