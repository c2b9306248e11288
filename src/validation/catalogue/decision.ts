import type { OwnEntry } from "./entry.ts";
import { day, status, text } from "./portuguese.ts";

/** What no rule says: the state of the rule set, and a fact that came after the decision. */
export const decisionTexts = {
  RULE_SET_INCOMPLETE: {
    severity: "REVIEW",
    source: "Manual da Blindagem",
    example: { rules: ["SUPPLIER_INACTIVE"] },
    text: (e) =>
      `Faltam regras na tabela de regras: ${text(e.rules)}. Sem elas a despesa não pode ser aprovada pela máquina; avise o suporte e decida à mão.`,
  },
  RULE_NOT_IN_FORCE: {
    severity: "NOTE",
    source: "Manual da Blindagem",
    example: { rules: ["RETENTION_CSRF_UNEXPECTED"], date: "2003-05-01" },
    text: (e) =>
      `Na data do documento (${day(e.date)}) não vigoravam as regras ${text(e.rules)}: elas não foram aplicadas.`,
  },
  LATE_FACT: {
    severity: "REVIEW",
    source: "Manual da Blindagem",
    example: { status: "APPROVED", codes: ["SUPPLIER_INACTIVE"] },
    text: (e) =>
      `Depois da decisão (${status(e.status)}) chegou um dado que fala contra ela: ${text(e.codes)}. A decisão não foi mudada; confira o dado e, se for o caso, rejeite a despesa e suspenda o pagamento.`,
  },
} satisfies Record<string, OwnEntry>;
