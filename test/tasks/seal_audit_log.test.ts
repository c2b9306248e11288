import { afterAll, beforeAll, beforeEach, describe, expect, it } from "@jest/globals";
import { beat } from "../../src/audit/heartbeat.ts";
import { openTree } from "../../src/audit/log-tree.ts";
import { sealBatch } from "../../src/audit/seal-batch.ts";
import { useServices } from "../../src/services.ts";
import task from "../../tasks/seal_audit_log.ts";
import { testKeys } from "../audit/test-keys.ts";
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

describe("what waits", () => {
  it("is looked for from the sealing process's mark, and of transactions that ran at its last look", async () => {
    const sealer = await database.pool("sealer").connect();
    const late = await database.pool("migrator").connect();
    const state = async () =>
      (
        await sealer.query<{ waits: boolean; count: number }>(
          "select oldest_pending_at is not null as waits, blindagem_audit.pending_count()::int as count from blindagem_audit.sealing_state()",
        )
      ).rows[0];
    const insert =
      "insert into blindagem.categories (code, name, sensitivity) select $1, $1, 'ORDINARY'";
    try {
      await sealer.query("delete from blindagem_audit.pending_records");
      await late.query("begin");
      await late.query(insert, ["LATE"]);
      await database.pool("migrator").query(insert, ["EARLY"]);
      expect(await state()).toEqual({ waits: true, count: 1 });
      let tree = await openTree(sealer);
      const { given } = await beat(sealer);
      const batch = await sealBatch(sealer, tree, testKeys, 100, undefined, given);
      ({ tree } = batch);
      await beat(sealer, batch.mark);
      expect(batch.mark.recordId).toBeGreaterThan(0n);
      // What was put in by hand below the mark is not seen here, as by the sealing process.
      await asAuditOwner(
        "insert into blindagem_audit.pending_records (first_record_id, record_ids, recorded_at) values (1, '{1}', now())",
      );
      expect(await state()).toEqual({ waits: false, count: 0 });
      await late.query("commit");
      expect(await state()).toEqual({ waits: true, count: 1 });
    } finally {
      late.release();
      sealer.release();
    }
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
