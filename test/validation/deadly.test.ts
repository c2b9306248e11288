import { expect, it } from "@jest/globals";
import fc from "fast-check";
import { smallerChunks } from "../../src/validation/deadly.ts";

it("hands every expense on once, in order, and each alone at the second time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 1000 }), (count) => {
      const ids = Array.from({ length: count }, (_, index) => String(index));
      const pieces = smallerChunks(ids);
      expect(pieces.flat()).toEqual(ids);
      expect(pieces.length).toBeGreaterThan(1);
      for (const piece of pieces) {
        if (piece.length > 1) expect(smallerChunks(piece)).toEqual(piece.map((id) => [id]));
      }
    }),
  );
});
