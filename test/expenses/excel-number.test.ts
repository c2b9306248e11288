import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { exactDecimal, toCentavos } from "../../src/expenses/excel-number.ts";
import { formatDecimal } from "../../src/money/centavos.ts";

describe("toCentavos", () => {
  it.each([
    ["1234.56", "1234.56"],
    ["1234.5599999999999", "1234.56"],
    ["1234.5600000000001", "1234.56"],
    ["0.28999999999999998", "0.29"],
    ["10000", "10000.00"],
    ["1.2E7", "12000000.00"],
    ["1E-2", "0.01"],
    ["-0.5", "-0.50"],
    ["1.000001", "1.00"],
    ["0", "0.00"],
  ])("%s is %s", (stored, amount) => {
    expect(toCentavos(stored)).toBe(amount);
  });

  it.each([
    "1.005",
    "1.00001",
    "0.001",
    "1234.567",
    "",
    "abc",
    "1,5",
    "1E400",
    "NaN",
    "Infinity",
    "--1",
  ])("refuses %j", (stored) => {
    expect(toCentavos(stored)).toBeUndefined();
  });

  it("finds every amount in the float that a spreadsheet makes of it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }), (centavos) => {
        const amount = formatDecimal(centavos);
        const float = Number(amount);
        expect(toCentavos(String(float))).toBe(amount);
        expect(toCentavos(float.toPrecision(17))).toBe(amount);
        expect(toCentavos(float.toExponential())).toBe(amount);
      }),
    );
  });
});

describe("exactDecimal", () => {
  it.each([
    ["11222333000181", "11222333000181"],
    ["1.1222333000181E13", "11222333000181"],
    ["1.50", "1.5"],
    ["100", "100"],
    ["-0.25", "-0.25"],
    ["5E-3", "0.005"],
  ])("%s is %s", (stored, plain) => {
    expect(exactDecimal(stored)).toBe(plain);
  });
});
