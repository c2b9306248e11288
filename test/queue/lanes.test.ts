import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { parseCrontab } from "graphile-worker";
import { CRONTAB, LANES, loadLanes, TASKS_DIRECTORY } from "../../src/queue/lanes.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("the lanes", () => {
  it("hold every file of tasks/, what waits for HTTP and what waits for OCR apart", async () => {
    const files = (await readdir(TASKS_DIRECTORY)).map((file) => path.basename(file, ".ts"));
    const lanes = await loadLanes();
    expect(LANES.flatMap((lane) => Object.keys(lanes[lane])).sort()).toEqual(files.sort());
    expect(Object.keys(lanes.PROVIDER)).toEqual(["cnpj_lookup", "pluggy_sync"]);
    expect(Object.keys(lanes.READING)).toEqual(["ocr_triage"]);
  });

  it("are those that the database knows, so that nothing is enqueued which nobody runs", async () => {
    const { rows } = await database
      .pool("worker")
      .query<{ name: string; lane: string }>("select name, lane from blindagem_private.tasks");
    const lanes = await loadLanes();
    for (const lane of LANES) {
      const known = rows.filter((row) => row.lane === lane).map(({ name }) => name);
      expect(known.sort()).toEqual(Object.keys(lanes[lane]).sort());
    }
  });

  it("run whatever the crontab names", async () => {
    const { QUICK } = await loadLanes();
    const tasks = parseCrontab(await readFile(CRONTAB, "utf8")).map(({ task }) => task);
    expect(tasks.filter((task) => !(task in QUICK))).toEqual([]);
  });
});
