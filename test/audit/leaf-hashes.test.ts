import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { rootOfLeafHashes } from "../../src/audit/leaf-hashes.ts";
import { numberedLeaves, plainRoot } from "./merkle.ts";

describe("rootOfLeafHashes", () => {
  it("is the root that the recursion of RFC 6962 gives, and leaves the hashes as they are", () => {
    const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 70 }), (leaves) => {
        const bytes = Buffer.concat(leaves);
        expect(Buffer.from(rootOfLeafHashes(bytes))).toEqual(Buffer.from(plainRoot(leaves)));
        expect(bytes).toEqual(Buffer.concat(leaves));
      }),
    );
  });

  it("is it for large trees, too", () => {
    for (const size of [2047, 2048, 2049, 5003]) {
      const leaves = numberedLeaves(size);
      expect(Buffer.from(rootOfLeafHashes(Buffer.concat(leaves)))).toEqual(
        Buffer.from(plainRoot(leaves)),
      );
    }
  });
});
