import type { RowContext } from "../../src/expenses/row.ts";

export const context: RowContext = {
  today: "2026-11-24",
  categories: new Set(["LIMPEZA", "AGUA_ESGOTO", "FOLHA_PAGAMENTO", "MATERIAIS"]),
};

/** A submitted row, right in all, with the given fields in place of its own. */
export function row(changes: { [field: string]: unknown } = {}): { [field: string]: unknown } {
  return {
    externalId: "D-1",
    condominium: "11.222.333/0001-81",
    category: "LIMPEZA",
    documentKind: "NFSE",
    documentNumber: "123",
    issueDate: "2026-11-05",
    competence: "2026-11",
    grossAmount: "10000.00",
    retentions: [
      { kind: "INSS", amount: "1100.00" },
      { kind: "CSRF", amount: "465.00" },
    ],
    payeeDocument: "12.ABC.345/01DE-35",
    payeeName: "Limpeza Total Ltda",
    payeePixKey: "12abc34501de35",
    dueDate: "2026-12-05",
    instalment: "1/3",
    documents: ["A".repeat(64), "nota.pdf"],
    description: "Serviços de novembro",
    ...changes,
  };
}
