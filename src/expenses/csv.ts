import { CsvError, parse } from "csv-parse/sync";
import { COLUMNS, findColumn } from "./columns.ts";
import { decodeText } from "./decode-text.ts";
import { withoutGuard } from "./formula-guard.ts";
import type { Header, ParsedTable, TableError } from "./table.ts";
import { findUntitled, isBlankCell, readCell, readHeader } from "./table.ts";

interface CsvRecord {
  cells: string[];
  /** From 1. */
  line: number;
}

/**
 * Reads a CSV file of expenses: separator `;` or `,` as the header shows, decimal comma or point, dates
 * dd/mm/yyyy or ISO, UTF-8 (with or without BOM) or Windows-1252. Blank lines are passed over and
 * are no rows. Columns may stand in any order, under their English or Portuguese names.
 *
 * Never throws: what keeps the file from being read is in `errors`, and then there are no rows.
 */
export function parseExpenseCsv(bytes: Uint8Array): ParsedTable {
  const text = decodeText(bytes);
  if (text === undefined) {
    return refused({
      line: null,
      code: "FILE_NOT_TEXT",
      message: "O arquivo não é um CSV; salve a planilha como “CSV UTF-8 (separado por vírgulas)”.",
    });
  }
  const separator = findSeparator(text);
  if (separator === undefined) {
    return refused({
      line: 1,
      code: text.trim() === "" ? "FILE_EMPTY" : "HEADER_UNREADABLE",
      message:
        text.trim() === ""
          ? "O arquivo está vazio."
          : "A primeira linha deve trazer os nomes das colunas, separados por ponto e vírgula ou vírgula.",
    });
  }
  const records = readRecords(text, separator);
  if (!Array.isArray(records)) {
    return refused(records);
  }
  const [first, ...data] = records;
  const titles = first?.cells ?? [];
  const { header, errors } = readHeader(titles, first?.line ?? 1);
  errors.push(...checkLength(titles.length, data));
  if (errors.length === 0) {
    errors.push(...findUntitled(titles, data));
  }
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

/** The separator by which the first line falls into more titles that we know. */
function findSeparator(text: string): ";" | "," | undefined {
  const [firstLine = ""] = text.trimStart().split(/\r\n|\r|\n/, 1);
  const known = (separator: string) =>
    firstLine.split(separator).filter((title) => findColumn(title.replaceAll('"', ""))).length;
  const bySemicolon = known(";");
  const byComma = known(",");
  if (bySemicolon === 0 && byComma === 0) {
    return undefined;
  }
  return bySemicolon >= byComma ? ";" : ",";
}

function readRecords(text: string, delimiter: string): CsvRecord[] | TableError {
  const records: CsvRecord[] = [];
  // csv-parse counts a CRLF within quotation marks as two lines, and tells where a record ends.
  let counted = 0;
  try {
    parse(text, {
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: 1_000_000,
      on_record: (cells: string[], { lines }) => {
        const breaks = cells.flatMap((cell) => cell.match(/\r\n|\r|\n/g) ?? []);
        counted += breaks.filter((lineBreak) => lineBreak === "\r\n").length;
        // Excel leaves lines of bare separators below a table.
        if (!cells.every(isBlankCell)) {
          records.push({ cells, line: lines - counted - breaks.length });
        }
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) {
      throw error;
    }
    const line = "lines" in error && typeof error.lines === "number" ? error.lines : null;
    return {
      line,
      code: "CSV_MALFORMED",
      message:
        "As aspas de uma célula não fecham direito; confira as aspas (dentro do texto, dobre-as).",
    };
  }
  return records;
}

/** Rows of another length than the header are not guessed at: a separator too many shifts every cell after it. */
function checkLength(length: number, data: readonly CsvRecord[]): TableError[] {
  if (data.length === 0) {
    return [{ line: null, code: "FILE_EMPTY", message: "O arquivo não traz nenhuma despesa." }];
  }
  return data
    .filter(({ cells }) => cells.length !== length)
    .map(({ cells, line }) => ({
      line,
      code: "CELL_COUNT",
      message: `A linha tem ${cells.length} células e o cabeçalho ${length}; se um texto contém o separador, ponha-o entre aspas.`,
    }));
}

function readRow(header: Header, cells: readonly string[]): unknown {
  const row: { [name: string]: string | string[] } = {};
  header.forEach((name, at) => {
    const cell = withoutGuard(cells[at] ?? "");
    if (name !== null && !isBlankCell(cell)) {
      row[name] = readCell(COLUMNS[name].shape, cell);
    }
  });
  return row;
}
