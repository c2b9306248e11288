import { createHash } from "node:crypto";
import { formatDecimal } from "../money/centavos.ts";
import type { PaymentReturn, ReturnedBatch } from "./cnab240.ts";
import type { ReturnedPayment } from "./cnab240-payment.ts";

/** An item of a payment return as it is stored; amounts are decimal text. */
export type ReturnedItem = Omit<
  ReturnedPayment,
  "amount" | "faceAmount" | "discount" | "fine" | "line"
> & {
  itemKey: string;
  batch: string;
  service: string;
  form: string;
  amount: string;
  faceAmount: string | null;
};

/**
 * The items of a return, each with the key by which the same news is known again: a bank repeats a file, or tells of a
 * payment in several files, first as scheduled, then as paid. Items of no amount are orders to change, not payments. Pure.
 */
export function itemsOf({ generatedOn, sequence, batches }: PaymentReturn): ReturnedItem[] {
  const places = new Map<string, number>();
  return batches.flatMap((batch) =>
    batch.payments
      .filter(({ amount }) => amount > 0n)
      .map((payment) => {
        const said = sayingOf(batch, payment);
        const place = places.get(said) ?? 0;
        places.set(said, place + 1);
        const { amount, faceAmount, discount: _, fine: __, line: ___, ...rest } = payment;
        return {
          ...rest,
          itemKey: createHash("sha256").update(`${said}\n${place}`).digest("hex").slice(0, 32),
          batch: [generatedOn ?? "", sequence, batch.number].join("/"),
          service: batch.service,
          form: batch.form,
          amount: formatDecimal(amount),
          faceAmount: faceAmount === null ? null : formatDecimal(faceAmount),
        };
      }),
  );
}

function sayingOf(batch: ReturnedBatch, payment: ReturnedPayment): string {
  return JSON.stringify([
    batch.service,
    batch.form,
    payment.segment,
    payment.outcome,
    payment.occurrences,
    payment.payeeDocument,
    payment.payeeName,
    formatDecimal(payment.amount),
    payment.dueOn,
    payment.paidOn,
    payment.barcode,
    payment.ownNumber,
    payment.bankNumber,
  ]);
}
