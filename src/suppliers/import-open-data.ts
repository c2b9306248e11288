import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { parseDate } from "../calendar/brasilia.ts";
import {
  findTables,
  OpenDataError,
  type OpenDataTable,
  type RefusedLine,
  readTable,
} from "./open-data/file.ts";
import { companyNames, establishments, type Layout, simplesOptions } from "./open-data/layout.ts";
import {
  ANALYSE_STAGING,
  COPY_INTO,
  companyNameLine,
  establishmentLine,
  STAGING_TABLES,
  simplesOptionLine,
} from "./open-data/staging.ts";

/** Refused lines are all counted, and so many of them listed: a file of another layout has millions. */
const MAX_LISTED_REFUSALS = 1000;

export type ImportProgress = {
  file: string;
  /** Rows taken from this file so far. */
  rows: number;
  /** Of the unpacked file. */
  bytes: number;
  totalBytes: number;
};

export type ImportResult = {
  establishments: number;
  companies: number;
  simples: number;
  /** Rows of the mirror that are new or have changed. */
  stored: number;
  /** The first 1,000 lines that were not taken; `refusedCount` counts all. */
  refused: RefusedLine[];
  refusedCount: number;
};

export type ImportOptions = {
  /** 'YYYY-MM-DD': the day of the dump, as the Receita Federal names it. */
  sourceDate: string;
  onProgress?: (progress: ImportProgress) => void;
};

/**
 * Newer data overwrite older. A second import of the same dump overwrites only where it knows more, so
 * that a forgotten file can be given later. The name, unlike the rest, is kept where the newer import
 * came without Empresas. Who is not in Simples has never opted: false, but only if Simples was read.
 */
const STORE = `
  insert into blindagem_private.company_mirror as mirror
    (cnpj, name, status, status_date, opened_on, main_cnae, secondary_cnaes, mei, simples, source_date)
  select distinct on (establishment.cnpj)
    establishment.cnpj, company.name, establishment.status, establishment.status_date,
    establishment.opened_on, establishment.main_cnae, establishment.secondary_cnaes,
    case when option.root is null and $2::boolean then false else option.mei end,
    case when option.root is null and $2::boolean then false else option.simples end,
    $1::date
  from pg_temp.staging_establishments establishment
  left join pg_temp.staging_companies company on company.root = left(establishment.cnpj, 8)
  left join pg_temp.staging_simples option on option.root = left(establishment.cnpj, 8)
  order by establishment.cnpj
  on conflict (cnpj) do update set
    name = coalesce(excluded.name, mirror.name),
    status = excluded.status,
    status_date = excluded.status_date,
    opened_on = excluded.opened_on,
    main_cnae = excluded.main_cnae,
    secondary_cnaes = excluded.secondary_cnaes,
    mei = excluded.mei,
    simples = excluded.simples,
    source_date = excluded.source_date
  where mirror.source_date < excluded.source_date
     or (mirror.source_date = excluded.source_date
         and num_nulls(excluded.name, excluded.mei, excluded.simples)
           < num_nulls(mirror.name, mirror.mei, mirror.simples))`;

/**
 * Loads zips of the Receita Federal's open data (Estabelecimentos*, Empresas*, Simples) into
 * `blindagem_private.company_mirror`, all in one transaction of its own: `client` must not be in one.
 * Give all files of a dump in one call, since a company's parts lie in different files. Memory stays
 * bounded however large they are; the temporary tables need about the unpacked files' space.
 *
 * Throws RangeError for a date that is none, and OpenDataError (Portuguese message) for a file that is
 * not of the open data, is damaged, or of which no line can be read; then nothing is stored.
 */
export async function importOpenData(
  client: pg.ClientBase,
  files: readonly string[],
  options: ImportOptions,
): Promise<ImportResult> {
  if (parseDate(options.sourceDate) === undefined) throw new RangeError("sourceDate is no date");
  // All of them are looked into first: a wrong file must not show after an hour of loading.
  const tables = (await Promise.all(files.map(findTables))).flat();
  const result: ImportResult = {
    establishments: 0,
    companies: 0,
    simples: 0,
    stored: 0,
    refused: [],
    refusedCount: 0,
  };

  async function stage<Row extends object>(
    table: OpenDataTable,
    layout: Layout<Row>,
    copyLine: (row: Row) => string,
  ): Promise<number> {
    const { file, bytes: totalBytes } = table;
    let rows = 0;
    let refusedHere = 0;
    let firstCause = "";
    async function* copyText() {
      for await (const batch of readTable(table, layout)) {
        rows += batch.rows.length;
        refusedHere += batch.refused.length;
        firstCause ||= batch.refused[0]?.cause ?? "";
        result.refused.push(...batch.refused.slice(0, MAX_LISTED_REFUSALS - result.refused.length));
        if (batch.rows.length > 0) yield batch.rows.map(copyLine).join("");
        options.onProgress?.({ file, rows, bytes: batch.bytes, totalBytes });
      }
    }
    await pipeline(Readable.from(copyText()), client.query(copyFrom(COPY_INTO[table.kind])));
    result.refusedCount += refusedHere;
    if (rows === 0 && refusedHere > 0) {
      throw new OpenDataError(`${table.entry}: nenhuma linha pôde ser lida (${firstCause})`);
    }
    return rows;
  }

  await client.query("begin");
  try {
    await client.query(STAGING_TABLES);
    for (const table of tables) {
      if (table.kind === "ESTABLISHMENTS") {
        result.establishments += await stage(table, establishments, establishmentLine);
      } else if (table.kind === "COMPANIES") {
        result.companies += await stage(table, companyNames, companyNameLine);
      } else {
        result.simples += await stage(table, simplesOptions, simplesOptionLine);
      }
    }
    await client.query(ANALYSE_STAGING);
    const simplesRead = tables.some(({ kind }) => kind === "SIMPLES");
    const { rowCount } = await client.query(STORE, [options.sourceDate, simplesRead]);
    result.stored = rowCount ?? 0;
    await client.query("commit");
    return result;
  } catch (error) {
    // Where the connection is lost, so is the transaction, and the first error is the one to tell.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
