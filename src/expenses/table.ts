import { parseBrazilianDate, parseDate } from "../calendar/brasilia.ts";
import { formatDecimal, parseBrazilian, parseDecimal } from "../money/centavos.ts";
import type { CellShape, ColumnName } from "./columns.ts";
import { COLUMN_NAMES, COLUMNS, ERRORS_TITLE, findColumn, foldTitle, titleOf } from "./columns.ts";

/** What keeps a file from being read as a table of expenses. Such a file is refused as a whole. */
export interface TableError {
  /** Line of the file, from 1; null when it is the file as a whole. */
  line: number | null;
  code:
    | "FILE_NOT_TEXT"
    | "FILE_NOT_XLSX"
    | "FILE_TOO_LARGE"
    | "FILE_EMPTY"
    | "SHEETS_SEVERAL"
    | "SHEET_UNKNOWN"
    | "CSV_MALFORMED"
    | "CELL_COUNT"
    | "CELL_UNREADABLE"
    | "HEADER_UNREADABLE"
    | "HEADER_UNKNOWN"
    | "HEADER_REPEATED"
    | "HEADER_MISSING"
    | "COLUMN_WITHOUT_TITLE";
  /** Portuguese: what is wrong and how to mend it. */
  message: string;
}

/** The rows of a file in the shape that parseExpenseRows takes; it finds the errors within them. */
export interface ParsedTable {
  rows: unknown[];
  /** The line of the file on which each row begins, from 1. */
  lines: number[];
  errors: TableError[];
}

/**
 * A day in a cell where none belongs: Excel takes 2/3 or 10/2026 for one. No text, in JSON neither, so that it is
 * refused and not taken for what was typed.
 */
export interface StrayDay {
  /** 'YYYY-MM-DD'; "" when there is no such day: a long number in a cell that is to show dates. */
  day: string;
}

export function isStrayDay(value: unknown): value is StrayDay {
  return (
    typeof value === "object" && value !== null && "day" in value && typeof value.day === "string"
  );
}

/** Which column each place of the header is; null for one to be passed over. */
export type Header = (ColumnName | null)[];

/** Reads the cells of the header line. */
export function readHeader(
  titles: readonly string[],
  line: number,
): { header: Header; errors: TableError[] } {
  const errors: TableError[] = [];
  const seen = new Set<ColumnName>();
  const header = titles.map((title) => {
    const column = findColumn(title);
    if (column === undefined && title.trim() !== "" && foldTitle(title) !== ERRORS_TITLE) {
      errors.push({
        line,
        code: "HEADER_UNKNOWN",
        message: `A coluna “${printable(title)}” não existe; remova-a ou confira o nome na documentação.`,
      });
    }
    if (column !== undefined && seen.has(column)) {
      errors.push({
        line,
        code: "HEADER_REPEATED",
        message: `A coluna “${titleOf(column)}” aparece mais de uma vez; deixe só uma.`,
      });
    }
    if (column !== undefined) {
      seen.add(column);
    }
    return column ?? null;
  });
  for (const name of COLUMN_NAMES) {
    if (COLUMNS[name].required && !seen.has(name)) {
      errors.push({
        line,
        code: "HEADER_MISSING",
        message: `Falta a coluna “${titleOf(name)}” no cabeçalho.`,
      });
    }
  }
  return { header, errors };
}

/** Nothing may stand in a column that has no title; the first place where something does is told. */
export function findUntitled(
  titles: readonly string[],
  rows: readonly { cells: readonly unknown[]; line: number }[],
): TableError[] {
  const found = rows.find(({ cells }) =>
    cells.some((cell, at) => (titles[at] ?? "").trim() === "" && !isBlankCell(cell)),
  );
  const message = "Há um valor numa coluna sem título; dê-lhe um título ou apague-o.";
  return found === undefined ? [] : [{ line: found.line, code: "COLUMN_WITHOUT_TITLE", message }];
}

export function isBlankCell(cell: unknown): boolean {
  return cell === null || cell === undefined || (typeof cell === "string" && cell.trim() === "");
}

/**
 * Turns the text of a cell into what the field takes, where that is beyond doubt: 1.234,56 and 1234.56
 * -> "1234.56", dd/mm/yyyy -> ISO, 11/2026 and nov/26 -> "2026-11", "a|b" -> a list. Anything else stays as
 * it is, for parseExpenseRows to refuse.
 */
export function readCell(shape: CellShape, text: string): string | string[] {
  const cell = text.trim();
  switch (shape) {
    case "amount": {
      const amount = parseBrazilian(cell) ?? parseDecimal(cell);
      return amount === undefined ? cell : formatDecimal(amount);
    }
    case "date":
      return parseDate(cell) ?? parseBrazilianDate(cell) ?? cell;
    case "month":
      return readMonth(cell) ?? cell;
    case "list":
      return cell
        .split("|")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    case "text":
      return text;
  }
}

const MONTHS = "jan fev mar abr mai jun jul ago set out nov dez".split(" ");

/** "11/2026", and "nov/26", into which Excel in Portuguese turns it. */
function readMonth(text: string): string | undefined {
  const numeric = /^(0[1-9]|1[0-2])\/(\d{4})$/.exec(text);
  if (numeric) {
    return `${numeric[2]}-${numeric[1]}`;
  }
  const named = /^([a-z]{3})[/-](?:20)?(\d{2})$/i.exec(text);
  const month = MONTHS.indexOf(named?.[1]?.toLowerCase() ?? "");
  return month < 0 ? undefined : `20${named?.[2]}-${String(month + 1).padStart(2, "0")}`;
}

/** A stranger's column title, fit to be shown. */
function printable(title: string): string {
  return title.replace(/[^\p{L}\p{N}_ .-]/gu, "?").slice(0, 60);
}
