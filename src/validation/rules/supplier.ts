import type { ExpenseFacts } from "../facts.ts";
import type { Evidence } from "../reason.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/** Does the supplier exist, is it active, did it exist when it issued the document? */
export const supplierRules = {
  SUPPLIER_NOT_FOUND: (facts, rule) =>
    facts.supplier.state === "NOT_FOUND" ? [reasonOf(rule, cnpjOf(facts))] : [],

  // A registry that calls a CNPJ invalid may be one that does not know alphanumeric ones yet.
  SUPPLIER_REFUSED_BY_REGISTRY: (facts, rule) =>
    facts.supplier.state === "REFUSED" ? [reasonOf(rule, cnpjOf(facts))] : [],

  SUPPLIER_INACTIVE: (facts, rule) => {
    if (facts.supplier.state !== "FOUND" || facts.supplier.company.active) return [];
    const { status, source, sourceDate } = facts.supplier.company;
    return [reasonOf(rule, { ...cnpjOf(facts), status, source, sourceDate })];
  },

  SUPPLIER_OPENED_AFTER_ISSUE: (facts, rule) => {
    if (facts.supplier.state !== "FOUND") return [];
    const { openedOn } = facts.supplier.company;
    const { issueDate } = facts.expense;
    return openedOn !== null && issueDate !== null && openedOn > issueDate
      ? [reasonOf(rule, { ...cnpjOf(facts), openedOn, issueDate })]
      : [];
  },

  PAYEE_WITHOUT_CNPJ: (facts, rule) =>
    facts.expense.payee.kind === "CNPJ"
      ? []
      : [reasonOf(rule, { payeeKind: facts.expense.payee.kind })],
} satisfies RuleFamily;

/** The payee's CNPJ; the look-up's states above come for CNPJ payees alone. */
function cnpjOf(facts: ExpenseFacts): Evidence {
  const { kind, document } = facts.expense.payee;
  return { cnpj: kind === "CNPJ" ? document : null };
}
