import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "@jest/globals";
import { parseCrontab } from "graphile-worker";
import { CRONTAB, TASKS_DIRECTORY } from "../../src/queue/lanes.ts";

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
});
