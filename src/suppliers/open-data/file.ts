import { basename } from "node:path";
import { crc32 } from "node:zlib";
import * as yauzl from "yauzl";
import type { Layout } from "./layout.ts";
import { MAX_LINE_CHARACTERS, readLines, splitFields } from "./lines.ts";

export type TableKind = "ESTABLISHMENTS" | "COMPANIES" | "SIMPLES";

/** A table inside a zip of the open data. `bytes`: its size when unpacked. */
export type OpenDataTable = { file: string; entry: string; kind: TableKind; bytes: number };

/** A line that was not taken, counted from 1, with its cause in Portuguese. */
export type RefusedLine = { file: string; line: number; cause: string };

/** What one chunk of a table held. `bytes`: read so far, unpacked. */
export type RowBatch<Row> = { rows: Row[]; refused: RefusedLine[]; bytes: number };

/** A file that is none of the open data's, or a damaged one. The message is Portuguese. */
export class OpenDataError extends Error {
  override name = "OpenDataError";
}

/** "K3241.K03200Y0.D50913.ESTABELE", "F.K03200$W.SIMPLES.CSV.D50913", "Empresas1.zip". */
function kindOf(name: string): TableKind | undefined {
  if (/ESTABELE/i.test(name)) return "ESTABLISHMENTS";
  if (/EMPRE/i.test(name)) return "COMPANIES";
  if (/SIMPLES/i.test(name)) return "SIMPLES";
  return undefined;
}

async function openZip(file: string): Promise<yauzl.ZipFile> {
  try {
    return await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  } catch (error) {
    throw new OpenDataError(`${basename(file)}: não é um arquivo zip legível`, { cause: error });
  }
}

/**
 * The tables of a zip of the open data that the mirror takes, known by the name of the entry or of the
 * zip. Reads the directory of the zip only. Throws OpenDataError if the zip is unreadable or holds none.
 */
export async function findTables(file: string): Promise<OpenDataTable[]> {
  const zip = await openZip(file);
  try {
    const tables: OpenDataTable[] = [];
    for await (const entry of zip.eachEntry()) {
      const kind = kindOf(entry.fileName) ?? kindOf(basename(file));
      if (kind === undefined || entry.fileName.endsWith("/")) continue;
      tables.push({ file, entry: entry.fileName, kind, bytes: entry.uncompressedSize });
    }
    if (tables.length > 0) return tables;
  } finally {
    zip.close();
  }
  throw new OpenDataError(
    `${basename(file)}: não contém Estabelecimentos, Empresas nem Simples dos dados abertos do CNPJ`,
  );
}

/**
 * The bytes of an entry, unpacked. yauzl checks their number but not their CRC-32, and damaged
 * downloads of the Receita's files are reported again and again: so it is checked here.
 */
async function* unpack(zip: yauzl.ZipFile, entry: yauzl.Entry): AsyncGenerator<Buffer> {
  const damaged = `${entry.fileName}: arquivo danificado`;
  let checksum = 0;
  try {
    const stream: AsyncIterable<Buffer> = await zip.openReadStreamPromise(entry);
    for await (const chunk of stream) {
      checksum = crc32(chunk, checksum);
      yield chunk;
    }
  } catch (error) {
    throw new OpenDataError(damaged, { cause: error });
  }
  if (checksum !== entry.crc32) throw new OpenDataError(damaged);
}

/**
 * Reads a table line by line. Each line becomes a row or a refusal, except empty ones; memory holds one
 * chunk at a time. Throws OpenDataError where the zip breaks off or is damaged.
 */
export async function* readTable<Row extends object>(
  table: OpenDataTable,
  layout: Layout<Row>,
): AsyncGenerator<RowBatch<Row>> {
  const file = basename(table.file);
  const zip = await openZip(table.file);
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName !== table.entry) continue;
      let bytes = 0;
      async function* counted() {
        for await (const chunk of unpack(zip, entry)) {
          bytes += chunk.length;
          yield chunk;
        }
      }
      for await (const { firstLine, lines } of readLines(counted())) {
        const batch: RowBatch<Row> = { rows: [], refused: [], bytes };
        for (const [index, line] of lines.entries()) {
          if (line === "") continue;
          const row = readRow(line, layout);
          if (typeof row === "string") {
            batch.refused.push({ file, line: firstLine + index, cause: row });
          } else {
            batch.rows.push(row);
          }
        }
        yield batch;
      }
    }
  } finally {
    zip.close();
  }
}

/** The row of a line, or the cause for which it is refused. */
function readRow<Row extends object>(line: string | undefined, layout: Layout<Row>): Row | string {
  if (line === undefined) return `linha com mais de ${MAX_LINE_CHARACTERS} caracteres`;
  const fields = splitFields(line);
  if (fields === undefined) return "linha que não começa e termina com aspas";
  if (fields.length !== layout.columns) {
    return `${fields.length} campos em vez de ${layout.columns}`;
  }
  const row = layout.read(fields);
  return "broken" in row ? row.broken : row;
}
