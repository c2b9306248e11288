import { batchPayments, partPayments } from "./batch-payments.ts";
import { components } from "./components.ts";
import { creditNotePayments } from "./credit-notes.ts";
import { differingPayments, nearAmounts } from "./differing-payments.ts";
import type { Ledger } from "./ledger.ts";
import {
  type Candidate,
  type CandidateContext,
  candidates,
  receiptIdsOf,
} from "./payment-candidates.ts";
import { explain } from "./payment-evidence.ts";
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
 * Debits against the payables they pay: first equal amounts, each debit and each payable once, best assignment per
 * connected component; then sums of several. What is not certain is a question.
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

  const edges = candidates(rows, columns, context, {
    ofPayable: (one) => ledger.openAmount(one.id),
    ofDebit: (one) => ledger.freeToPay(one.id),
  });
  const links: PaymentLink[] = [];
  // Apart: a payable and a debit may have the same id.
  const paid = new Set<string>();
  const spent = new Set<string>();
  for (const component of components(edges)) {
    for (const edge of solve(component, thresholds)) {
      links.push(paymentOf(edge, ledger, edge.inDueDateOrder));
      paid.add(edge.payable.id);
      spent.add(edge.debit.id);
    }
  }
  const unpaid = (all: readonly PreparedPayable[]) => all.filter((one) => !paid.has(one.id));
  const unspent = () => columns.filter((one) => !spent.has(one.id));
  const take = (more: readonly PaymentLink[]) => {
    links.push(...more);
    for (const link of more) {
      paid.add(link.payableId);
      spent.add(link.transactionId);
    }
  };
  // Sums come after single pairs, and each kind of sum after a surer one. A debit whose very amount is owed to somebody
  // whom it names, and of whom only nobody knows which, needs no other explanation, unless a receipt shows that very Pix.
  const contested = () =>
    new Set(
      edges
        .filter(
          ({ weight, payable, debit }) =>
            weight >= thresholds.acceptScore &&
            !paid.has(payable.id) &&
            receiptIds.payablesOf(debit.movement.endToEndId ?? "").length === 0,
        )
        .map((edge) => edge.debit.id),
    );
  for (const kind of [creditNotePayments, batchPayments, partPayments, differingPayments]) {
    const unclear = contested();
    const explicable = unspent().filter((one) => !unclear.has(one.id));
    take(kind(unpaid(payables), explicable, context));
  }

  const open = edges.filter((edge) => !paid.has(edge.payable.id) && !spent.has(edge.debit.id));
  const reviews = components(open).map((component) => openQuestion(component, thresholds));
  reviews.push(...amountsDiffer(unpaid(rows), unspent(), edges, context));
  const asked = new Set(reviews.flatMap((review) => review.payableIds));
  const askedDebits = new Set(reviews.flatMap((review) => review.transactionIds));
  reviews.push(
    ...nearAmounts(
      unpaid(rows).filter((one) => !asked.has(one.id)),
      unspent().filter((one) => !askedDebits.has(one.id)),
      context,
    ),
  );
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
  const undone = debits
    .filter((one) => ledger.isUndone(one.id) && ledger.unassigned(one.id) === one.size)
    .sort(byMoment);
  if (undone.length === 0) return [];
  const rows = [...payables].sort(byDueDate);
  const context = { ledger, thresholds, receiptIds: receiptIdsOf(payables, debits, ledger) };
  const edges = candidates(rows, undone, context, {
    ofPayable: (one) => one.payable.amount,
    ofDebit: (one) => one.size,
  });
  const byDebit = new Map<PreparedMovement, Candidate[]>();
  for (const edge of edges) {
    const others = byDebit.get(edge.debit);
    if (others) others.push(edge);
    else byDebit.set(edge.debit, [edge]);
  }
  return [...byDebit.values()].flatMap((of) => {
    const [best, next] = of.sort((a, b) => b.weight - a.weight);
    if (!best || best.weight < thresholds.acceptScore) return [];
    if (next && best.weight - next.weight < thresholds.acceptMargin) return [];
    const { payable, debit, findings } = best;
    return [
      {
        payableId: payable.id,
        transactionId: debit.id,
        amount: debit.size,
        confidence: confidence(findings),
        reasons: [
          ...explain(findings, payable, debit),
          note("PAYMENT_CAME_BACK", { amount: amountText(debit.size) }),
        ],
      },
    ];
  });
}

/** The open payables that a debit would surely pay, were it sure that it stayed; by id of the debit. */
export function payablesAtStake(
  payables: readonly PreparedPayable[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
  thresholds: Thresholds,
): ReadonlyMap<string, string[]> {
  const context = { ledger, thresholds, receiptIds: receiptIdsOf(payables, debits, ledger) };
  const edges = candidates([...payables].sort(byDueDate), [...debits].sort(byMoment), context, {
    ofPayable: (one) => ledger.openAmount(one.id),
    ofDebit: (one) => one.size,
  }).filter((edge) => edge.weight >= thresholds.acceptScore);
  const found = new Map<string, string[]>();
  for (const { debit, payable } of edges) {
    const others = found.get(debit.id);
    if (others) others.push(payable.id);
    else found.set(debit.id, [payable.id]);
  }
  return found;
}

function paymentOf(edge: Candidate, ledger: Ledger, inDueDateOrder: boolean): PaymentLink {
  const reasons = explain(edge.findings, edge.payable, edge.debit);
  if (inDueDateOrder) {
    reasons.push(note("PAYMENT_DUE_DATE_ORDER", { dueDate: edge.payable.payable.dueDate }));
  }
  return {
    payableId: edge.payable.id,
    transactionId: edge.debit.id,
    amount: ledger.openAmount(edge.payable.id),
    confidence: confidence(edge.findings),
    reasons,
  };
}

/** 1 for an identifier and for nothing else; else the logistic of the score: 4.5 -> 0.989. Four decimals. */
function confidence({ score, byId }: { score: number; byId: boolean }): number {
  return byId ? 1 : Math.min(9_999, Math.round(10_000 / (1 + Math.exp(-score)))) / 10_000;
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
        ...explain(best.findings, best.payable, best.debit),
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
  const joined = new Set(edges.filter((edge) => edge.findings.byId).map((edge) => edge.debit.id));
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
