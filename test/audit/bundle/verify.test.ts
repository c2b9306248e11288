import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { verifyBundle } from "../../../src/audit/bundle/verify.ts";
import { parseKeyList } from "../../../src/audit/key-list.ts";
import { newWitness } from "../signing.ts";
import { TAMPERINGS } from "./tamperings.ts";
import { testBundle, writeTestBundle } from "./test-bundle.ts";

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "blindagem-bundle-"));
  directory = join(parent, "bundle");
});
afterEach(() => rm(parent, { recursive: true }));

describe("verifyBundle", () => {
  it("finds nothing wrong with a bundle that is right, and tells what it is", async () => {
    const bundle = await testBundle();
    await writeTestBundle(directory, bundle);
    const progress: number[] = [];
    const report = await verifyBundle(directory, {
      trustedKeys: bundle.keys,
      previousCheckpoint: await bundle.log.checkpoint([bundle.logSigner], { size: 77 }),
      onProgress: ({ leaves }) => progress.push(leaves),
    });
    expect(report.faults).toEqual([]);
    expect(report.ok).toBe(true);
    expect(report.counts).toMatchObject({ attested: 8, intents: 254, checkpoints: 3, tiles: 3 });
    expect(progress).toEqual([256, 512, bundle.log.entries.length]);
    expect(report.witnesses).toEqual([
      { name: "conselho.example", at: "2026-11-24T12:00:00.000Z", size: bundle.log.entries.length },
    ]);
    const notices = report.notices.map(({ code, count }) => [code, count]);
    expect(Object.fromEntries(notices)).toEqual({
      OUT_OF_BAND: 1,
      ERASED: 1,
      BEFORE_INTENTS: 3,
      GAPS: bundle.log.entries.length - report.counts.records,
    });
  });

  it("says that the keys are the bundle's own, and that no known witness has cosigned", async () => {
    const bundle = await testBundle();
    await writeTestBundle(directory, bundle);
    const witnesses = [await newWitness("estranho.example")];
    const note = await bundle.log.checkpoint([bundle.logSigner], { witnesses });
    await writeFile(join(directory, "checkpoint"), note);
    const report = await verifyBundle(directory);
    expect(report.ok).toBe(true);
    const codes = report.notices.map(({ code }) => code);
    expect(codes).toEqual(expect.arrayContaining(["KEYS_FROM_BUNDLE", "UNWITNESSED"]));
  });

  it.each(TAMPERINGS)("names $name", async ({ codes, write }) => {
    const given = await write(directory);
    const report = await verifyBundle(directory, {
      ...(given?.keys === undefined ? {} : { trustedKeys: parseKeyList(given.keys) }),
      ...(given?.since === undefined ? {} : { previousCheckpoint: given.since }),
    });
    expect(Object.keys(report.faultCounts).sort()).toEqual(codes.toSorted());
    expect(report.ok).toBe(false);
    for (const fault of report.faults) expect(fault.meaning).not.toBe("");
  });
});
