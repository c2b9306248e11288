import { refundsOfBatchItems } from "./batch-refunds.ts";
import type { Classified } from "./classify.ts";
import type { Ledger } from "./ledger.ts";
import { byMoment, compareText, type PreparedMovement, type PreparedPayable } from "./prepared.ts";
import { amountText, note, question } from "./reasons.ts";
import type {
  IncomeReversal,
  OrphanRefund,
  RefundLink,
  Review,
  ReviewKind,
  Thresholds,
} from "./types.ts";
import { matchUndoing, maxDays, type Undoing } from "./undoing.ts";

export type RefundOutcome = {
  undoing: Undoing;
  links: RefundLink[];
  orphans: OrphanRefund[];
  reviews: Review[];
  /** Debits of which nobody knows whether they came back: they are no certain payment. */
  doubtful: ReadonlySet<string>;
};

/** A question shows at most so many candidates; more help nobody. */
const SHOWN = 20;

/**
 * Refund credits against the debits they undo. A refund with no debit is an orphan (suspense); one
 * with several equally good debits is a question. Neither is ever income.
 * @param debits the payers, with the payees known from their payments
 * @param known what was found before of the same movements, if no refund was linked since: payments change nothing in it
 */
export function matchRefunds(
  debits: readonly PreparedMovement[],
  credits: readonly PreparedMovement[],
  payables: readonly PreparedPayable[],
  ledger: Ledger,
  thresholds: Thresholds,
  known?: Undoing,
): RefundOutcome {
  const open = credits.filter((credit) => !ledger.isRefund(credit.id));
  const left = (debit: PreparedMovement) => ledger.refundable(debit.id);
  const found = known ?? matchUndoing(debits, open, { ledger, thresholds, left });
  const links = found.links.map(({ undoer, original, amount, confidence, reasons }) => ({
    creditId: undoer.id,
    debitId: original.id,
    amount,
    confidence,
    reasons,
  }));
  const unresolved = found.unresolved;
  const ofItems = refundsOfBatchItems(unresolved, debits, payables, ledger, thresholds);
  const resolved = new Set(ofItems.map((link) => link.creditId));
  const orphans = unresolved
    .filter((credit) => !resolved.has(credit.id))
    .map((credit) => ({
      creditId: credit.id,
      reasons: [
        note("REFUND_WITHOUT_DEBIT", {
          amount: amountText(credit.size),
          rule: credit.rule?.id ?? null,
          days: maxDays(credit, thresholds),
        }),
      ],
    }));
  const reviews = [
    ...asReviews("REFUND_AMBIGUOUS", "REFUND_SEVERAL_DEBITS", found.ambiguous),
    ...asReviews("REFUND_EXCEEDS_DEBIT", "REFUND_MORE_THAN_DEBIT", found.exceeding),
  ];
  const doubtful = new Set(
    found.ambiguous.flatMap(({ undoer, originals }) =>
      originals.filter((debit) => debit.size === undoer.size).map((debit) => debit.id),
    ),
  );
  return { undoing: found, links: [...links, ...ofItems], orphans, reviews, doubtful };
}

/**
 * Debits that take income back, with the credit where it is certain. They are reversals whether or
 * not the credit is found: a reversal is never an expense.
 */
export function matchReversals(
  { reversals, receipts }: Classified,
  ledger: Ledger,
  thresholds: Thresholds,
): IncomeReversal[] {
  const left = (credit: PreparedMovement) => credit.size;
  const { links } = matchUndoing(receipts, reversals, { ledger, thresholds, left });
  const found = new Map(links.map((link) => [link.undoer.id, link]));
  return reversals.map((debit) => {
    const link = found.get(debit.id);
    const reversed = note("INCOME_REVERSED", {
      amount: amountText(debit.size),
      rule: debit.rule?.id ?? null,
    });
    return {
      debitId: debit.id,
      creditId: link?.original.id ?? null,
      reasons: [reversed, ...(link?.reasons ?? [])],
    };
  });
}

/** The first so many by moment, in that order: of hundreds not all are sorted for it. */
function earliest(movements: readonly PreparedMovement[], most: number): PreparedMovement[] {
  const found: PreparedMovement[] = [];
  for (const one of movements) {
    let at = found.length;
    for (let before = found[at - 1]; before && byMoment(one, before) < 0; before = found[at - 1]) {
      at -= 1;
    }
    if (at < most) found.splice(at, 0, one);
    if (found.length > most) found.pop();
  }
  return found;
}

/** Credits with the same candidates are one question. */
function asReviews(
  kind: ReviewKind,
  code: "REFUND_SEVERAL_DEBITS" | "REFUND_MORE_THAN_DEBIT",
  open: readonly { undoer: PreparedMovement; originals: PreparedMovement[] }[],
): Review[] {
  const groups = new Map<
    string,
    { credits: PreparedMovement[]; debits: PreparedMovement[]; of: number }
  >();
  for (const { undoer, originals } of open) {
    const debits = earliest(originals, SHOWN);
    const key = debits.map((debit) => debit.id).join("\n");
    const group = groups.get(key);
    if (group) group.credits.push(undoer);
    else groups.set(key, { credits: [undoer], debits, of: originals.length });
  }
  return [...groups.values()].map(({ credits, debits, of }) => ({
    kind,
    transactionIds: [...credits, ...debits].map((one) => one.id).sort(compareText),
    payableIds: [],
    reasons: [
      question(code, {
        creditIds: credits.map((credit) => credit.id).sort(compareText),
        amount: amountText(credits.reduce((sum, credit) => sum + credit.size, 0n)),
        debits: of,
      }),
    ],
  }));
}
