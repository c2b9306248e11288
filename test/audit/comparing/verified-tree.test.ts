import { describe, expect, it } from "@jest/globals";
import { verifiedTree } from "../../../src/audit/comparing/verified-tree.ts";
import { createCheckpointSigner } from "../../../src/audit/sign-checkpoint.ts";
import { CompactRange, leafHash } from "../../../src/audit/tree.ts";
import { faultOf } from "../expect-fault.ts";
import { newSigner } from "../signing.ts";
import { rememberedInMemory } from "../start-sealing.ts";
import { checkpointSigner, testKeys } from "../test-keys.ts";

/** A tree of so many leaves. */
function treeOf(size: number): CompactRange {
  const tree = new CompactRange();
  for (let leaf = 0; leaf < size; leaf++) tree.append(leafHash(String(leaf)));
  return tree;
}

const note = async (size: number) => (await checkpointSigner()).sign(treeOf(size));
const sources = (outside: string | undefined, stored: string | undefined) => ({
  directory: rememberedInMemory(outside),
  stored: async () => stored,
  keys: testKeys,
  origin: undefined,
});

describe("verifiedTree", () => {
  it("goes by the checkpoint outside of the database, and without one by the database's", async () => {
    expect(await verifiedTree(sources(await note(5), await note(3)))).toMatchObject({ size: 5 });
    expect(await verifiedTree(sources(undefined, await note(3)))).toMatchObject({
      size: 3,
      root: treeOf(3).root(),
    });
    expect(await verifiedTree(sources(undefined, undefined))).toBeUndefined();
  });

  it("refuses what no key of the list has signed, and another log's", async () => {
    const stranger = createCheckpointSigner([await newSigner("estranho")], []);
    const foreign = await stranger.sign(treeOf(3));
    await expect(verifiedTree(sources(foreign, undefined))).rejects.toEqual(faultOf("UNSIGNED"));
    const named = { ...sources(await note(3), undefined), origin: "outro/registro" };
    await expect(verifiedTree(named)).rejects.toEqual(faultOf("WRONG_ORIGIN"));
  });
});
