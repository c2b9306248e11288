import { components } from "./components.ts";
import { creditNotePayments } from "./credit-notes.ts";
import type { Ledger } from "./ledger.ts";
import {
  type Candidate,
  type CandidateContext,
  candidates,
  receiptIdsOf,
} from "./payment-candidates.ts";
import { weigh } from "./payment-evidence.ts";
import {
  byDueDate,
  byMoment,
  compareText,
  type PreparedMovement,
  type PreparedPayable,
} from "./prepared.ts";
import { amountText, note, question } from "./reasons.ts";
import { solve } from "./solve.ts";
import type { PaymentLink, Review, Thresholds } from "./types.ts";

export type PaymentOutcome = { links: PaymentLink[]; reviews: Review[] };

/** A question shows at most so many candidates of a kind. */
const SHOWN = 20;

/**
 * Debits against the payables they pay: equal amounts only, each debit and each payable once, best
 * assignment per connected component. What is not certain is a question.
 */
export function matchPayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
  thresholds: Thresholds,
): PaymentOutcome {
  const rows = payables.filter((one) => ledger.openAmount(one.id) > 0n).sort(byDueDate);
  const columns = debits.filter((one) => ledger.freeToPay(one.id) > 0n).sort(byMoment);
  const receiptIds = receiptIdsOf(payables, debits, ledger);
  const context: CandidateContext = { ledger, thresholds, receiptIds };

  const edges = candidates(rows, columns, context);
  const links: PaymentLink[] = [];
  const linked = new Set<string>();
  for (const component of components(edges)) {
    for (const edge of solve(component, thresholds)) {
      links.push(paymentOf(edge, ledger, edge.inDueDateOrder));
      linked.add(edge.payable.id).add(edge.debit.id);
    }
  }
  const free = <T extends { id: string }>(all: readonly T[]) =>
    all.filter((one) => !linked.has(one.id));
  for (const link of creditNotePayments(free(payables), free(columns), context)) {
    links.push(link);
    linked.add(link.payableId).add(link.transactionId);
  }

  const open = edges.filter((edge) => !linked.has(edge.payable.id) && !linked.has(edge.debit.id));
  const reviews = components(open).map((component) => openQuestion(component, thresholds));
  reviews.push(...amountsDiffer(free(rows), free(columns), edges, context));
  return { links, reviews };
}

/**
 * Debits that came back in full, with the payable that each had paid: the one that the evidence singles
 * out. They do not compete for the payable, which the re-debit pays.
 */
export function matchUndonePayments(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
  thresholds: Thresholds,
): PaymentLink[] {
  const undone = debits.filter(
    (one) => ledger.isUndone(one.id) && ledger.unassigned(one.id) === one.size,
  );
  if (undone.length === 0) return [];
  const receiptIds = receiptIdsOf(payables, debits, ledger);
  const byAmount = new Map<bigint, PreparedPayable[]>();
  for (const one of payables) {
    byAmount.set(one.payable.amount, [...(byAmount.get(one.payable.amount) ?? []), one]);
  }
  return undone.flatMap((debit) => {
    const weighed = (byAmount.get(debit.size) ?? [])
      .filter((payable) => !ledger.isRejected(payable.id, debit.id))
      .flatMap((payable) => {
        const evidence = weigh(payable, debit, receiptIds, thresholds);
        return evidence ? [{ payable, evidence }] : [];
      })
      .sort((a, b) => b.evidence.score - a.evidence.score);
    const [best, next] = weighed;
    if (!best || best.evidence.score < thresholds.acceptScore) return [];
    if (next && best.evidence.score - next.evidence.score < thresholds.acceptMargin) return [];
    return [
      {
        payableId: best.payable.id,
        transactionId: debit.id,
        amount: debit.size,
        confidence: confidence(best.evidence),
        reasons: [
          ...best.evidence.reasons,
          note("PAYMENT_CAME_BACK", { amount: amountText(debit.size) }),
        ],
      },
    ];
  });
}

function paymentOf(edge: Candidate, ledger: Ledger, inDueDateOrder: boolean): PaymentLink {
  const reasons = [...edge.evidence.reasons];
  if (inDueDateOrder) {
    reasons.push(note("PAYMENT_DUE_DATE_ORDER", { dueDate: edge.payable.payable.dueDate }));
  }
  return {
    payableId: edge.payable.id,
    transactionId: edge.debit.id,
    amount: ledger.openAmount(edge.payable.id),
    confidence: confidence(edge.evidence),
    reasons,
  };
}

/** 1 for an identifier, else the logistic of the score: 4.5 -> 0.989. Four decimals. */
function confidence({ score, byId }: { score: number; byId: boolean }): number {
  return byId ? 1 : Math.round(10_000 / (1 + Math.exp(-score))) / 10_000;
}

function openQuestion(component: readonly Candidate[], thresholds: Thresholds): Review {
  const payables = [...new Set(component.map((edge) => edge.payable))].sort(byDueDate);
  const debits = [...new Set(component.map((edge) => edge.debit))].sort(byMoment);
  const best = component.reduce((one, other) => (other.weight > one.weight ? other : one));
  const ambiguous = best.weight >= thresholds.acceptScore;
  const counts = { payables: payables.length, debits: debits.length };
  const reasons = ambiguous
    ? [question("PAYMENT_SEVERAL_CANDIDATES", { ...counts, amount: amountText(best.debit.size) })]
    : [
        question("PAYMENT_THIN_EVIDENCE", { ...counts, score: best.weight }),
        ...best.evidence.reasons,
      ];
  return {
    kind: ambiguous ? "PAYMENT_AMBIGUOUS" : "PAYMENT_UNCONFIRMED",
    transactionIds: debits
      .slice(0, SHOWN)
      .map((one) => one.id)
      .sort(compareText),
    payableIds: payables
      .slice(0, SHOWN)
      .map((one) => one.id)
      .sort(compareText),
    reasons,
  };
}

/** The receipt shows this very Pix, but no payable of its expense has the amount. */
function amountsDiffer(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  edges: readonly Candidate[],
  { receiptIds }: CandidateContext,
): Review[] {
  const open = new Map(payables.map((one) => [one.id, one]));
  const joined = new Set(edges.filter((edge) => edge.evidence.byId).map((edge) => edge.debit.id));
  return debits.flatMap((debit) => {
    const id = debit.movement.endToEndId;
    const claimed = id === null ? [] : receiptIds.payablesOf(id).filter((one) => open.has(one));
    if (claimed.length === 0 || joined.has(debit.id)) return [];
    return [
      {
        kind: "PAYMENT_AMOUNT_DIFFERS" as const,
        transactionIds: [debit.id],
        payableIds: [...claimed].sort(compareText),
        reasons: [
          question("PAYMENT_ID_AMOUNT_DIFFERS", { endToEndId: id, debit: amountText(debit.size) }),
        ],
      },
    ];
  });
}
