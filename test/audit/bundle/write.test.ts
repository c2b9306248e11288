import { mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { verifyBundle } from "../../../src/audit/bundle/verify.ts";
import { type BundleContents, writeBundle } from "../../../src/audit/bundle/write.ts";
import { editRecords, testBundle, writeTestBundle } from "./test-bundle.ts";

let parent: string;
let directory: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "blindagem-write-"));
  directory = join(parent, "bundle");
});
afterEach(() => rm(parent, { recursive: true }));

async function contents(fields: Partial<BundleContents> = {}): Promise<BundleContents> {
  const { log, logSigner, keys, manifest } = await testBundle();
  return {
    manifest,
    checkpoint: await log.checkpoint([logSigner]),
    checkpoints: [],
    keys,
    records: log.entries.map((entry, index) => ({ index, entry })),
    tiles: log.tiles(),
    ...fields,
  };
}

describe("writeBundle", () => {
  it("writes what its owner alone can read", async () => {
    const written = await contents();
    expect(await writeBundle(directory, written)).toBe(written.manifest.treeSize);
    for (const name of await readdir(directory, { recursive: true })) {
      expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
    }
    expect(await readdir(parent)).toEqual(["bundle"]);
  });

  it("leaves nothing behind when it fails, and overwrites nothing", async () => {
    const record = { index: 3, entry: "{}" };
    const twice = await contents({ records: [record, record] });
    await expect(writeBundle(directory, twice)).rejects.toThrow("The record at 3");
    expect(await readdir(parent)).toEqual([]);
    await mkdir(directory);
    await expect(writeBundle(directory, await contents())).rejects.toThrow("já existe");
    expect(await readdir(directory)).toEqual([]);
  });

  it("makes the folders above it, and says of a place where it cannot that it cannot", async () => {
    const deep = join(parent, "one", "two", "bundle");
    const written = await contents();
    expect(await writeBundle(deep, written)).toBe(written.manifest.treeSize);
    for (const wrong of ["/proc/bundle", "/proc/one/bundle", join(deep, "manifest.json", "x")]) {
      await expect(writeBundle(wrong, await contents())).rejects.toThrow("não se pode gravar");
    }
  });

  it("writes a bundle in which no character of an entry can be changed", async () => {
    await writeTestBundle(directory, await testBundle());
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.nat(),
        fc.constantFrom("", "0", " ", "é"),
        async (at, place, put) => {
          let before = "";
          let index = -1;
          await editRecords(directory, (lines) => {
            const line = lines[at % lines.length];
            if (line === undefined) throw new Error("unreachable");
            ({ entry: before, index } = line);
            const cut = place % before.length;
            line.entry = before.slice(0, cut) + put + before.slice(cut + 1);
            return lines;
          });
          const report = await verifyBundle(directory);
          let changed = false;
          await editRecords(directory, (lines) =>
            lines.map((line) => {
              if (line.index !== index) return line;
              changed = line.entry !== before;
              return { ...line, entry: before };
            }),
          );
          expect(report.faultCounts.LEAF_MISMATCH).toBe(changed ? 1 : undefined);
          expect(report.ok).toBe(!changed);
        },
      ),
      { numRuns: 20 },
    );
  });
});
