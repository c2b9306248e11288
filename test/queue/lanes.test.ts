import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseCrontab } from "graphile-worker";
import { CRONTAB, loadLanes, SLOW_TASKS, TASKS_DIRECTORY } from "../../src/queue/lanes.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("the lanes", () => {
  it("hold every file of tasks/, the slow ones apart", async () => {
    const files = (await readdir(TASKS_DIRECTORY)).map((file) => path.basename(file, ".ts"));
    const { quick, slow } = await loadLanes();
    expect([...Object.keys(quick), ...Object.keys(slow)].sort()).toEqual(files.sort());
    expect(new Set(Object.keys(slow))).toEqual(SLOW_TASKS);
  });

  it("are those that the database knows, so that nothing is enqueued which nobody runs", async () => {
    const { rows } = await database
      .pool("worker")
      .query<{ name: string; lane: string }>("select name, lane from blindagem_private.tasks");
    const { quick, slow } = await loadLanes();
    const known = (lane: string) =>
      rows
        .filter((row) => row.lane === lane)
        .map(({ name }) => name)
        .sort();
    expect(known("QUICK")).toEqual(Object.keys(quick).sort());
    expect(known("SLOW")).toEqual(Object.keys(slow).sort());
  });

  it("run whatever the crontab names", async () => {
    const { quick } = await loadLanes();
    const tasks = parseCrontab(await readFile(CRONTAB, "utf8")).map(({ task }) => task);
    expect(tasks.filter((task) => !(task in quick))).toEqual([]);
  });
});
