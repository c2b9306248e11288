import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { COMPILED } from "../cli-process.ts";

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

const summary = z.object({
  finished: z.boolean(),
  differences: z.array(
    z.object({ subject: z.string(), trap: z.string(), expected: z.string(), actual: z.string() }),
  ),
  organizations: z.array(z.object({ expenses: z.int() })),
  auditRecords: z.int(),
});

const ended = z.object({ stdout: z.string() });

/** Runs the demo as a user does: real processes, PostgreSQL, HTTP, OCR. With differences it exits 1 and tells them. */
async function runDemo(...options: string[]) {
  const result: unknown = await promisify(execFile)(
    process.execPath,
    [CLI, "demo", "--json", ...options],
    { maxBuffer: 16 * 1024 * 1024, env: { ...process.env, ...COMPILED } },
  ).catch((error: unknown) => error);
  const { stdout } = ended.parse(result);
  return summary.parse(JSON.parse(stdout));
}

describe("the demo", () => {
  it("brings every expense and movement to the end written by hand", async () => {
    const result = await runDemo();
    expect(result.differences).toEqual([]);
    expect(result.finished).toBe(true);
    expect(result.organizations).toHaveLength(3);
    expect(result.auditRecords).toBeGreaterThan(0);
  }, 300_000);

  it("changes the end of every trap when one fact of it is flipped", async () => {
    const result = await runDemo("--flip-all");
    expect(result.differences).toEqual([]);
    expect(result.finished).toBe(true);
  }, 300_000);
});
