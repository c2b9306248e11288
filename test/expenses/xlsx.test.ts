import { describe, expect, it } from "@jest/globals";
import { parseExpenseRows } from "../../src/expenses/row.ts";
import { parseExpenseXlsx } from "../../src/expenses/xlsx.ts";
import { context } from "./rows.ts";
import type { Cell } from "./xlsx-file.ts";
import { xlsxFile, xlsxWorkbook } from "./xlsx-file.ts";

const TITLES = [
  "id_externo",
  "condominio",
  "categoria",
  "tipo_documento",
  "numero_documento",
  "emissao",
  "competencia",
  "valor_bruto",
  "documento_favorecido",
  "favorecido",
  "parcela",
  "documentos",
];

const ROW: Cell[] = [
  "D-1",
  "ED-AURORA",
  "Limpeza",
  "NFS-e",
  { number: "4471" },
  { serial: "46331" },
  { serial: "46327" },
  { number: "1234.5599999999999" },
  { number: "11222333000181" },
  "Limpeza Total Ltda",
  "1 de 3",
  "a.pdf|b.pdf",
];

function changed(column: string, cell: Cell): Cell[] {
  return ROW.map((before, at) => (TITLES[at] === column ? cell : before));
}

async function errorsOf(column: string, cell: Cell): Promise<string[]> {
  const { rows, errors } = await parseExpenseXlsx(await xlsxFile([TITLES, changed(column, cell)]));
  expect(errors).toEqual([]);
  // The command hands them in as JSON.
  const sent: unknown[] = JSON.parse(JSON.stringify(rows));
  return parseExpenseRows(sent, context).errors.map(({ field, code }) => `${field} ${code}`);
}

/** A file whose directory has another checksum than the last part's bytes: the sheet's. */
async function damaged(): Promise<Uint8Array> {
  const file = Buffer.from(await xlsxFile([TITLES, ROW]));
  const entry = file.lastIndexOf("PK\x01\x02");
  file.writeUInt32LE((file.readUInt32LE(entry + 16) ^ 1) >>> 0, entry + 16);
  return new Uint8Array(file);
}

describe("parseExpenseXlsx", () => {
  it("reads numbers and dates as Excel stores them", async () => {
    const { rows, lines, errors } = await parseExpenseXlsx(
      await xlsxFile([[], TITLES, ROW, [null, ""], ROW]),
    );
    expect(errors).toEqual([]);
    expect(lines).toEqual([3, 5]);
    const clean = parseExpenseRows(rows.slice(0, 1), context);
    expect(clean.errors).toEqual([]);
    expect(clean.rows[0]?.row).toMatchObject({
      documentNumber: "4471",
      issueDate: "2026-11-05",
      competence: "2026-11",
      grossAmount: 123456n,
      payee: { kind: "CNPJ", document: "11222333000181" },
      instalment: { number: 1, total: 3 },
      documents: [{ fileName: "a.pdf" }, { fileName: "b.pdf" }],
    });
  });

  it("reads texts as a CSV has them", async () => {
    expect(await errorsOf("valor_bruto", "R$ 1.234,56")).toEqual([]);
    expect(await errorsOf("emissao", "05/11/2026")).toEqual([]);
    expect(await errorsOf("competencia", "11/2026")).toEqual([]);
    expect(await errorsOf("competencia", "nov/26")).toEqual([]);
  });

  it.each<[string, Cell, string]>([
    ["valor_bruto", { number: "1234.567" }, "grossAmount AMOUNT_INVALID"],
    ["valor_bruto", { number: "1234.5601" }, "grossAmount AMOUNT_INVALID"],
    ["valor_bruto", "1.234", "grossAmount AMOUNT_AMBIGUOUS"],
    ["favorecido", "#N/D", "payeeName SPREADSHEET_ERROR"],
    ["numero_documento", { number: "1.2345678901234568E17" }, "documentNumber NOT_TEXT"],
    ["documento_favorecido", { number: "191" }, "payeeDocument PAYEE_DOCUMENT_INVALID"],
    ["parcela", { serial: "46083" }, "instalment NOT_TEXT"],
    ["numero_documento", { serial: "46327" }, "documentNumber NOT_TEXT"],
    ["id_externo", { serial: "46327" }, "externalId NOT_TEXT"],
    ["numero_documento", { serial: "4471000123" }, "documentNumber NOT_TEXT"],
    ["emissao", { serial: "4471000123" }, "issueDate NOT_TEXT"],
    ["valor_bruto", { serial: "46327" }, "grossAmount NOT_TEXT"],
    ["documentos", { serial: "46327" }, "documents NOT_LIST"],
    ["emissao", { number: "46331" }, "issueDate DATE_INVALID"],
  ])("%s: %j -> %s", async (column, cell, expected) => {
    expect(await errorsOf(column, cell)).toEqual([expected]);
  });

  it("does not take a formula's error, or a formula never calculated, for an empty cell", async () => {
    const file = await xlsxFile([
      TITLES,
      changed("favorecido", { error: "#N/A" }),
      changed("parcela", { formula: "A1&B1" }),
    ]);
    const { rows, errors } = await parseExpenseXlsx(file);
    expect(rows).toEqual([]);
    expect(errors).toEqual([
      {
        line: 2,
        code: "CELL_UNREADABLE",
        message: "A célula J2 traz um erro de fórmula; corrija-a.",
      },
      {
        line: 3,
        code: "CELL_UNREADABLE",
        message:
          "A célula K3 tem uma fórmula sem resultado gravado; abra a planilha no Excel e salve-a de novo.",
      },
    ]);
  });

  describe("of a workbook with several sheets", () => {
    const rows = [TITLES, ROW];
    const both = xlsxWorkbook([
      { name: "Novembro & outros", rows },
      { name: "Dezembro", rows: [TITLES, changed("id_externo", "D-2"), ROW] },
    ]);

    it("refuses to guess which one it is, and names them", async () => {
      expect(await parseExpenseXlsx(await both)).toEqual({
        rows: [],
        lines: [],
        errors: [
          {
            line: null,
            code: "SHEETS_SEVERAL",
            message: expect.stringContaining("(“Novembro & outros”, “Dezembro”)"),
          },
        ],
      });
    });

    it("reads the one that is named", async () => {
      expect((await parseExpenseXlsx(await both, "Novembro & outros")).lines).toEqual([2]);
      const { lines, rows } = await parseExpenseXlsx(await both, "Dezembro");
      expect(lines).toEqual([2, 3]);
      expect(rows[0]).toMatchObject({ externalId: "D-2" });
      const { errors } = await parseExpenseXlsx(await both, "Janeiro");
      expect(errors).toMatchObject([
        { code: "SHEET_UNKNOWN", message: expect.stringContaining("“Dezembro”") },
      ]);
    });

    it("passes over those that are empty or hidden", async () => {
      const file = await xlsxWorkbook([
        { name: "Capa", rows: [] },
        { name: "Listas", rows: [["LIMPEZA"]], state: "hidden" },
        { name: "Despesas", rows, state: "visible" },
        { name: "Plan3", rows: [[null]] },
      ]);
      expect(await parseExpenseXlsx(file)).toMatchObject({ lines: [2], errors: [] });
    });
  });

  it.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ["a CSV", () => new TextEncoder().encode("externalId;condominium\n"), "FILE_NOT_XLSX"],
    ["nothing", () => new Uint8Array(), "FILE_NOT_XLSX"],
    ["half a file", async () => (await xlsxFile([TITLES, ROW])).slice(0, 700), "FILE_NOT_XLSX"],
    ["a part that is not what its checksum says", () => damaged(), "FILE_NOT_XLSX"],
    ["an empty sheet", () => xlsxFile([]), "FILE_EMPTY"],
    ["titles alone", () => xlsxFile([TITLES]), "FILE_EMPTY"],
    ["a column unknown", () => xlsxFile([[...TITLES, "cor"], ROW]), "HEADER_UNKNOWN"],
    ["a value without a title", () => xlsxFile([TITLES, [...ROW, "azul"]]), "COLUMN_WITHOUT_TITLE"],
  ])("refuses %s", async (_what, file, code) => {
    const { rows, errors } = await parseExpenseXlsx(await file());
    expect(errors.map((error) => error.code)).toEqual([code]);
    expect(rows).toEqual([]);
  });
});
