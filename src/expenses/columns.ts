/** How the cells of a column are written in a spreadsheet. */
export type CellShape = "text" | "amount" | "date" | "month" | "list";

/**
 * The columns of a CSV or XLSX file, by the name of the field they fill, in the order in which they
 * are written. `title` is the Portuguese name; either is accepted, whatever the case, accents,
 * spaces and underscores.
 */
export const COLUMNS = {
  externalId: { title: "id_externo", shape: "text", required: true },
  condominium: { title: "condominio", shape: "text", required: true },
  category: { title: "categoria", shape: "text", required: true },
  documentKind: { title: "tipo_documento", shape: "text", required: true },
  documentNumber: { title: "numero_documento", shape: "text", required: false },
  issueDate: { title: "emissao", shape: "date", required: false },
  competence: { title: "competencia", shape: "month", required: true },
  grossAmount: { title: "valor_bruto", shape: "amount", required: true },
  retentionInss: { title: "retencao_inss", shape: "amount", required: false },
  retentionCsrf: { title: "retencao_csrf", shape: "amount", required: false },
  retentionIss: { title: "retencao_iss", shape: "amount", required: false },
  retentionIrrf: { title: "retencao_irrf", shape: "amount", required: false },
  payeeDocument: { title: "documento_favorecido", shape: "text", required: false },
  payeeName: { title: "favorecido", shape: "text", required: false },
  payeePixKey: { title: "chave_pix", shape: "text", required: false },
  dueDate: { title: "vencimento", shape: "date", required: false },
  instalment: { title: "parcela", shape: "text", required: false },
  documents: { title: "documentos", shape: "list", required: false },
  description: { title: "descricao", shape: "text", required: false },
} as const satisfies Record<string, { title: string; shape: CellShape; required: boolean }>;

export type ColumnName = keyof typeof COLUMNS;

export function isColumnName(text: string): text is ColumnName {
  return Object.hasOwn(COLUMNS, text);
}

export const COLUMN_NAMES: readonly ColumnName[] = Object.keys(COLUMNS).filter(isColumnName);

/** The column that refused rows come back with; on reading it is passed over. */
export const ERRORS_TITLE = "erros";

const byFoldedName = new Map<string, ColumnName>(
  COLUMN_NAMES.flatMap((name) => [
    [foldTitle(name), name],
    [foldTitle(COLUMNS[name].title), name],
  ]),
);

/** The column that a header cell names, or undefined. */
export function findColumn(title: string): ColumnName | undefined {
  return byFoldedName.get(foldTitle(title));
}

/** "Valor Bruto", "valor_bruto" and "VALOR-BRUTO" are one. */
export function foldTitle(title: string): string {
  return title
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}

/** What people call a field: the column's title, or the field's own name if it has no column. */
export function titleOf(field: string): string {
  return isColumnName(field) ? COLUMNS[field].title : field;
}
