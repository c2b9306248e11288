import type { Evidence } from "../reason.ts";
import type { OwnEntry } from "./entry.ts";

/** Tables whose rows belong to an expense; of the others a row is the condominium's. */
const OF_EXPENSES = [
  "expenses",
  "retentions",
  "expense_documents",
  "payables",
  "payments",
  "reviews",
];

const CHANGES: Readonly<Record<string, string>> = {
  ROW_CHANGED: "foi alterado sem registro",
  ROW_MISSING: "foi apagado sem registro",
  ROW_UNKNOWN: "foi incluído sem registro",
};

const DECISIONS: Readonly<Record<string, string>> = {
  FACTS_ALTERED: "Os fatos com que esta despesa foi decidida foram alterados sem registro",
  DECISION_MISSING: "A decisão automática desta despesa foi apagada sem registro",
};

/** What the comparison of tables and audit log asks of a person. */
export const auditTexts = {
  STATE_DIVERGES_FROM_LOG: {
    severity: "REVIEW",
    source: "Manual da Blindagem, divergências entre tabelas e registro de auditoria",
    name: "dado diverge do registro de auditoria",
    example: { kind: "ROW_CHANGED", table: "payables", entity: "12/345", fields: ["amount"] },
    text: (evidence: Evidence) =>
      `${what(evidence)}${where(evidence)}. Não pague nem decida antes de saber quem o mudou; compare com ${originalOf(evidence)} e avise quem administra o banco de dados.`,
  },
} satisfies Record<string, OwnEntry>;

function what(evidence: Evidence): string {
  const kind = typeof evidence.kind === "string" ? evidence.kind : "";
  const decision = DECISIONS[kind];
  if (decision) return decision;
  const whose = isOfExpense(evidence) ? "desta despesa" : "deste condomínio";
  return `Um dado ${whose} ${CHANGES[kind] ?? "não é o que o registro de auditoria conta"}`;
}

function isOfExpense({ table }: Evidence): boolean {
  return OF_EXPENSES.some((each) => each === table);
}

function originalOf(evidence: Evidence): string {
  return isOfExpense(evidence) ? "o documento" : "o que o originou (extrato, contrato, ata)";
}

function where({ table, entity, fields }: Evidence): string {
  if (typeof table !== "string" || typeof entity !== "string") return "";
  return `: ${table} ${entity}${inFields(fields)}`;
}

function inFields(fields: Evidence[string] | undefined): string {
  return Array.isArray(fields) && fields.length > 0 ? ` (campos: ${fields.join(", ")})` : "";
}
