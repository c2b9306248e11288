import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { fold } from "../../src/receipts/folding.ts";

describe("fold", () => {
  it("takes accents and case away", () => {
    expect(fold("Emissão às 17h12, ação nº 3")).toBe("EMISSAO AS 17H12, ACAO Nº 3");
  });

  it("never changes the length of a composed text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const composed = text.normalize("NFC");
        expect(fold(composed)).toHaveLength(composed.length);
      }),
    );
  });
});
