import { CsvError, parse } from "csv-parse/sync";
import { z } from "zod";
import { parseBrazilianDate, parseDate } from "../calendar/brasilia.ts";
import { foldTitle } from "../expenses/columns.ts";
import { decodeText } from "../expenses/decode-text.ts";
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

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

const record = z.object({
  // Rows name the condominium by its code, composed (NFC) and without anything invisible.
  codigo: z
    .string()
    .trim()
    .normalize("NFC")
    .min(1, "falta o código")
    .max(60, "o código tem até 60 caracteres")
    .refine((text) => !INVISIBLE.test(text), "o código tem caracteres invisíveis"),
  nome: z.string().trim().min(2, "falta o nome").max(200, "o nome tem até 200 caracteres"),
  cnpj: optional,
  cidade: optional,
  uf: optional,
  desde: optional,
});

const TITLES: readonly string[] = Object.keys(record.shape);

/** A line of the file: its cells by the header's titles. */
interface Line {
  number: number;
  cells: Record<string, string>;
}

/**
 * Reads a CSV of condominiums: `codigo;nome;cnpj;cidade;uf;desde` (`;` or `,`; UTF-8 or Windows-1252; columns in any
 * order, whatever the case and accents of their titles, only `codigo` and `nome` needed; CNPJ may be empty; date as
 * dd/mm/yyyy or yyyy-mm-dd).
 *
 * @throws Error that lists every bad line; then nothing is to be registered
 */
export function readCondominiums(bytes: Uint8Array): NewCondominium[] {
  const text = decodeText(bytes);
  if (text === undefined) {
    throw new Error(
      "Nada foi cadastrado: o arquivo não é um CSV; salve a planilha como “CSV UTF-8 (separado por vírgulas)”.",
    );
  }
  const faults: string[] = [];
  const lines = readLines(text, faults);
  const condominiums = lines.flatMap(({ number, cells }) => {
    const found: string[] = [];
    const condominium = readCondominium(cells, found);
    faults.push(...found.map((fault) => `linha ${number}: ${fault}`));
    return condominium ? [{ ...condominium, line: number }] : [];
  });
  faults.push(...repeated(condominiums, "code", "o código"));
  faults.push(...repeated(condominiums, "cnpj", "o CNPJ"));
  if (faults.length > 0) throw new Error(`Nada foi cadastrado:\n${faults.join("\n")}`);
  if (condominiums.length === 0) throw new Error("O arquivo não traz nenhum condomínio.");
  return condominiums.map(({ line, ...condominium }) => condominium);
}

function readCondominium(cells: unknown, faults: string[]): NewCondominium | undefined {
  const parsed = record.safeParse(cells);
  if (!parsed.success) {
    faults.push(...parsed.error.issues.map(({ message }) => message));
    return undefined;
  }
  const { codigo, nome, cnpj, cidade, uf, desde } = parsed.data;
  const checkedCnpj = cnpj === null ? null : parseCnpj(cnpj);
  const managedFrom = desde === null ? null : (parseDate(desde) ?? parseBrazilianDate(desde));
  if (checkedCnpj === undefined) faults.push("o CNPJ não confere");
  if (managedFrom === undefined) faults.push('"desde" não é uma data');
  if (uf !== null && !/^[A-Za-z]{2}$/.test(uf)) faults.push("a UF tem duas letras");
  return {
    code: codigo,
    name: nome,
    cnpj: checkedCnpj ?? null,
    city: cidade,
    state: uf?.toUpperCase() ?? null,
    managedFrom: managedFrom ?? null,
  };
}

/** The lines below the header; blank ones are passed over. */
function readLines(text: string, faults: string[]): Line[] {
  const [header = ""] = text.trimStart().split(/\r\n|\r|\n/, 1);
  const lines: Line[] = [];
  let titles: string[] | undefined;
  try {
    parse(text, {
      delimiter: header.includes(";") ? ";" : ",",
      skip_empty_lines: true,
      relax_column_count: true,
      trim: true,
      on_record: (cells: string[], { lines: number }) => {
        if (cells.every((cell) => cell === "")) return null;
        if (titles === undefined) {
          titles = cells.map(foldTitle);
          faults.push(...faultsOfHeader(titles));
        } else if (cells.length !== titles.length) {
          const expected = `${cells.length} células em vez de ${titles.length}`;
          faults.push(`linha ${number}: ${expected}; um texto com o separador vai entre aspas`);
        } else {
          const entries = titles.map((title, at): [string, string] => [title, cells[at] ?? ""]);
          lines.push({ number, cells: Object.fromEntries(entries) });
        }
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new Error("Nada foi cadastrado: as aspas de uma célula não fecham direito.");
  }
  const missing = ["codigo", "nome"].some(
    (title) => titles !== undefined && !titles.includes(title),
  );
  // Without its titles no line can be told.
  return missing ? [] : lines;
}

function faultsOfHeader(titles: readonly string[]): string[] {
  return [
    ...["codigo", "nome"]
      .filter((title) => !titles.includes(title))
      .map((title) => `cabeçalho: falta a coluna "${title}"`),
    ...titles
      .filter((title, at) => !TITLES.includes(title) || titles.indexOf(title) !== at)
      .map((title) => `cabeçalho: a coluna "${title}" não existe ou se repete`),
  ];
}

/** What the database would refuse without saying where. */
function repeated(
  condominiums: readonly (NewCondominium & { line: number })[],
  key: "code" | "cnpj",
  name: string,
): string[] {
  const first = new Map<string, number>();
  return condominiums.flatMap((condominium) => {
    const value = condominium[key];
    if (value === null) return [];
    const before = first.get(value);
    if (before === undefined) first.set(value, condominium.line);
    return before === undefined
      ? []
      : [`linha ${condominium.line}: ${name} é o da linha ${before}`];
  });
}
