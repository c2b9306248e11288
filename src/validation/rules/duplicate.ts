import { formatDecimal } from "../../money/centavos.ts";
import type { DuplicateFacts, ExpenseFacts } from "../facts.ts";
import { instalmentsOverlap } from "../instalment.ts";
import { type RuleFamily, reasonOf } from "./rule-function.ts";

/** Was this asked for before? The earlier expense is never touched by it. */
export const duplicateRules = {
  DUPLICATE_DOCUMENT: ({ expense, duplicates }, rule) =>
    duplicates
      .filter(({ kind }) => kind === "DOCUMENT")
      .filter(({ instalment }) => instalmentsOverlap(expense.instalment, instalment))
      .map(({ externalId }) =>
        reasonOf(rule, {
          externalId,
          documentKind: expense.documentKind,
          documentNumber: expense.documentNumber,
          instalment: expense.instalment,
        }),
      ),

  DUPLICATE_RECEIPT: (facts, rule) =>
    facts.duplicates
      .filter((duplicate) => duplicate.kind === "RECEIPT" && !isSiblingInstalment(facts, duplicate))
      .filter((duplicate) => !mayBeShared(duplicate))
      .map(({ externalId, identifier }) => reasonOf(rule, { externalId, identifier })),

  // Same payee, amount and month, and nothing that says whether it is the same debt: two visits, or one billed twice.
  DUPLICATE_SUSPECTED: ({ expense, duplicates }, rule) => {
    const told = new Set(
      duplicates.flatMap(({ kind, externalId }) => (kind === "SAME_MONTH" ? [] : [externalId])),
    );
    return duplicates
      .filter(({ kind, externalId }) => kind === "SAME_MONTH" && !told.has(externalId))
      .filter(({ sameDocument }) => !sameDocument)
      .filter(({ instalment }) => instalmentsOverlap(expense.instalment, instalment))
      .map(({ externalId }) =>
        reasonOf(rule, {
          externalId,
          grossAmount: formatDecimal(expense.grossAmount),
          competence: expense.competence,
        }),
      );
  },

  RECEIPT_SHARED: ({ duplicates }, rule) =>
    duplicates
      .filter((duplicate) => duplicate.kind === "RECEIPT" && mayBeShared(duplicate))
      .map(({ externalId, identifier }) => reasonOf(rule, { externalId, identifier })),

  // Of another tenant: nothing of that expense may be told, not even how many there are.
  DUPLICATE_RECEIPT_ELSEWHERE: ({ duplicates }, rule) =>
    duplicates
      .filter(({ kind }) => kind === "RECEIPT_ELSEWHERE")
      .map(({ identifier }) => reasonOf(rule, { identifier })),
} satisfies RuleFamily;

const SHARED: ReadonlySet<string> = new Set(["DOCUMENT_HASH", "DFE_KEY", "NFSE_KEY"]);

/**
 * A note over a service to several condominiums of one administradora is handed in for each: the same file, the same
 * key. A payment is not shared: the Pix or boleto of two condominiums is the same money claimed twice.
 */
function mayBeShared({ sameCondominium, identifier }: DuplicateFacts): boolean {
  return !sameCondominium && identifier !== null && SHARED.has(identifier);
}

/** Instalments 1/3 and 2/3 of one document rightly share its file and its key. */
function isSiblingInstalment({ expense }: ExpenseFacts, duplicate: DuplicateFacts): boolean {
  return duplicate.sameDocument && !instalmentsOverlap(expense.instalment, duplicate.instalment);
}
