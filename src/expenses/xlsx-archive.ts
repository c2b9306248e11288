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

/**
 * Finds what speaks against reading a workbook: it is no archive, too large unpacked, or its first sheet has
 * cells without a value that can be trusted.
 *
 * @returns the errors; none when it may be read.
 */
export async function inspectWorkbook(bytes: Uint8Array): Promise<TableError[]> {
  const parts = await unpack(bytes);
  if ("code" in parts) {
    return [parts];
  }
  const sheet = parts.get(firstSheet(parts));
  return sheet === undefined ? [notXlsx()] : findUnreadable(sheet);
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

/** The part that the workbook's first sheet is kept in. */
function firstSheet(parts: ReadonlyMap<string, string>): string {
  const workbook = parts.get("xl/workbook.xml") ?? "";
  const id = /<(?:\w+:)?sheet\b[^>]*?\br:id="([^"]+)"/.exec(workbook)?.[1];
  const relations = parts.get("xl/_rels/workbook.xml.rels") ?? "";
  for (const [relation] of relations.matchAll(/<(?:\w+:)?Relationship\b[^>]*>/g)) {
    if (attribute(relation, "Id") === id) {
      const target = attribute(relation, "Target") ?? "";
      return target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    }
  }
  return "";
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
