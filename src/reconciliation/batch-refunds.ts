import type { Ledger } from "./ledger.ts";
import { agreement } from "./party.ts";
import { canPrecede, type PreparedMovement, type PreparedPayable } from "./prepared.ts";
import { amountText, note } from "./reasons.ts";
import type { RefundLink, Thresholds } from "./types.ts";

/** Names agree so well that they are one party; below the other they are two. */
const SURE_NAME = 0.75;
const OTHER_NAME = 0.45;

type Item = { debit: PreparedMovement; sure: boolean };

/**
 * Refunds of one item of a batch: of the amount of one payable that a debit paid together with others. Only where
 * one item alone can be meant.
 * @param credits refunds that undo no whole debit
 */
export function refundsOfBatchItems(
  credits: readonly PreparedMovement[],
  debits: readonly PreparedMovement[],
  payables: readonly PreparedPayable[],
  ledger: Ledger,
  thresholds: Thresholds,
): RefundLink[] {
  if (credits.length === 0) return [];
  const payable = new Map(payables.map((one) => [one.id, one]));
  const batches = debits.filter((debit) => ledger.paymentsBy(debit.id).length > 1);
  const taken = new Map<string, bigint>();
  return credits.flatMap((credit) => {
    const items = batches.flatMap((debit): Item[] => {
      const left = ledger.refundable(debit.id) - (taken.get(debit.id) ?? 0n);
      const days = credit.day - debit.day;
      if (
        debit.movement.accountId !== credit.movement.accountId ||
        left < credit.size ||
        days > thresholds.otherRefundDays ||
        !canPrecede(debit, credit) ||
        ledger.isRejectedRefund(credit.id, debit.id)
      ) {
        return [];
      }
      return ledger.paymentsBy(debit.id).flatMap(({ payableId, amount }) => {
        const payee = payable.get(payableId);
        const sure = amount === credit.size && payee ? isOf(credit, payee) : undefined;
        return sure === undefined ? [] : [{ debit, sure }];
      });
    });
    const sure = items.filter((item) => item.sure);
    const [only, other] = sure.length > 0 ? sure : items;
    if (!only || other) return [];
    const { debit } = only;
    taken.set(debit.id, (taken.get(debit.id) ?? 0n) + credit.size);
    const evidence = {
      amount: amountText(credit.size),
      debit: amountText(debit.size),
      days: credit.day - debit.day,
    };
    return [
      {
        creditId: credit.id,
        debitId: debit.id,
        amount: credit.size,
        confidence: only.sure ? 0.97 : 0.9,
        reasons: [note("REFUND_OF_BATCH_ITEM", evidence)],
      },
    ];
  });
}

/** Whether the refund is surely of this payee; undefined if it is another's. */
function isOf(credit: PreparedMovement, payee: PreparedPayable): boolean | undefined {
  const parties = agreement(credit.party, payee.party);
  switch (parties.kind) {
    case "SAME_DOCUMENT":
    case "SAME_COMPANY":
      return true;
    case "DIFFERENT_DOCUMENT":
      return undefined;
    case "UNKNOWN":
      return false;
    case "NAMES":
      if (parties.similarity >= SURE_NAME) return true;
      return parties.similarity >= OTHER_NAME ? false : undefined;
  }
}
