import { mkdtemp, readdir, readlink, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { PersonalLines } from "../../../src/audit/bundle/personal-lines.ts";
import { Findings } from "../../../src/audit/bundle/report.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "blindagem-personal-"));
});
afterEach(() => rm(directory, { recursive: true }));

/** Whether this process has the file open. */
async function isOpen(file: string): Promise<boolean> {
  const handles = await readdir("/proc/self/fd");
  const targets = await Promise.all(
    handles.map((handle) => readlink(`/proc/self/fd/${handle}`).catch(() => "")),
  );
  return targets.includes(file);
}

const itOnLinux = process.platform === "linux" ? it : it.skip;

itOnLinux("gives its file back where reading ends early, as on a fault", async () => {
  const file = path.join(directory, "personal.jsonl");
  const erased = { erasedAt: "2026-11-05T12:00:00Z", erasureId: "1" };
  const line = (index: number) => JSON.stringify({ index, erased });
  await writeFile(file, Array.from({ length: 50_000 }, (_, index) => line(index)).join("\n"));
  const lines = new PersonalLines(file, new Findings());
  await lines.readTo(0);
  expect(await isOpen(file)).toBe(true);
  await lines.close();
  expect(await isOpen(file)).toBe(false);
});
