import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { COLUMN_NAMES, COLUMNS } from "../../src/expenses/columns.ts";
import { readCell, readHeader } from "../../src/expenses/table.ts";
import { formatBrazilian, formatDecimal } from "../../src/money/centavos.ts";

const REQUIRED = [
  "externalId",
  "condominium",
  "category",
  "documentKind",
  "competence",
  "grossAmount",
];

describe("readHeader", () => {
  it("takes names and titles, whatever case, accents, spaces and punctuation", () => {
    const titles = COLUMN_NAMES.map((name, i) => (i % 2 === 0 ? name : COLUMNS[name].title));
    expect(readHeader(titles, 1)).toEqual({ header: [...COLUMN_NAMES], errors: [] });
    const spoken = [
      "ID externo",
      "Condomínio",
      "CATEGORIA",
      "Tipo documento",
      "Competência",
      "valor-bruto",
      "Erros",
      "",
    ];
    expect(readHeader(spoken, 1)).toEqual({ header: [...REQUIRED, null, null], errors: [] });
  });

  it("names every column that is unknown, repeated or missing", () => {
    const { errors } = readHeader(
      ["externalId", "id_externo", "cor", "category", "documentKind"],
      3,
    );
    expect(errors.map(({ code, line }) => [code, line])).toEqual([
      ["HEADER_REPEATED", 3],
      ["HEADER_UNKNOWN", 3],
      ["HEADER_MISSING", 3],
      ["HEADER_MISSING", 3],
      ["HEADER_MISSING", 3],
    ]);
    expect(errors[2]?.message).toBe("Falta a coluna “condominio” no cabeçalho.");
  });
});

describe("readCell", () => {
  it.each([
    ["amount", "1.234,56", "1234.56"],
    ["amount", "R$ 1.234,56", "1234.56"],
    ["amount", "1234,56", "1234.56"],
    ["amount", "1234.56", "1234.56"],
    ["amount", "1234", "1234.00"],
    ["amount", "1234,5", "1234.50"],
    ["amount", "1.234", "1.234"],
    ["amount", "1,234", "1,234"],
    ["amount", "1,234.56", "1,234.56"],
    ["amount", "12.34,56", "12.34,56"],
    ["date", "05/11/2026", "2026-11-05"],
    ["date", "2026-11-05", "2026-11-05"],
    ["date", "5/11/2026", "5/11/2026"],
    ["date", "11/25/2026", "11/25/2026"],
    ["month", "11/2026", "2026-11"],
    ["month", "2026-11", "2026-11"],
    ["month", "nov/26", "2026-11"],
    ["month", "FEV-2027", "2027-02"],
    ["month", "13/2026", "13/2026"],
    ["month", "xyz/26", "xyz/26"],
    ["text", " 00123 ", " 00123 "],
  ] as const)("%s: %j -> %j", (shape, cell, expected) => {
    expect(readCell(shape, cell)).toBe(expected);
  });

  it("splits a list", () => {
    expect(readCell("list", " a.pdf | b.png||")).toEqual(["a.pdf", "b.png"]);
  });

  it("reads every amount alike in both spellings", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 13n }), (amount) => {
        const expected = formatDecimal(amount);
        expect(readCell("amount", formatBrazilian(amount))).toBe(expected);
        expect(readCell("amount", expected)).toBe(expected);
        expect(readCell("amount", expected.replace(".", ","))).toBe(expected);
      }),
    );
  });
});
