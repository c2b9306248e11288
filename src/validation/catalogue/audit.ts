import type { Evidence } from "../reason.ts";
import type { OwnEntry } from "./entry.ts";

const KINDS: Readonly<Record<string, string>> = {
  ROW_CHANGED: "Um dado desta despesa foi alterado sem registro",
  ROW_MISSING: "Um dado desta despesa foi apagado sem registro",
  ROW_UNKNOWN: "Um dado desta despesa foi incluído sem registro",
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
      `${what(evidence)}${where(evidence)}. Não pague nem decida antes de saber quem o mudou; compare com o documento e avise quem administra o banco de dados.`,
  },
} satisfies Record<string, OwnEntry>;

function what({ kind }: Evidence): string {
  const known = typeof kind === "string" ? KINDS[kind] : undefined;
  return known ?? "Um dado desta despesa não é o que o registro de auditoria conta";
}

function where({ table, entity, fields }: Evidence): string {
  if (typeof table !== "string" || typeof entity !== "string") return "";
  return `: ${table} ${entity}${inFields(fields)}`;
}

function inFields(fields: Evidence[string] | undefined): string {
  return Array.isArray(fields) && fields.length > 0 ? ` (campos: ${fields.join(", ")})` : "";
}
