import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { withGuard, withoutGuard } from "../../src/expenses/formula-guard.ts";

describe("the formula guard", () => {
  it.each(["=1+1", "+55", "-1", "@SUM(A1)", "\tx", "\rx", "＝1", "'=1"])("guards %j", (cell) => {
    expect(withGuard(cell)).toBe(`'${cell}`);
  });

  it.each(["", "abc", "1-2", "d'água", "'aspas'"])("leaves %j", (cell) => {
    expect(withGuard(cell)).toBe(cell);
    expect(withoutGuard(cell)).toBe(cell);
  });

  it("comes off as it went on", () => {
    const cells = fc.string({ unit: fc.constantFrom("'", "=", "-", "+", "@", "a", " ", "\t") });
    fc.assert(fc.property(cells, (cell) => expect(withoutGuard(withGuard(cell))).toBe(cell)));
  });
});
