import { describe, expect, it } from "@jest/globals";
import { instalmentCount, instalmentsOverlap } from "../../src/validation/instalment.ts";

describe("instalments", () => {
  it.each([
    ["1/3", "2/3", false],
    ["2/3", "2/3", true],
    ["2/3", "02/3", true],
    ["1/3", "10/12", false],
    [null, "1/3", true],
    [null, null, true],
  ])("%s and %s overlap: %s", (one, other, expected) => {
    expect(instalmentsOverlap(one, other)).toBe(expected);
    expect(instalmentsOverlap(other, one)).toBe(expected);
  });

  it("are counted", () => {
    expect(instalmentCount("2/12")).toBe(12n);
  });
});
