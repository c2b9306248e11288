import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import {
  formatBrazilian,
  formatDecimal,
  parseBrazilian,
  parseDecimal,
} from "../../src/money/centavos.ts";

const amounts = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n });

describe("parseDecimal", () => {
  it.each([
    ["1234.56", 123456n],
    ["-0.10", -10n],
    ["1234", 123400n],
    ["1234.5", 123450n],
    ["0.00", 0n],
    ["-0", 0n],
    ["0.29", 29n],
    ["999999999999.99", 99999999999999n],
  ])("reads %s", (text, centavos) => {
    expect(parseDecimal(text)).toBe(centavos);
  });

  it.each([
    "",
    " 1",
    "1 ",
    "1.",
    ".5",
    "1.234",
    "1,5",
    "1.234,56",
    "+1",
    "--1",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "1_000",
    "R$ 1.00",
    "١٢",
    "9999999999999999",
    "1\n",
  ])("refuses %j", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });
});

describe("parseBrazilian", () => {
  it.each([
    ["1.234,56", 123456n],
    ["R$ 1.234,56", 123456n],
    ["R$\u00a01.234,56", 123456n],
    ["R$1234,56", 123456n],
    ["1234,56", 123456n],
    ["1234,5", 123450n],
    ["1234", 123400n],
    ["-R$ 0,50", -50n],
    ["R$ -0,50", -50n],
    ["1.234.567.890,12", 123456789012n],
    [" 7,00 ", 700n],
  ])("reads %s", (text, centavos) => {
    expect(parseBrazilian(text)).toBe(centavos);
  });

  it.each([
    "",
    "1.234",
    "1.23,45",
    "12.34",
    "1234.56",
    "1.2345,67",
    ".234,56",
    "0234.567,00",
    "1,234.56",
    "1,2,3",
    "1,",
    ",5",
    "--1",
    "-R$ -1,00",
    "R$",
    "US$ 1,00",
    "1.234,567",
  ])("refuses %j", (text) => {
    expect(parseBrazilian(text)).toBeUndefined();
  });
});

describe("round trips", () => {
  it("formatDecimal and parseDecimal", () => {
    fc.assert(fc.property(amounts, (n) => expect(parseDecimal(formatDecimal(n))).toBe(n)));
  });

  it("formatBrazilian and parseBrazilian", () => {
    fc.assert(fc.property(amounts, (n) => expect(parseBrazilian(formatBrazilian(n))).toBe(n)));
  });

  it("writes as people expect", () => {
    expect(formatDecimal(-5n)).toBe("-0.05");
    expect(formatBrazilian(0n)).toBe("R$ 0,00");
    expect(formatBrazilian(123456n)).toBe("R$ 1.234,56");
    expect(formatBrazilian(-100000000n)).toBe("-R$ 1.000.000,00");
  });
});
