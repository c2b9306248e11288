import { Buffer } from "node:buffer";
import { InvalidInputError, InvalidSpreadsheetError, readSheet } from "read-excel-file/node";
import type { ColumnName } from "./columns.ts";
import { COLUMNS } from "./columns.ts";
import { exactDecimal, toCentavos } from "./excel-number.ts";
import type { Header, ParsedTable, StrayDay, TableError } from "./table.ts";
import { findUntitled, isBlankCell, readCell, readHeader } from "./table.ts";
import { inspectWorkbook } from "./xlsx-archive.ts";

/** A number as the file stores it; by default the library would make a float of it. */
class StoredNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/**
 * Reads the sheet of an XLSX file that holds its expenses; its first row names the columns, as in csv.ts. Dates and
 * numbers become the texts that parseExpenseRows takes. What it has to refuse does not: an amount that is not exactly
 * so many centavos stays as it is, a number that has lost digits a number, and a day where none belongs is a StrayDay.
 * The whole file is unpacked in memory.
 *
 * Never throws on a bad file: what keeps it from being read is in `errors`, and then there are no rows.
 *
 * @param name of the sheet; without it, the only one that shows anything
 */
export async function parseExpenseXlsx(bytes: Uint8Array, name?: string): Promise<ParsedTable> {
  const { cells: sheet, errors: found } = await openSheet(bytes, name);
  if (found.length > 0) {
    return refused(...found);
  }
  const filled = sheet
    .map((cells, at) => ({ cells, line: at + 1 }))
    .filter(({ cells }) => cells.some((cell) => !isBlankCell(cell)));
  const [first, ...data] = filled;
  if (first === undefined || data.length === 0) {
    const message = "A planilha não traz nenhuma despesa.";
    return refused({ line: null, code: "FILE_EMPTY", message });
  }
  const titles = first.cells.map((cell) => (typeof cell === "string" ? cell : ""));
  const { header, errors } = readHeader(titles, first.line);
  errors.push(...findUntitled(titles, data));
  if (errors.length > 0) {
    return refused(...errors);
  }
  return {
    rows: data.map(({ cells }) => readRow(header, cells)),
    lines: data.map(({ line }) => line),
    errors: [],
  };
}

function refused(...errors: TableError[]): ParsedTable {
  return { rows: [], lines: [], errors };
}

interface Sheet {
  cells: readonly (readonly unknown[])[];
  errors: TableError[];
}

async function openSheet(bytes: Uint8Array, name: string | undefined): Promise<Sheet> {
  const { sheet, errors } = await inspectWorkbook(bytes, name);
  if (errors.length > 0) {
    return { cells: [], errors };
  }
  try {
    const cells = await readSheet(Buffer.from(bytes), sheet, {
      parseNumber: (text) => new StoredNumber(text),
      trim: false,
    });
    return { cells, errors };
  } catch (error) {
    if (error instanceof InvalidInputError || error instanceof InvalidSpreadsheetError) {
      const message = "A planilha XLSX está danificada; abra-a no Excel e salve-a de novo.";
      return { cells: [], errors: [{ line: null, code: "FILE_NOT_XLSX", message }] };
    }
    throw error;
  }
}

function readRow(header: Header, cells: readonly unknown[]): unknown {
  const row: { [name: string]: unknown } = {};
  header.forEach((name, at) => {
    const cell = cells[at];
    if (name !== null && !isBlankCell(cell)) {
      row[name] = readValue(name, cell);
    }
  });
  return row;
}

function readValue(name: ColumnName, cell: unknown): unknown {
  const { shape } = COLUMNS[name];
  if (typeof cell === "string") {
    return readCell(shape, cell);
  }
  if (cell instanceof StoredNumber) {
    return readNumber(shape === "amount", cell.text);
  }
  if (cell instanceof Date) {
    if (Number.isNaN(cell.getTime())) {
      return { day: "" } satisfies StrayDay;
    }
    // Excel has no time zone; the library gives the calendar date as UTC.
    const day = cell.toISOString().slice(0, 10);
    if (shape === "date") {
      return day;
    }
    return shape === "month" ? day.slice(0, 7) : ({ day } satisfies StrayDay);
  }
  return cell;
}

function readNumber(isAmount: boolean, text: string): unknown {
  if (isAmount) {
    return toCentavos(text) ?? text;
  }
  const exact = exactDecimal(text);
  const digits = exact?.replace(/\D/g, "").replace(/^0+/, "") ?? "";
  // Excel keeps 15 digits; a longer number is no longer the one that was typed.
  return exact === undefined || digits.length > 15 ? Number(text) : exact;
}
