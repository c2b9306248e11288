import type { TableKind } from "./file.ts";
import type { CompanyName, Establishment, SimplesOption } from "./layout.ts";

/**
 * The temporary tables through which the open data go into the mirror, and COPY's text format for
 * them. They are dropped at the end of the transaction and write no WAL.
 */

type CopyValue = string | boolean | null | readonly string[];

export const STAGING_TABLES = `
  create temporary table staging_establishments (
    cnpj text not null, status text not null, status_date date, opened_on date,
    main_cnae text, secondary_cnaes text[] not null
  ) on commit drop;
  create temporary table staging_companies (root text not null, name text not null) on commit drop;
  create temporary table staging_simples (root text not null, simples boolean, mei boolean)
    on commit drop;`;

/** Temporary tables are never analysed on their own; without this, the join is planned blindly. */
export const ANALYSE_STAGING = `
  analyze pg_temp.staging_establishments, pg_temp.staging_companies, pg_temp.staging_simples`;

export const COPY_INTO: Readonly<Record<TableKind, string>> = {
  ESTABLISHMENTS: `copy pg_temp.staging_establishments
    (cnpj, status, status_date, opened_on, main_cnae, secondary_cnaes) from stdin`,
  COMPANIES: "copy pg_temp.staging_companies (root, name) from stdin",
  SIMPLES: "copy pg_temp.staging_simples (root, simples, mei) from stdin",
};

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\t": "\\t",
  "\n": "\\n",
  "\r": "\\r",
};

/** A value in COPY's text format (PostgreSQL manual, "COPY", File Formats). */
function copyValue(value: CopyValue): string {
  if (value === null) return "\\N";
  if (typeof value === "boolean") return value ? "t" : "f";
  // Arrays hold CNAEs, seven digits each: nothing in them to be quoted.
  if (typeof value !== "string") return `{${value.join(",")}}`;
  return value.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);
}

function copyLine(...values: CopyValue[]): string {
  return `${values.map(copyValue).join("\t")}\n`;
}

export function establishmentLine(row: Establishment): string {
  const { cnpj, status, statusDate, openedOn, mainCnae, secondaryCnaes } = row;
  return copyLine(cnpj, status, statusDate, openedOn, mainCnae, secondaryCnaes);
}

export function companyNameLine({ root, name }: CompanyName): string {
  return copyLine(root, name);
}

export function simplesOptionLine({ root, simples, mei }: SimplesOption): string {
  return copyLine(root, simples, mei);
}
