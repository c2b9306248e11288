import { parseDate } from "../calendar/brasilia.ts";
import { formatCnpj, parseCnpj } from "../identifiers/cnpj.ts";
import { parseDecimal } from "../money/centavos.ts";
import type { ColumnName } from "./columns.ts";
import { COLUMN_NAMES, COLUMNS, ERRORS_TITLE } from "./columns.ts";
import { withGuard } from "./formula-guard.ts";
import type { RowError } from "./row-error.ts";
import { isStrayDay } from "./table.ts";

/** The columns that every file to mend has, even when no refused row fills them. */
const ALWAYS: ReadonlySet<ColumnName> = new Set(
  COLUMN_NAMES.filter((name) => COLUMNS[name].required),
);

/**
 * Writes the rows that have errors as a CSV file to mend and submit again: the columns they use under
 * their Portuguese titles, and a column "erros" with what to do. `;`, UTF-8 with BOM and CRLF, so
 * that Excel opens it; values as Excel in Portuguese keeps them (decimal comma, dd/mm/yyyy, "2 de 3", a CNPJ
 * with its punctuation). Cells that a spreadsheet would run as formulas are guarded.
 *
 * @param rows the rows as they were submitted, all of them.
 * @param errors what parseExpenseRows said of them; index refers to `rows`.
 */
export function writeRefusedRows(
  rows: readonly unknown[],
  errors: readonly Pick<RowError, "index" | "message">[],
): Uint8Array<ArrayBuffer> {
  const messages = new Map<number, string[]>();
  for (const { index, message } of errors) {
    messages.set(index, [...(messages.get(index) ?? []), message]);
  }
  const refused = [...messages.entries()]
    .sort(([a], [b]) => a - b)
    .map(([index, texts]) => ({ cells: cellsOf(rows[index]), errors: texts.join(" ") }));
  const columns = COLUMN_NAMES.filter(
    (name) => ALWAYS.has(name) || refused.some(({ cells }) => cells.has(name)),
  );
  const table = [
    [...columns.map((name) => COLUMNS[name].title), ERRORS_TITLE],
    ...refused.map((row) => [...columns.map((name) => row.cells.get(name) ?? ""), row.errors]),
  ];
  const text = table.map((cells) => `${cells.map(quote).join(";")}\r\n`).join("");
  return new TextEncoder().encode(`\ufeff${text}`);
}

/** Quoted only where needed, the guard first: a quoted formula runs all the same. */
function quote(cell: string): string {
  const guarded = withGuard(cell);
  return /[";\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

function cellsOf(row: unknown): Map<ColumnName, string> {
  const cells = new Map<ColumnName, string>();
  if (typeof row !== "object" || row === null) {
    return cells;
  }
  const values = new Map<string, unknown>(Object.entries(row));
  for (const name of COLUMN_NAMES) {
    const cell = cellOf(name, values.get(name));
    if (cell !== "") {
      cells.set(name, cell);
    }
  }
  const retentions = values.get("retentions");
  for (const retention of Array.isArray(retentions) ? retentions : []) {
    addRetention(retention, cells);
  }
  return cells;
}

const RETENTION_COLUMNS: ReadonlyMap<unknown, ColumnName> = new Map<unknown, ColumnName>([
  ["INSS", "retentionInss"],
  ["CSRF", "retentionCsrf"],
  ["ISS", "retentionIss"],
  ["IRRF", "retentionIrrf"],
]);

/** The list of the JSON form goes into the single columns; two of one kind are shown together, for a person to choose. */
function addRetention(retention: unknown, cells: Map<ColumnName, string>): void {
  const values = new Map<string, unknown>(Object.entries(Object(retention)));
  const name = RETENTION_COLUMNS.get(values.get("kind"));
  if (name !== undefined) {
    const before = cells.get(name);
    const cell = cellOf(name, values.get("amount"));
    cells.set(name, before === undefined ? cell : `${before} / ${cell}`);
  }
}

function cellOf(name: ColumnName, value: unknown): string {
  if (Array.isArray(value)) {
    return value.map((item) => String(item)).join("|");
  }
  if (isStrayDay(value)) {
    return parseDate(value.day) === undefined ? "" : brazilianDate(value.day);
  }
  if (typeof value === "number" || typeof value === "boolean") {
    return String(value);
  }
  return typeof value === "string" ? forExcel(name, value) : "";
}

/** Written so that Excel in Portuguese, on saving the file, changes nothing. */
function forExcel(name: ColumnName, text: string): string {
  if (name === "instalment") {
    return text.replace(/^(\d+)\/(\d+)$/, "$1 de $2");
  }
  switch (COLUMNS[name].shape) {
    case "amount":
      return parseDecimal(text) === undefined ? text : text.replace(".", ",");
    case "date":
      return parseDate(text) === undefined ? text : brazilianDate(text);
    case "month":
      return text.replace(/^(\d{4})-(\d{2})$/, "$2/$1");
    default:
      return parseCnpj(text) === text ? formatCnpj(text) : text;
  }
}

function brazilianDate(date: string): string {
  return `${date.slice(8)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;
}
