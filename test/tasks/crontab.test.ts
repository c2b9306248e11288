import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseCrontab } from "graphile-worker";
import { CRONTAB, TASKS_DIRECTORY } from "../../src/queue/lanes.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("the crontab", () => {
  it("names only tasks that there are", async () => {
    const items = parseCrontab(await readFile(CRONTAB, "utf8"));
    const tasks = (await readdir(TASKS_DIRECTORY)).map((file) => path.basename(file, ".ts"));
    expect(items.map(({ task }) => task)).toEqual([
      "validate_overdue",
      "seal_audit_log",
      "review_divergences",
      "sync_all_banks",
      "review_unexplained_debits",
      "housekeeping",
      "prepare_day_five",
    ]);
    expect(tasks).toEqual(expect.arrayContaining(items.map(({ task }) => task)));
  });

  it("runs each task although one machine's clock is ten minutes ahead, which tells when", async () => {
    const items = parseCrontab(await readFile(CRONTAB, "utf8"));
    const keyed = items.filter(({ options }) => options.jobKey !== undefined);
    expect(keyed.length).toBeGreaterThan(0);
    for (const { task, options } of keyed) {
      // The run of a clock that is ahead waits; those that follow until then must not take its place.
      for (const minutes of [10, 12, 14, 16]) {
        await database.pool("worker").query(
          `select from graphile_worker.add_job($1, '{}', run_at => now() + $2 * interval '1 minute',
             job_key => $3, job_key_mode => $4)`,
          [task, minutes, options.jobKey, options.jobKeyMode],
        );
      }
    }
    const { rows } = await database.pool("worker").query(
      `select key, (extract(epoch from run_at - now()) / 60)::int as minutes
       from graphile_worker._private_jobs order by id`,
    );
    expect(rows).toEqual(keyed.map(({ options }) => ({ key: options.jobKey, minutes: 10 })));
  });
});
