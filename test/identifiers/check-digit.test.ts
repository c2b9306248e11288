import { describe, expect, it } from "@jest/globals";
import { digit10, digit11, remainder11 } from "../../src/identifiers/check-digit.ts";

describe("check digits", () => {
  it("modulo 11 counts letters as ASCII minus 48", () => {
    expect(digit11("12ABC34501DE")).toBe("3");
    expect(digit11("12ABC34501DE3")).toBe("5");
  });

  it("remainders 0 and 1 both give 0", () => {
    expect(remainder11("0")).toBe(0);
    expect(digit11("0")).toBe("0");
    expect(remainder11("6")).toBe(1);
    expect(digit11("6")).toBe("0");
    expect(digit11("5")).toBe("1");
  });

  it("modulo 10 adds the digits of each product", () => {
    expect(digit10("341910970")).toBe("1");
    expect(digit10("0")).toBe("0");
    expect(digit10("9")).toBe("1");
  });
});
