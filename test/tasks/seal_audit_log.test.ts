import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/seal_audit_log.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";
import { emptyQueue, queuedJobs, runJobs, servicesOf } from "./task-run.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  useServices(servicesOf({ clock: () => new Date() }));
});
afterAll(() => database.drop());
beforeEach(() => emptyQueue(database));

/** Runs the task as cron does. @returns what it failed with, or null */
async function check(): Promise<string | null> {
  await database
    .pool("worker")
    .query("select graphile_worker.add_job('seal_audit_log', max_attempts => 2)");
  await runJobs(database, { seal_audit_log: task });
  const [failed] = await queuedJobs(database);
  return failed?.lastError ?? null;
}

async function setHeartbeat(age: string): Promise<void> {
  await database.pool("sealer").query(
    `insert into blindagem_audit.sealer_heartbeat (beat_at) values (now() - $1::interval)
     on conflict (only_one) do update set beat_at = excluded.beat_at`,
    [age],
  );
}

describe("seal_audit_log", () => {
  it("fails while the sealing process has never run, or is dead", async () => {
    expect(await check()).toContain("never run: start `blindagem seal`");
    await setHeartbeat("10 minutes");
    await emptyQueue(database);
    expect(await check()).toMatch(/no sign of life for 6\d\d s/);
  });

  it("fails when a record waits although the process lives", async () => {
    await setHeartbeat("1 second");
    await database.pool("sealer").query("delete from blindagem_audit.pending_records");
    expect(await check()).toBeNull();
    await asAuditOwner(
      "insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at) values (1, '{1}', now() - interval '5 minutes')",
    );
    expect(await check()).toMatch(/waited for its seal for 3\d\d s/);
  });
});

async function asAuditOwner(statement: string): Promise<void> {
  const client = await database.pool("migrator").connect();
  try {
    await client.query("begin");
    await client.query(`set local role ${database.prefix}_audit_owner`);
    await client.query(statement);
    await client.query("commit");
  } finally {
    client.release();
  }
}
