import { Buffer } from "node:buffer";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { fromBufferPromise } from "yauzl";
import type { TableError } from "./table.ts";

/*
 * What has to be looked at before read-excel-file (9.3) reads a workbook: it unpacks archives of any size
 * into memory, does not always come back from a broken one, and turns a cell with #N/A, or a formula without
 * a stored result, into an empty cell. Empty would mean "nothing retained" here, so that is an error.
 */

/** All parts together, unpacked. 10,000 rows of expenses are some 15 MB. */
const LARGEST_UNPACKED = 256 * 1024 * 1024;

const CELL = /<(?:\w+:)?c\b((?:[^>"]|"[^"]*")*?)(?:\/>|>([\s\S]*?)<\/(?:\w+:)?c>)/g;

/** Which sheet is to be read, by its number from 1, and what speaks against it. */
interface Inspected {
  sheet: number;
  errors: TableError[];
}

/**
 * Finds the sheet that holds the expenses, and what speaks against reading it: the workbook is no archive, too large
 * unpacked, has several sheets that it could be, or the sheet has cells without a value that can be trusted.
 *
 * @param name of the sheet; without it, the only one that shows anything
 */
export async function inspectWorkbook(bytes: Uint8Array, name?: string): Promise<Inspected> {
  const parts = await unpack(bytes);
  if ("code" in parts) {
    return { sheet: 0, errors: [parts] };
  }
  const sheets = sheetsOf(parts);
  const found = name === undefined ? onlySheet(sheets) : namedSheet(sheets, name);
  if ("code" in found) {
    return { sheet: 0, errors: [found] };
  }
  return {
    sheet: sheets.indexOf(found) + 1,
    errors: found.content === undefined ? [notXlsx()] : findUnreadable(found.content),
  };
}

/**
 * Unpacks the XML parts. yauzl checks that their sizes are what the archive says, but not their CRC-32: where a digit
 * has been damaged the file would read as another amount.
 */
async function unpack(bytes: Uint8Array): Promise<Map<string, string> | TableError> {
  const parts = new Map<string, string>();
  try {
    const archive = await fromBufferPromise(Buffer.from(bytes), { lazyEntries: true });
    let size = 0;
    for await (const entry of archive.eachEntry()) {
      size += entry.uncompressedSize;
      if (size > LARGEST_UNPACKED) {
        const message = "A planilha é grande demais; divida-a ou envie-a como CSV.";
        return { line: null, code: "FILE_TOO_LARGE", message };
      }
      if (/\.(?:xml|rels)$/.test(entry.fileName)) {
        const content = await buffer(await archive.openReadStreamPromise(entry));
        if (crc32(content) !== entry.crc32) {
          return notXlsx();
        }
        parts.set(entry.fileName, new TextDecoder().decode(content));
      }
    }
  } catch {
    // Whatever yauzl finds wrong: the file is no sound archive.
    return notXlsx();
  }
  return parts;
}

function notXlsx(): TableError {
  const message =
    "O arquivo não é uma planilha XLSX inteira; abra-o no Excel, use “Salvar como” e escolha XLSX ou CSV.";
  return { line: null, code: "FILE_NOT_XLSX", message };
}

interface Sheet {
  name: string;
  isHidden: boolean;
  /** Undefined when its part is missing. */
  content: string | undefined;
}

/** The workbook's sheets in their order, by which the library counts them too. */
function sheetsOf(parts: ReadonlyMap<string, string>): Sheet[] {
  const targets = new Map<string | undefined, string>();
  const relations = parts.get("xl/_rels/workbook.xml.rels") ?? "";
  for (const [relation] of relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)) {
    const target = attribute(relation, "Target") ?? "";
    const path = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    targets.set(attribute(relation, "Id"), path);
  }
  const workbook = parts.get("xl/workbook.xml") ?? "";
  return [...workbook.matchAll(/<(?:\w+:)?sheet\b[^>]*>/g)]
    .map(([sheet]) => ({
      name: unescaped(attribute(sheet, "name") ?? ""),
      isHidden: (attribute(sheet, "state") ?? "visible") !== "visible",
      content: parts.get(targets.get(attribute(sheet, "r:id")) ?? ""),
    }))
    .filter(({ name }) => name !== "");
}

/** Taking the first of several would leave the other expenses out, and nobody would be told. */
function onlySheet(sheets: readonly Sheet[]): Sheet | TableError {
  const shown = sheets.filter(({ isHidden }) => !isHidden);
  const filled = shown.filter(({ content = "" }) => VALUE.test(content));
  if (filled.length > 1) {
    const message = `O arquivo traz dados em mais de uma planilha (${listed(filled)}); deixe só a das despesas, ou diga qual é com --sheet.`;
    return { line: null, code: "SHEETS_SEVERAL", message };
  }
  return filled[0] ?? shown[0] ?? notXlsx();
}

function namedSheet(sheets: readonly Sheet[], name: string): Sheet | TableError {
  const message = `O arquivo não tem a planilha pedida; tem ${listed(sheets)}.`;
  return (
    sheets.find((sheet) => sheet.name === name) ?? { line: null, code: "SHEET_UNKNOWN", message }
  );
}

const VALUE = /<(?:\w+:)?[vt](?:\s[^>]*)?>[^<]/;

function listed(sheets: readonly Sheet[]): string {
  return sheets.map(({ name }) => `“${name}”`).join(", ");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&apos;": "'",
  "&amp;": "&",
};

function unescaped(text: string): string {
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => ENTITIES[entity] ?? entity);
}

/** Cells with a formula's error in place of a value, and formulas whose result was never stored. */
function findUnreadable(sheet: string): TableError[] {
  const errors: TableError[] = [];
  for (const [, attributes = "", content = ""] of sheet.matchAll(CELL)) {
    const failed = attribute(attributes, "t") === "e";
    const uncalculated = /<(?:\w+:)?f\b/.test(content) && !/<(?:\w+:)?v\b/.test(content);
    if (failed || uncalculated) {
      const address = /^([A-Z]{1,3})(\d{1,7})$/.exec(attribute(attributes, "r") ?? "");
      const place = address ? `A célula ${address[0]}` : "Uma célula";
      errors.push({
        line: address ? Number(address[2]) : null,
        code: "CELL_UNREADABLE",
        message: failed
          ? `${place} traz um erro de fórmula; corrija-a.`
          : `${place} tem uma fórmula sem resultado gravado; abra a planilha no Excel e salve-a de novo.`,
      });
    }
  }
  return errors;
}

function attribute(tag: string, name: string): string | undefined {
  return new RegExp(`(?:^|\\s)${name}="([^"]*)"`).exec(tag)?.[1];
}
