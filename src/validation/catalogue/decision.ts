import { namesOf, type OwnEntry } from "./entry.ts";
import { day, status, text, type Value } from "./portuguese.ts";
import { ruleTexts } from "./rule.ts";

/** What no rule says: the state of the rule set, that deciding failed, and a fact that came after the decision. */
export const decisionTexts = {
  RULE_SET_INCOMPLETE: {
    name: "regras ausentes",
    severity: "REVIEW",
    source: "Manual da Blindagem",
    example: { rules: ["SUPPLIER_INACTIVE"] },
    text: (e) =>
      `Faltam regras na tabela de regras (${rules(e.rules)}). Sem elas a despesa não pode ser aprovada pela máquina; avise o suporte e decida à mão.`,
  },
  RULE_NOT_IN_FORCE: {
    name: "regras fora de vigência",
    severity: "NOTE",
    source: "Manual da Blindagem",
    example: { rules: ["RETENTION_CSRF_UNEXPECTED"], date: "2003-05-01" },
    text: (e) =>
      `Na data do documento (${day(e.date)}) não vigoravam estas regras (${rules(e.rules)}); elas não foram aplicadas.`,
  },
  UNDECIDABLE: {
    name: "validação automática não concluída",
    severity: "REVIEW",
    source: "Manual da Blindagem",
    example: { cause: "ZodError 0.receipts.0.reading.timestamp" },
    text: (e) =>
      `Esta despesa não pôde ser validada automaticamente (${text(e.cause)}). Confira-a à mão e avise o suporte; se ela ainda não estava decidida, uma segunda pessoa também precisa aprovar, pois nenhuma regra foi aplicada.`,
  },
  LATE_FACT: {
    name: "dado novo depois da decisão",
    severity: "REVIEW",
    source: "Manual da Blindagem",
    example: { status: "APPROVED", codes: ["SUPPLIER_INACTIVE"] },
    text: (e) =>
      Array.isArray(e.codes) && e.codes.includes("UNDECIDABLE")
        ? `Depois da decisão (${status(e.status)}) chegou um dado com o qual a despesa não pôde ser validada de novo. A decisão não foi mudada; confira o dado e, se ele falar contra ela, suspenda o pagamento.`
        : `Depois da decisão (${status(e.status)}) chegou um dado que fala contra ela: ${rules(e.codes)}. A decisão não foi mudada; confira o dado e, se ele se confirmar, suspenda o pagamento.`,
  },
} satisfies Record<string, OwnEntry>;

/** Codes of rules by their names. */
function rules(codes: Value): string {
  return Array.isArray(codes) ? namesOf(ruleTexts, codes) : text(codes);
}
