import { day } from "../drawing/wording.ts";
import type { DemoModel, Row } from "../model.ts";
import { linesOf, writeUnder } from "./json.ts";

/** Who hands in the batches, by organization. */
const submitters: Record<string, string> = { horizonte: "ana", "boa-vista": "fabio", ipe: "joana" };

/** Writes data/batches/* in JSON or CSV, and data/batches.json, which lists them in their order. */
export async function writeBatches(root: string, model: DemoModel): Promise<void> {
  const batches = new Map<string, { organization: string; rows: Row[] }>();
  for (const { batch, organization, row } of Object.values(model.expenses)) {
    const known = batches.get(batch) ?? { organization, rows: [] };
    known.rows.push(row);
    batches.set(batch, known);
  }
  const names = [...batches.keys()].sort();
  const index = names.map((file) => {
    const { organization = "", rows = [] } = batches.get(file) ?? {};
    return {
      file: `batches/${file}`,
      organization,
      submittedBy: submitters[organization],
      idempotencyKey: `demo-${file.replace(/\..*/, "")}`,
      expenses: rows.length,
    };
  });
  await writeUnder(root, "data/batches.json", linesOf(index));
  for (const [file, { rows }] of batches) {
    const content = file.endsWith(".csv") ? windows1252(csvOf(rows)) : linesOf(rows.map(compact));
    await writeUnder(root, `data/batches/${file}`, content);
  }
}

/** A row without its empty fields. */
function compact(row: Row): Partial<Row> {
  return Object.fromEntries(
    Object.entries(row).filter(
      ([, value]) =>
        value !== null && value !== "" && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

const comma = (decimal: string) => decimal.replace(".", ",");
const retained = (row: Row, kind: string) =>
  comma(row.retentions.find((retention) => retention.kind === kind)?.amount ?? "");

const columns: [title: string, cell: (row: Row) => string][] = [
  ["id_externo", (row) => row.externalId],
  ["condominio", (row) => row.condominium],
  ["categoria", (row) => row.category],
  ["tipo_documento", (row) => row.documentKind],
  ["numero_documento", (row) => row.documentNumber ?? ""],
  ["emissao", (row) => day(row.issueDate)],
  ["competencia", (row) => `${row.competence.slice(5)}/${row.competence.slice(0, 4)}`],
  ["valor_bruto", (row) => comma(row.grossAmount)],
  ["retencao_inss", (row) => retained(row, "INSS")],
  ["retencao_csrf", (row) => retained(row, "CSRF")],
  ["retencao_iss", (row) => retained(row, "ISS")],
  ["retencao_irrf", (row) => retained(row, "IRRF")],
  ["documento_favorecido", (row) => row.payeeDocument ?? ""],
  ["favorecido", (row) => row.payeeName],
  ["vencimento", (row) => day(row.dueDate)],
  ["parcela", (row) => row.instalment ?? ""],
  ["documentos", (row) => row.documents.join("|")],
  ["descricao", (row) => row.description],
  ["chave_pix", (row) => row.payeePixKey ?? ""],
];

/** As a spreadsheet in Brazil saves it: semicolons, decimal commas, CRLF. */
export function csvOf(rows: readonly Row[]): string {
  const quote = (cell: string) =>
    /[;"\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
  const lines = [columns.map(([title]) => title)].concat(
    rows.map((row) => columns.map(([, cell]) => quote(cell(row)))),
  );
  return lines.map((line) => `${line.join(";")}\r\n`).join("");
}

/** Windows-1252 is Latin-1 but for 0x80 to 0x9F, of which the demo writes dash and apostrophe. */
export function windows1252(text: string): Uint8Array {
  const beyond: Record<string, number> = { "–": 0x96, "—": 0x97, "’": 0x92, "“": 0x93, "”": 0x94 };
  return Uint8Array.from([...text], (character) => {
    const code = beyond[character] ?? character.charCodeAt(0);
    if (code > 0xff) throw new Error(`windows1252 has no ${character}`);
    return code;
  });
}
