import { readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Task, TaskList } from "graphile-worker";
import { z } from "zod";

export const TASKS_DIRECTORY = fileURLToPath(new URL("../../tasks", import.meta.url));
export const CRONTAB = fileURLToPath(new URL("../../crontab", import.meta.url));

/**
 * Jobs of one lane never wait behind those of another: QUICK ones only compute and write, PROVIDER ones wait for HTTP,
 * READING ones for a reading process. Look-ups and readings shared a lane once: readings that waited for a process held
 * all its places, and the suppliers of a batch came only when its receipts were read.
 */
export const LANES = ["QUICK", "PROVIDER", "READING"] as const;
export type Lane = (typeof LANES)[number];

const SLOW: Readonly<Record<string, Lane>> = {
  cnpj_lookup: "PROVIDER",
  pluggy_sync: "PROVIDER",
  ocr_triage: "READING",
};

/** Which lane a task's jobs run in. */
export function laneOf(task: string): Lane {
  return SLOW[task] ?? "QUICK";
}

const taskModule = z.object({
  default: z.custom<Task>((value) => typeof value === "function", "no task as default export"),
});

/** The tasks of the directory by lane: a file's name is its task's identifier. */
export async function loadLanes(
  directory: string = TASKS_DIRECTORY,
): Promise<Record<Lane, TaskList>> {
  const lanes: Record<Lane, TaskList> = { QUICK: {}, PROVIDER: {}, READING: {} };
  for (const file of (await readdir(directory)).filter((name) => name.endsWith(".ts")).sort()) {
    const name = path.basename(file, ".ts");
    const loaded: unknown = await import(path.join(directory, file));
    lanes[laneOf(name)][name] = taskModule.parse(loaded).default;
  }
  return lanes;
}
