import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { addDays } from "../../src/calendar/brasilia.ts";
import { parseBoletoLine } from "../../src/identifiers/boleto.ts";
import { digit10, digit11, remainder11 } from "../../src/identifiers/check-digit.ts";
import { digits, neighbours } from "./arbitraries.ts";
import { vectors } from "./vectors.ts";

const { boleto } = vectors;
const today = "2026-11-24";

/** The barcode of a cobrança with its general digit. */
function cobranca(factor: string, amount: string, free: string): string {
  const digit = 11 - remainder11(`0019${factor}${amount}${free}`);
  return `0019${digit > 9 ? 1 : digit}${factor}${amount}${free}`;
}

/** The typed line of an arrecadação whose value kind is 6 or 7 (modulo 10), 8 or 9 (modulo 11). */
function arrecadacao(segment: string, valueKind: string, rest: string): string {
  const checkDigit = valueKind < "8" ? digit10 : (text: string) => digit11(text);
  const head = `8${segment}${valueKind}`;
  return `${head}${checkDigit(head + rest)}${rest}`.replace(
    /\d{11}/g,
    (block) => block + checkDigit(block),
  );
}

describe("a cobrança", () => {
  it("reads line and barcode alike", () => {
    const expected = {
      line: boleto.cobranca_line,
      barcode: boleto.cobranca_bar,
      kind: "COBRANCA",
      amount: BigInt(boleto.amount_cents),
      dueDate: boleto.due,
      bank: "341",
    };
    expect(parseBoletoLine(boleto.cobranca_line, today)).toEqual(expected);
    expect(parseBoletoLine(boleto.cobranca_bar, today)).toEqual(expected);
    expect(
      parseBoletoLine("34191.09701 00000.012344 56789.012301 9 16210000123456", today),
    ).toEqual(expected);
  });

  it.each([
    ["00190000090114971860168524522114675860000102656", 102656n, "2018-07-15"],
    ["10492006506100010004200997263900989810000021403", 21403n, "2022-05-10"],
  ])("reads %s", (line, amount, dueDate) => {
    expect(parseBoletoLine(line, dueDate)).toMatchObject({ line, amount, dueDate });
  });

  it("takes the old cycle of the due factor near its own time", () => {
    expect(parseBoletoLine(boleto.cobranca_line, "2002-04-01")?.dueDate).toBe(
      boleto.due_if_old_cycle,
    );
  });

  it.each(Object.entries(boleto.fator_vectors))("reads the factor of %s", (date, factor) => {
    const barcode = cobranca(String(factor), "0000010000", "1".repeat(25));
    expect(parseBoletoLine(barcode, date)?.dueDate).toBe(date);
  });

  it("finds every due date from 3,000 days before to 5,500 after the reference date", () => {
    const first = "2000-07-03";
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 26_999 }),
        fc.integer({ min: -5500, max: 3000 }),
        (day, offset) => {
          const dueDate = addDays(first, day);
          const barcode = cobranca(String(1000 + (day % 9000)), "0000010000", "1".repeat(25));
          expect(parseBoletoLine(barcode, addDays(dueDate, offset))?.dueDate).toBe(dueDate);
        },
      ),
    );
  });

  it("names no due date where the cycle is in doubt, nor without a factor", () => {
    const barcode = cobranca("5000", "0000010000", "1".repeat(25));
    const dueDate = addDays("2025-02-22", 4000);
    expect(parseBoletoLine(barcode, addDays(dueDate, 3001))).not.toHaveProperty("dueDate");
    expect(parseBoletoLine(barcode, addDays(dueDate, 3499))).not.toHaveProperty("dueDate");
    expect(parseBoletoLine(barcode, addDays(dueDate, 3500))?.dueDate).toBe(addDays(dueDate, 9000));
    expect(
      parseBoletoLine(cobranca("0000", "0000010000", "1".repeat(25)), today),
    ).not.toHaveProperty("dueDate");
  });

  it("names no amount when the payer fills it in", () => {
    expect(
      parseBoletoLine(cobranca("1621", "0000000000", "1".repeat(25)), today),
    ).not.toHaveProperty("amount");
  });

  it("round trips through its line, and refuses every single changed digit of the line", () => {
    fc.assert(
      fc.property(digits(10), digits(25), (amount, free) => {
        const read = parseBoletoLine(cobranca("1621", amount, free), today);
        expect(read && parseBoletoLine(read.line, today)).toEqual(read);
        const changed = neighbours(read?.line ?? "", 0, 32, "0123456789");
        expect(changed.filter((line) => parseBoletoLine(line, today))).toEqual([]);
      }),
    );
  });
});

describe("an arrecadação", () => {
  it("reads a telecom bill of modulo 10, punctuated too", () => {
    const line = "846100000005246100291102005460339004695895061080";
    const expected = {
      line,
      barcode: "84610000000246100291100054603390069589506108",
      kind: "ARRECADACAO",
      amount: 2461n,
      segment: "4",
    };
    expect(parseBoletoLine(line, today)).toEqual(expected);
    expect(parseBoletoLine(expected.barcode, today)).toEqual(expected);
    expect(
      parseBoletoLine("84610000000-5 24610029110-2 00546033900-4 69589506108-0", today),
    ).toEqual(expected);
  });

  it("round trips in all four kinds of value, with an amount only in 6 and 8", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("1", "2", "3", "4", "5", "6", "7", "9"),
        fc.constantFrom("6", "7", "8", "9"),
        digits(40),
        (segment, valueKind, rest) => {
          const line = arrecadacao(segment, valueKind, rest);
          const read = parseBoletoLine(line, today);
          const amount = BigInt(rest.slice(0, 11));
          const inReais = valueKind === "6" || valueKind === "8";
          expect(read).toMatchObject({ line, kind: "ARRECADACAO", segment });
          expect(read?.amount).toBe(inReais && amount > 0n ? amount : undefined);
          expect(read && parseBoletoLine(read.barcode, today)).toEqual(read);
        },
      ),
    );
  });

  it("refuses every single changed check digit", () => {
    fc.assert(
      fc.property(fc.constantFrom("6", "8"), digits(40), (valueKind, rest) => {
        const line = arrecadacao("3", valueKind, rest);
        const changed = [11, 23, 35, 47].flatMap((at) =>
          neighbours(line, at, at + 1, "0123456789"),
        );
        expect(changed.filter((text) => parseBoletoLine(text, today))).toEqual([]);
      }),
    );
  });

  it("refuses a segment and a kind of value that do not exist", () => {
    expect(parseBoletoLine(arrecadacao("8", "6", "1".repeat(40)), today)).toBeUndefined();
    expect(parseBoletoLine(arrecadacao("3", "5", "1".repeat(40)), today)).toBeUndefined();
  });
});

describe("neither", () => {
  it.each([
    "",
    "123",
    boleto.cobranca_line.slice(1),
    `${boleto.cobranca_line}0`,
    `${boleto.cobranca_line}x`,
    "0".repeat(44),
    "0".repeat(47),
    "8".repeat(48),
  ])("refuses %j", (text) => {
    expect(parseBoletoLine(text, today)).toBeUndefined();
  });
});
