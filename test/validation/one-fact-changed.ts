import type { DecisionStatus } from "../../src/validation/decision.ts";
import type { DuplicateFacts, ExpenseFacts } from "../../src/validation/facts.ts";
import type { RuleCode } from "../../src/validation/rule-code.ts";
import { companyOf, readingOf } from "./example-facts.ts";

/** One fact of the faultless example changed, and what the decision must then say. */
export interface Case {
  title: string;
  change: (facts: ExpenseFacts) => void;
  status: DecisionStatus;
  codes: RuleCode[];
}

function row(
  title: string,
  status: DecisionStatus,
  codes: RuleCode[],
  change: (facts: ExpenseFacts) => void,
): Case {
  return { title, change, status, codes };
}

function cnaeFit(value: "ACCEPTED" | "SECONDARY" | "NONE" | "CONDOMINIUM" | "NOT_APPLICABLE") {
  return ({ supplier }: ExpenseFacts) => {
    if (supplier.state === "FOUND") supplier.cnaeFit.fit = value;
  };
}

function retention(kind: "INSS" | "CSRF", amount: bigint) {
  return ({ expense }: ExpenseFacts) => {
    for (const one of expense.retentions) if (one.kind === kind) one.amount = amount;
  };
}

function duplicate(found: Partial<DuplicateFacts> & Pick<DuplicateFacts, "kind">) {
  return ({ duplicates }: ExpenseFacts) => {
    duplicates.push({
      externalId: "2026-10-0042",
      identifier: null,
      sameCondominium: true,
      sameDocument: false,
      instalment: null,
      ...found,
    });
  };
}

/** Each rule at least once. */
export const CASES: readonly Case[] = [
  row("the registry does not know the CNPJ", "REJECTED", ["SUPPLIER_NOT_FOUND"], (facts) => {
    facts.supplier = { state: "NOT_FOUND" };
  }),
  row(
    "the registry refuses the CNPJ",
    "MANUAL_REVIEW",
    ["SUPPLIER_REFUSED_BY_REGISTRY"],
    (facts) => {
      facts.supplier = { state: "REFUSED" };
    },
  ),
  row("the company is not active", "REJECTED", ["SUPPLIER_INACTIVE"], (facts) => {
    companyOf(facts).active = false;
  }),
  row(
    "the company was opened the day after the issue",
    "MANUAL_REVIEW",
    ["SUPPLIER_OPENED_AFTER_ISSUE"],
    (facts) => {
      companyOf(facts).openedOn = "2026-11-04";
    },
  ),
  row("the company was opened on the day of the issue", "APPROVED", [], (facts) => {
    companyOf(facts).openedOn = "2026-11-03";
  }),
  row("the payee is a person", "APPROVED", ["PAYEE_WITHOUT_CNPJ"], (facts) => {
    facts.supplier = { state: "NOT_APPLICABLE" };
    facts.expense.payee = { kind: "CPF", document: "52998224725", name: "Maria" };
  }),

  row("the main CNAE is on the wider list", "APPROVED", ["CNAE_ACCEPTED"], cnaeFit("ACCEPTED")),
  row("only a secondary CNAE fits", "APPROVED", ["CNAE_SECONDARY"], cnaeFit("SECONDARY")),
  row("no CNAE fits", "MANUAL_REVIEW", ["CNAE_MISMATCH"], cnaeFit("NONE")),
  row(
    "the supplier is a condominium",
    "MANUAL_REVIEW",
    ["CNAE_CONDOMINIUM"],
    cnaeFit("CONDOMINIUM"),
  ),
  row("no CNAE rule", "APPROVED", ["CNAE_NOT_APPLICABLE"], cnaeFit("NOT_APPLICABLE")),

  row("the supplier has not been looked up", "PENDING", [], (facts) => {
    facts.supplier = { state: "MISSING" };
  }),
  row("a receipt has not been read", "PENDING", [], ({ receipts: [receipt] }) => {
    if (receipt) receipt.reading = null;
  }),
  row("a document listed has not been uploaded", "PENDING", [], (facts) => {
    facts.expense.documentCount = 3;
  }),
  row(
    "a document listed has not come by the deadline",
    "MANUAL_REVIEW",
    ["FACT_MISSING"],
    (facts) => {
      facts.expense.documentCount = 3;
      facts.asOf = facts.deadline;
    },
  ),

  row("the reading asks for a person", "MANUAL_REVIEW", ["RECEIPT_NEEDS_REVIEW"], (facts) => {
    readingOf(facts).verdict = "MANUAL_REVIEW";
  }),
  row("the receipt is a scheduling", "MANUAL_REVIEW", ["RECEIPT_SCHEDULED"], (facts) => {
    readingOf(facts).kind = "SCHEDULING";
  }),
  row(
    "the reading calls the receipt scheduled",
    "MANUAL_REVIEW",
    ["RECEIPT_SCHEDULED"],
    (facts) => {
      readingOf(facts).reasonCodes = ["SCHEDULED_NOT_PAID"];
    },
  ),
  row(
    "the receipt's amount is a centavo off",
    "MANUAL_REVIEW",
    ["RECEIPT_AMOUNT_MISMATCH"],
    (facts) => {
      readingOf(facts).amount = 1_000_001n;
    },
  ),
  row("the receipt's amount is the net", "APPROVED", [], (facts) => {
    readingOf(facts).amount = 793_500n;
  }),
  row(
    "the note shows the sum of three instalments",
    "APPROVED",
    ["RECEIPT_AMOUNT_OF_WHOLE_DOCUMENT"],
    (facts) => {
      facts.expense.instalment = "2/3";
      readingOf(facts).amount = 3_000_000n;
    },
  ),
  row("the taker is another", "MANUAL_REVIEW", ["RECEIPT_TAKER_MISMATCH"], (facts) => {
    readingOf(facts).takerCnpj = "00000000000191";
  }),
  row("the issuer is another", "MANUAL_REVIEW", ["RECEIPT_PAYEE_MISMATCH"], (facts) => {
    readingOf(facts).cnpj = "00000000000191";
  }),
  row("the receipt is 16 days early", "MANUAL_REVIEW", ["RECEIPT_DATE_MISMATCH"], (facts) => {
    readingOf(facts).timestamp = "2026-10-18";
  }),
  row("the receipt is 15 days early", "APPROVED", [], (facts) => {
    readingOf(facts).timestamp = "2026-10-19";
  }),
  row("23:30 in Brasília is still the 15th day", "APPROVED", [], (facts) => {
    readingOf(facts).timestamp = "2026-12-06T02:30:00Z";
  }),
  row("00:30 in Brasília is the 16th day", "MANUAL_REVIEW", ["RECEIPT_DATE_MISMATCH"], (facts) => {
    readingOf(facts).timestamp = "2026-12-06T03:30:00Z";
  }),
  row("the boleto is due in another month", "MANUAL_REVIEW", ["RECEIPT_DATE_MISMATCH"], (facts) => {
    readingOf(facts, 1).dueDate = "2026-12-20";
  }),
  row("the receipt shows no taker", "APPROVED", ["RECEIPT_FIELD_UNREAD"], (facts) => {
    readingOf(facts).takerCnpj = null;
  }),

  row("the retentions eat up the gross", "REJECTED", ["RETENTION_SUM_MISMATCH"], (facts) => {
    for (const one of facts.expense.retentions) if (one.kind === "ISS") one.amount = 843_500n;
    readingOf(facts, 1).amount = 1_000_000n;
  }),
  row(
    "the INSS retention is 2 centavos off",
    "MANUAL_REVIEW",
    ["RETENTION_INSS_UNEXPECTED"],
    (facts) => {
      retention("INSS", 109_998n)(facts);
      readingOf(facts, 1).amount = 793_502n;
    },
  ),
  row("the INSS retention is 1 centavo off", "APPROVED", [], (facts) => {
    retention("INSS", 109_999n)(facts);
    readingOf(facts, 1).amount = 793_501n;
  }),
  row("there is no INSS retention", "MANUAL_REVIEW", ["RETENTION_INSS_MISSING"], (facts) => {
    facts.expense.retentions = facts.expense.retentions.filter(({ kind }) => kind !== "INSS");
    readingOf(facts, 1).amount = 903_500n;
  }),
  row("a company of the Simples cleans", "APPROVED", ["SIMPLES_CEDED_LABOUR"], (facts) => {
    companyOf(facts).simples = true;
  }),
  row(
    "the CSRF retention is not 4.65 %",
    "MANUAL_REVIEW",
    ["RETENTION_CSRF_UNEXPECTED"],
    (facts) => {
      retention("CSRF", 100_00n)(facts);
      readingOf(facts, 1).amount = 830_000n;
    },
  ),

  row("the payee's account changed", "MANUAL_REVIEW", ["PAYEE_ACCOUNT_CHANGED"], (facts) => {
    facts.payeeAccountChangedOn = "2026-10-06";
  }),
  row("the payee's account changed long ago", "APPROVED", [], (facts) => {
    facts.payeeAccountChangedOn = "2026-10-05";
  }),
  row(
    "the document was handed in before",
    "REJECTED",
    ["DUPLICATE_DOCUMENT"],
    duplicate({
      kind: "DOCUMENT",
      sameDocument: true,
    }),
  ),
  row(
    "the receipt was handed in before",
    "REJECTED",
    ["DUPLICATE_RECEIPT"],
    duplicate({
      kind: "RECEIPT",
      identifier: "PIX_END_TO_END",
    }),
  ),
  row(
    "another condominium of the tenant has the note",
    "MANUAL_REVIEW",
    ["RECEIPT_SHARED"],
    duplicate({
      kind: "RECEIPT",
      identifier: "DFE_KEY",
      sameCondominium: false,
    }),
  ),
  row(
    "the payee asked for the same amount before, in the same month",
    "MANUAL_REVIEW",
    ["DUPLICATE_SUSPECTED"],
    duplicate({ kind: "SAME_MONTH" }),
  ),
  row(
    "another tenant has the receipt",
    "MANUAL_REVIEW",
    ["DUPLICATE_RECEIPT_ELSEWHERE"],
    duplicate({
      kind: "RECEIPT_ELSEWHERE",
      externalId: null,
      identifier: "DOCUMENT_HASH",
    }),
  ),
  row("others make the sum exceed the limit", "MANUAL_REVIEW", ["SPLIT_BELOW_LIMIT"], (facts) => {
    facts.otherExpensesInWindow.total = 500_001n;
  }),
  row("others reach the limit exactly", "APPROVED", [], (facts) => {
    facts.otherExpensesInWindow.total = 500_000n;
  }),
  row("the limit is lower", "AWAITING_SECOND_APPROVAL", ["APPROVAL_LIMIT"], (facts) => {
    facts.approvalLimit = { amount: 999_999n, requires: "SECOND_APPROVER" };
  }),
  row(
    "it is the administradora's fee",
    "AWAITING_SECOND_APPROVAL",
    ["ADMINISTRATION_FEE"],
    (facts) => {
      facts.expense.category = "ADMINISTRACAO_CONDOMINIAL";
    },
  ),
];
