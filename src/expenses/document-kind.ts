/** The kinds of document that an expense can rest on, with the name that people read. */
export const DOCUMENT_KINDS = {
  NFE: "NF-e",
  NFSE: "NFS-e",
  NFCE: "NFC-e",
  BOLETO: "Boleto",
  UTILITY_BILL: "Conta de consumo",
  RPA: "RPA",
  TAX_SLIP: "Guia de tributo",
  PAYROLL: "Folha de pagamento",
  RECEIPT: "Recibo",
  CREDIT_NOTE: "Nota de crédito",
} as const;

export type DocumentKind = keyof typeof DOCUMENT_KINDS;

export function isDocumentKind(text: string): text is DocumentKind {
  return Object.hasOwn(DOCUMENT_KINDS, text);
}

const byName = new Map<string, DocumentKind>(
  Object.keys(DOCUMENT_KINDS)
    .filter(isDocumentKind)
    .flatMap((kind) => [
      [fold(kind), kind],
      [fold(DOCUMENT_KINDS[kind]), kind],
    ]),
);

/** The kind meant by its key ("UTILITY_BILL") or its Portuguese name ("Conta de consumo", "nfs-e"). */
export function parseDocumentKind(text: string): DocumentKind | undefined {
  return isDocumentKind(text) ? text : byName.get(fold(text));
}

function fold(text: string): string {
  return text
    .normalize("NFD")
    .replace(/[^A-Za-z0-9]/g, "")
    .toLowerCase();
}
