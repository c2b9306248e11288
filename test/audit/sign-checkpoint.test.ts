import { describe, expect, it } from "@jest/globals";
import { openCheckpoint } from "../../src/audit/checkpoint.ts";
import { createCheckpointSigner } from "../../src/audit/sign-checkpoint.ts";
import { CompactRange, leafHash } from "../../src/audit/tree.ts";
import { faultOf } from "./expect-fault.ts";
import { listed, newSigner } from "./signing.ts";

const LOG = "exemplo/registro";
const old = await newSigner(LOG);
const next = await newSigner(LOG);
const keys = [listed("log", old, { until: 3 }), listed("log", next, { from: 2 })];

function treeOf(size: number): CompactRange {
  const tree = new CompactRange();
  for (let at = 0; at < size; at += 1) tree.append(leafHash(String(at)));
  return tree;
}

describe("createCheckpointSigner", () => {
  it("signs while one of its keys is valid by the list, and nothing beyond", async () => {
    const outdated = createCheckpointSigner([old], keys);
    expect(openCheckpoint(await outdated.sign(treeOf(2)), keys, LOG).size).toBe(2);
    await expect(outdated.sign(treeOf(3))).rejects.toThrow(faultOf("KEY_OUT_OF_RANGE"));
    await expect(createCheckpointSigner([next], keys).sign(treeOf(1))).rejects.toThrow(
      faultOf("KEY_OUT_OF_RANGE"),
    );
    const both = createCheckpointSigner([old, next], keys);
    for (const size of [1, 2, 3]) {
      expect(openCheckpoint(await both.sign(treeOf(size)), keys, LOG).size).toBe(size);
    }
  });

  it("counts a key that the list does not name", async () => {
    const unlisted = await newSigner(LOG);
    const signer = createCheckpointSigner([unlisted], keys);
    expect(openCheckpoint(await signer.sign(treeOf(4)), signer.keys, LOG).size).toBe(4);
  });
});
