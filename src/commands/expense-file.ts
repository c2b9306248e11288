import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { parseExpenseCsv } from "../expenses/csv.ts";
import { parseExpenseXlsx } from "../expenses/xlsx.ts";

/** A file's expenses, and where each stands in it. */
export interface ExpenseFile {
  rows: readonly unknown[];
  /** "linha 4" of a table, "despesa 4" of JSON, by the row's index. */
  placeOf(index: number): string;
}

const jsonFile = z.union([
  z.array(z.unknown()),
  z.object({ rows: z.array(z.unknown()) }).transform(({ rows }) => rows),
  z.object({ expenses: z.array(z.unknown()) }).transform(({ expenses }) => expenses),
]);

/**
 * Reads a file of expenses, by its extension.
 *
 * @param sheet of an XLSX file
 * @throws Error telling what is wrong with the file as a whole
 */
export async function readExpenses(file: string, sheet?: string): Promise<ExpenseFile> {
  const bytes = new Uint8Array(await readFile(file));
  const extension = path.extname(file).toLowerCase();
  if (sheet !== undefined && extension !== ".xlsx") {
    throw new Error("--sheet é a planilha de um arquivo .xlsx.");
  }
  if (extension === ".json") {
    return { rows: readJson(file, bytes), placeOf: (index) => `despesa ${index + 1}` };
  }
  if (extension !== ".csv" && extension !== ".xlsx") {
    throw new Error(`${file}: o formato é .json, .csv ou .xlsx.`);
  }
  const table =
    extension === ".csv" ? parseExpenseCsv(bytes) : await parseExpenseXlsx(bytes, sheet);
  if (table.errors.length > 0) {
    const faults = table.errors.map(({ line, message }) =>
      line ? `linha ${line}: ${message}` : message,
    );
    throw new Error(`${file} não pôde ser lido:\n${faults.join("\n")}`);
  }
  return { rows: table.rows, placeOf: (index) => `linha ${table.lines[index]}` };
}

function readJson(file: string, bytes: Uint8Array): readonly unknown[] {
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new Error(`${file} não é JSON bem formado.`, { cause });
  }
  const parsed = jsonFile.safeParse(content);
  if (!parsed.success)
    throw new Error(`${file}: esperada uma lista de despesas, ou {"rows": […]}.`);
  return parsed.data;
}
