import { parse } from "csv-parse/sync";
import { z } from "zod";
import { parseBrazilianDate, parseDate } from "../calendar/brasilia.ts";
import { parseCnpj } from "../identifiers/cnpj.ts";

/** A condominium to register, as `blindagem.import_condominiums` takes it. */
export interface NewCondominium {
  name: string;
  code: string;
  cnpj: string | null;
  city: string | null;
  state: string | null;
  /** First day of the management, 'YYYY-MM-DD'; null: today. */
  managedFrom: string | null;
}

const optional = z
  .string()
  .optional()
  .transform((text) => text?.trim() || null);

const record = z.object({
  codigo: z.string().trim().min(1, "falta o código"),
  nome: z.string().trim().min(2, "falta o nome"),
  cnpj: optional,
  cidade: optional,
  uf: optional,
  desde: optional,
});

/**
 * Reads a CSV of condominiums: `codigo;nome;cnpj;cidade;uf;desde` (`;` or `,`; UTF-8 or Windows-1252; CNPJ may be
 * empty; date as dd/mm/yyyy or yyyy-mm-dd).
 *
 * @throws Error that lists every bad line; then nothing is to be registered
 */
export function readCondominiums(bytes: Uint8Array): NewCondominium[] {
  const text = decode(bytes);
  const header = text.split(/\r?\n/, 1)[0] ?? "";
  const rows: unknown[] = parse(text, {
    delimiter: header.includes(";") ? ";" : ",",
    columns: (titles: string[]) => titles.map((title) => title.trim().toLowerCase()),
    skip_empty_lines: true,
    trim: true,
    bom: true,
  });
  const faults: string[] = [];
  const condominiums = rows.flatMap((row, index) => {
    const line = index + 2;
    const parsed = record.safeParse(row);
    if (!parsed.success) {
      faults.push(`linha ${line}: ${parsed.error.issues.map(({ message }) => message).join("; ")}`);
      return [];
    }
    const { codigo, nome, cnpj, cidade, uf, desde } = parsed.data;
    const checkedCnpj = cnpj === null ? null : parseCnpj(cnpj);
    const managedFrom = desde === null ? null : (parseDate(desde) ?? parseBrazilianDate(desde));
    if (checkedCnpj === undefined) faults.push(`linha ${line}: o CNPJ não confere`);
    if (managedFrom === undefined) faults.push(`linha ${line}: "desde" não é uma data`);
    if (uf !== null && !/^[A-Za-z]{2}$/.test(uf))
      faults.push(`linha ${line}: a UF tem duas letras`);
    return [
      {
        code: codigo,
        name: nome,
        cnpj: checkedCnpj ?? null,
        city: cidade,
        state: uf?.toUpperCase() ?? null,
        managedFrom: managedFrom ?? null,
      },
    ];
  });
  if (faults.length > 0) throw new Error(`Nada foi cadastrado:\n${faults.join("\n")}`);
  if (condominiums.length === 0) throw new Error("O arquivo não traz nenhum condomínio.");
  return condominiums;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}
