import { readFileSync } from "node:fs";
import { describe, expect, it } from "@jest/globals";
import { parseExpenseCsv } from "../../src/expenses/csv.ts";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { context } from "./rows.ts";

const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../fixtures/expenses/${name}`, import.meta.url)));

const utf8 = (text: string) => new TextEncoder().encode(text);

const HEADER =
  "externalId;condominium;category;documentKind;competence;grossAmount;payeeName;description";

function codes(text: string): unknown[] {
  return parseExpenseCsv(utf8(text)).errors.map(({ code, line }) => [code, line]);
}

describe("parseExpenseCsv", () => {
  it.each(["despesas-utf8-bom.csv", "despesas-windows-1252.csv"])("reads %s", (name) => {
    const { rows, lines, errors } = parseExpenseCsv(fixture(name));
    expect(errors).toEqual([]);
    expect(lines).toEqual([2, 3, 5]);
    const clean = parseExpenseRows(rows, context);
    expect(clean.errors).toEqual([]);
    expect(clean.rows.map(({ row }) => row)).toMatchObject([
      {
        externalId: "2026-11-001",
        condominium: "11222333000181",
        category: "LIMPEZA",
        documentKind: "NFSE",
        documentNumber: "4471",
        issueDate: "2026-11-05",
        competence: "2026-11",
        grossAmount: 1000000n,
        retentions: [
          { kind: "INSS", amount: 110000n },
          { kind: "CSRF", amount: 46500n },
        ],
        payee: { kind: "CNPJ", document: "12ABC34501DE35", name: "Limpeza Total Ltda" },
        payeePixKey: "12ABC34501DE35",
        dueDate: "2026-12-05",
        documents: [{ fileName: "nota-4471.pdf" }, { fileName: "boleto-4471.pdf" }],
      },
      {
        category: "AGUA_ESGOTO",
        documentKind: "UTILITY_BILL",
        competence: "2026-10",
        grossAmount: 123450n,
        payee: { kind: "NONE", document: null, name: "SABESP" },
        description: 'Água, área comum; bloco "B"',
      },
      {
        documentKind: "NFE",
        issueDate: "2026-11-03",
        grossAmount: 38990n,
        payee: { name: "Comércio São João" },
        instalment: { number: 2, total: 3 },
      },
    ]);
  });

  it("keeps Windows-1252's own characters", () => {
    expect(parseExpenseCsv(fixture("despesas-windows-1252.csv")).rows[0]).toMatchObject({
      description: "Serviços “especiais” de limpeza de novembro",
    });
  });

  it("reads commas as the separator, with a decimal comma in quotation marks", () => {
    const { rows, errors } = parseExpenseCsv(fixture("despesas-virgula.csv"));
    expect(errors).toEqual([]);
    expect(rows).toMatchObject([
      { externalId: "A1", grossAmount: "12345.67" },
      { externalId: "A2", grossAmount: "12345.67", documents: ["folha.pdf"] },
    ]);
  });

  it("leaves what is in doubt for the row's check to refuse", () => {
    const { rows } = parseExpenseCsv(utf8(`${HEADER}\nA;C;LIMPEZA;BOLETO;11/2026;1.234;X;\n`));
    expect(parseExpenseRows(rows, context).errors).toMatchObject([
      { index: 0, field: "grossAmount", code: "AMOUNT_AMBIGUOUS" },
    ]);
  });

  it("takes off the apostrophe of the formula guard", () => {
    const { rows } = parseExpenseCsv(
      utf8(`${HEADER}\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;'-desconto\n`),
    );
    expect(rows).toMatchObject([{ description: "-desconto" }]);
  });

  it("counts rows without blank lines, and lines with them and with breaks in cells", () => {
    const text = `\n${HEADER}\n\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;"uma\r\nduas"\n;;;;;;;\nB;C;LIMPEZA;BOLETO;11/2026;1,00;X;\n`;
    const { rows, lines } = parseExpenseCsv(utf8(text));
    expect(rows).toHaveLength(2);
    expect(lines).toEqual([4, 7]);
  });

  it("refuses a line with more or fewer cells, since the others may have shifted", () => {
    expect(
      codes(`${HEADER}\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;a;b\nB;C;LIMPEZA;BOLETO;11/2026;1,00\n`),
    ).toEqual([
      ["CELL_COUNT", 2],
      ["CELL_COUNT", 3],
    ]);
  });

  it.each([
    ["nothing", "", [["FILE_EMPTY", 1]]],
    ["a header alone", `${HEADER}\n`, [["FILE_EMPTY", null]]],
    ["no header", "1;2;3\n4;5;6\n", [["HEADER_UNREADABLE", 1]]],
    ["tabs", HEADER.replaceAll(";", "\t"), [["HEADER_UNREADABLE", 1]]],
    ["open quotation marks", `${HEADER}\nA;"C;LIMPEZA\n`, [["CSV_MALFORMED", 2]]],
    ["a quotation mark inside", `${HEADER}\nA;C"D;LIMPEZA\n`, [["CSV_MALFORMED", 2]]],
    [
      "an unknown column",
      `${HEADER};cor\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;;azul\n`,
      [["HEADER_UNKNOWN", 1]],
    ],
    [
      "a value without a title",
      `${HEADER};\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;;azul\n`,
      [["COLUMN_WITHOUT_TITLE", 2]],
    ],
    ["NUL bytes (UTF-16)", "e\u0000x\u0000", [["FILE_NOT_TEXT", null]]],
    ["an XLSX by another name", "PK\u0003\u0004…", [["FILE_NOT_TEXT", null]]],
  ])("refuses %s", (_what, text, expected) => {
    expect(codes(text)).toEqual(expected);
    expect(parseExpenseCsv(utf8(text)).rows).toEqual([]);
  });

  it("passes over an empty column without a title and the column of errors", () => {
    const { rows, errors } = parseExpenseCsv(
      utf8(`${HEADER};erros;\nA;C;LIMPEZA;BOLETO;11/2026;1,00;X;;Preencha “parcela”.;\n`),
    );
    expect(errors).toEqual([]);
    expect(Object.keys(Object(rows[0]))).not.toContain("erros");
  });
});
