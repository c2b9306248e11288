import { describe, expect, it } from "@jest/globals";
import { HandleIndex } from "../../src/reconciliation/handle-index.ts";

describe("HandleIndex", () => {
  const index = new HandleIndex<string>();
  index.add("aurora", ["11222333", "LIM", "AUR", "SER"]);
  index.add("horizonte", ["LIM", "HOR", "SER"]);
  index.add("pix", ["E6070119020261105"]);

  it("finds what shares an identifier, whatever the names", () => {
    expect(index.near(["11222333", "XYZ"])).toEqual(["aurora"]);
    expect(index.near(["ABC", "E6070119020261105"])).toEqual(["pix"]);
  });

  it("finds what shares at least half the words of the shorter name", () => {
    expect(index.near(["LIM", "AUR"])).toEqual(["aurora", "horizonte"]);
    expect(index.near(["LIM", "ABC", "DEF"])).toEqual([]);
    expect(index.near(["HOR"])).toEqual(["horizonte"]);
  });
});
