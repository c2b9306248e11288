import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "@jest/globals";
import { z } from "zod";
import { composeDemo } from "../../demo/compose.ts";
import { writeData } from "../../demo/generate.ts";

const committed = join(import.meta.dirname, "../../demo");

/** The one file of a zip made by the generator: sizes stand in the central directory at its end. */
function unzip(bytes: Buffer): string {
  const central = bytes.lastIndexOf("PK\x01\x02", undefined, "latin1");
  const size = bytes.readUInt32LE(central + 20);
  const start = 30 + bytes.readUInt16LE(26) + bytes.readUInt16LE(28);
  return inflateRawSync(bytes.subarray(start, start + size)).toString("latin1");
}

describe("the generator", () => {
  it("gives the committed data again", async () => {
    const root = await mkdtemp(join(tmpdir(), "demo-"));
    try {
      await writeData(root);
      for (const file of [
        "data/organizations.json",
        "data/batches.json",
        "sandbox/cnpjws.json",
        "sandbox/pluggy.json",
        "expected/expenses.json",
        "expected/bank.json",
        "flips.json",
        ...(await readdir(join(committed, "data/batches"))).map((name) => `data/batches/${name}`),
      ]) {
        const text = await readFile(join(root, file), "latin1");
        expect({ file, same: text === (await readFile(join(committed, file), "latin1")) }).toEqual({
          file,
          same: true,
        });
      }
      for (const name of await readdir(join(committed, "data/open-data"))) {
        const path = join("data/open-data", name);
        expect(unzip(await readFile(join(root, path)))).toBe(
          unzip(await readFile(join(committed, path))),
        );
      }
    } finally {
      await rm(root, { recursive: true });
    }
  });

  // A library's next version may draw other bytes: what is drawn must be the same.
  it("describes the receipts as committed", async () => {
    const text = await readFile(join(committed, "data/receipts.json"), "utf8");
    const index = z.array(z.looseObject({ file: z.string() })).parse(JSON.parse(text));
    const described = index.map(({ sha256: _hash, bytes: _size, ...rest }) => rest);
    expect(described).toEqual(Object.values(composeDemo().receipts));
  });
});
