import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Task, TaskList } from "graphile-worker";
import { z } from "zod";

export const TASKS_DIRECTORY = fileURLToPath(new URL("../../tasks", import.meta.url));
export const CRONTAB = fileURLToPath(new URL("../../crontab", import.meta.url));

/** Tasks that wait for HTTP or OCR. In a lane of their own, or they hold the quick ones hostage. */
export const SLOW_TASKS: ReadonlySet<string> = new Set([
  "cnpj_lookup",
  "ocr_triage",
  "pluggy_sync",
]);

export interface Lanes {
  quick: TaskList;
  slow: TaskList;
}

const taskModule = z.object({
  default: z.custom<Task>((value) => typeof value === "function", "no task as default export"),
});

/** The tasks of the directory by lane: a file's name is its task's identifier. */
export async function loadLanes(directory: string = TASKS_DIRECTORY): Promise<Lanes> {
  const lanes: Lanes = { quick: {}, slow: {} };
  for (const file of (await readdir(directory)).filter((name) => name.endsWith(".ts")).sort()) {
    const name = path.basename(file, ".ts");
    const loaded: unknown = await import(path.join(directory, file));
    const lane = SLOW_TASKS.has(name) ? lanes.slow : lanes.quick;
    lane[name] = taskModule.parse(loaded).default;
  }
  return lanes;
}
