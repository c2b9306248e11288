import { parseBoletoLine } from "../identifiers/boleto.ts";
import type { Ledger } from "./ledger.ts";
import { explainParts } from "./payment-evidence.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import { amountText, note, question } from "./reasons.ts";
import type { PaymentLink, RejectedPair, ReturnedItem, Review } from "./types.ts";

type Join = "OWN_NUMBER" | "BARCODE" | "PAYEE";
/** An item of a return with the payable that it is about. */
type Resolved = { item: ReturnedItem; payable: PreparedPayable; by: Join };

const CONFIDENCE: Record<Join, number> = { OWN_NUMBER: 1, BARCODE: 1, PAYEE: 0.98 };
/** What is ordered late in the day is debited the next one. */
const DAYS_AFTER = 1;
/** A payee's one bill of the amount: about the day on which it was paid. */
const PAYEE_DAYS = 45;
/** "Seu número" has twenty positions. */
const OWN_NUMBER_LENGTH = 20;

/**
 * The payables that a bank's payment returns name, each with its item: by the payer's own number, by barcode, or by payee
 * and amount where there is one such payable alone. What an item says of two payables, or two items of one, is left
 * out. It does not look at what is paid already, so that every pass says the same. Pure.
 */
export function resolveItems(
  items: readonly ReturnedItem[],
  payables: readonly PreparedPayable[],
): Resolved[] {
  if (items.length === 0) return [];
  const owed = payables.filter(({ payable }) => payable.amount > 0n);
  const byNumber = Map.groupBy(owed, ({ payable }) => numberOf(payable.externalId));
  const byBarcode = Map.groupBy(owed, ({ payable }) =>
    barcodeOf(payable.digitableLine, payable.dueDate),
  );
  const byPayee = Map.groupBy(owed, ({ payable }) => `${payable.payeeDocument}\n${payable.amount}`);
  const resolved = items.flatMap((item): Resolved[] => {
    const choices: [Join, PreparedPayable[]][] = [
      [
        "OWN_NUMBER",
        (byNumber.get(numberOf(item.ownNumber)) ?? []).filter((one) => isOfAmount(one, item)),
      ],
      [
        "BARCODE",
        (byBarcode.get(barcodeOf(item.barcode, item.dueOn ?? item.paidOn)) ?? []).filter((one) =>
          isOfAmount(one, item),
        ),
      ],
      [
        "PAYEE",
        item.payeeDocument === null
          ? []
          : (byPayee.get(`${item.payeeDocument}\n${item.amount}`) ?? []).filter(
              (one) => Math.abs(dayOf(item.paidOn) - one.dueDay) <= PAYEE_DAYS,
            ),
      ],
    ];
    for (const [by, [only, other]] of choices)
      if (only && !other) return [{ item, payable: only, by }];
    return [];
  });
  // The same payment twice, as paid, is none that can be told.
  const uses = Map.groupBy(resolved, ({ item, payable }) => `${payable.id}\n${item.outcome}`);
  return resolved.filter(
    ({ item, payable }) => uses.get(`${payable.id}\n${item.outcome}`)?.length === 1,
  );
}

/**
 * Debits that a return itemises: one for one item, or one for all items of a batch, or of a file, that were paid on a day.
 * A debit counts only where it is the only one of its account, day and amount, and the items its only explanation.
 */
export function returnedPayments(
  items: readonly ReturnedItem[],
  resolved: readonly Resolved[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
): PaymentLink[] {
  const paid = items.filter(({ outcome, paidOn }) => outcome === "PAID" && paidOn !== null);
  if (paid.length === 0) return [];
  const payableOf = new Map(resolved.map((one) => [one.item, one]));
  const links: PaymentLink[] = [];
  const done = new Set<ReturnedItem>();
  const itemKeys: ((item: ReturnedItem) => string)[] = [
    ({ id }) => id,
    ({ accountId, batch, paidOn }) => [accountId, batch, paidOn].join("\n"),
    ({ accountId, batch, paidOn }) => [accountId, fileOf(batch), paidOn].join("\n"),
  ];
  const bySize = Map.groupBy(debits, (one) => one.block);
  for (const keyOf of itemKeys) {
    const groups = [
      ...Map.groupBy(
        paid.filter((item) => !done.has(item)),
        keyOf,
      ).values(),
    ];
    const sums = groups.map((group) => ({ group, sum: sumOf(group) }));
    const claims = Map.groupBy(sums, ({ group, sum }) => claimKey(group[0], sum));
    for (const [key, [only, other]] of claims) {
      const debit = only && !other ? singleDebit(only.group[0], only.sum, bySize) : undefined;
      if (!debit || !only || key === "") continue;
      for (const item of only.group) done.add(item);
      if (ledger.freeToPay(debit.id) !== debit.size) continue;
      for (const item of only.group) {
        const one = payableOf.get(item);
        if (one) links.push(...linkOf(one, debit, ledger));
      }
    }
  }
  return links;
}

/** Pairs that a return refuses: the bank says that it did not pay this payable on that day. */
export function refusedPairs(
  resolved: readonly Resolved[],
  debits: readonly PreparedMovement[],
): RejectedPair[] {
  return refusals(resolved, debits).map(({ payable, debit }) => ({
    kind: "PAYMENT",
    payableId: payable.id,
    transactionId: debit.id,
  }));
}

/** Debits that look like the payment of a payable which the bank says it refused: a person decides. */
export function refusedQuestions(
  resolved: readonly Resolved[],
  debits: readonly PreparedMovement[],
  ledger: Ledger,
): Review[] {
  return refusals(resolved, debits)
    .filter(
      ({ payable, debit }) =>
        ledger.openAmount(payable.id) > 0n && ledger.freeToPay(debit.id) === debit.size,
    )
    .map(({ item, payable, debit }) => ({
      kind: "PAYMENT_UNCONFIRMED" as const,
      transactionIds: [debit.id],
      payableIds: [payable.id],
      reasons: [
        question("PAYMENT_REFUSED_IN_RETURN", {
          occurrences: item.occurrences,
          amount: amountText(item.amount),
          day: item.paidOn,
        }),
      ],
    }));
}

function refusals(resolved: readonly Resolved[], debits: readonly PreparedMovement[]) {
  if (resolved.length === 0) return [];
  const paid = new Set(
    resolved.filter(({ item }) => item.outcome === "PAID").map(({ payable }) => payable.id),
  );
  const bySize = Map.groupBy(debits, (one) => one.block);
  return resolved.flatMap(({ item, payable }) => {
    const refused = item.outcome === "REJECTED" || item.outcome === "CANCELLED";
    if (!refused || item.paidOn === null || paid.has(payable.id)) return [];
    return near(item, item.amount, bySize).map((debit) => ({ item, payable, debit }));
  });
}

function linkOf(
  { item, payable, by }: Resolved,
  debit: PreparedMovement,
  ledger: Ledger,
): PaymentLink[] {
  const open = ledger.openAmount(payable.id);
  if (open <= 0n || ledger.isRejectedPayment(payable.id, debit.id)) return [];
  return [
    {
      payableId: payable.id,
      transactionId: debit.id,
      // What was paid above it is a fine.
      amount: lesser(item.amount, open),
      confidence: CONFIDENCE[by],
      reasons: [
        note("PAYMENT_IN_RETURN", {
          by,
          amount: amountText(item.amount),
          debit: amountText(debit.size),
          ownNumber: item.ownNumber,
        }),
        ...explainParts(payable, debit),
      ],
    },
  ];
}

function singleDebit(
  item: ReturnedItem | undefined,
  sum: bigint,
  bySize: ReadonlyMap<string, readonly PreparedMovement[]>,
): PreparedMovement | undefined {
  const [only, other] = item ? near(item, sum, bySize) : [];
  return other ? undefined : only;
}

function near(
  { accountId, paidOn }: ReturnedItem,
  size: bigint,
  bySize: ReadonlyMap<string, readonly PreparedMovement[]>,
): PreparedMovement[] {
  const day = dayOf(paidOn);
  return (bySize.get(`${accountId}\n${size}`) ?? []).filter(
    (debit) => debit.day >= day && debit.day - day <= DAYS_AFTER,
  );
}

/** A boleto paid late is the payable of its own amount. */
function isOfAmount({ payable }: PreparedPayable, { amount, faceAmount }: ReturnedItem): boolean {
  return payable.amount === amount || (faceAmount !== null && payable.amount === faceAmount);
}

/** Groups of one account, sum and day claim the same debit. */
function claimKey(item: ReturnedItem | undefined, sum: bigint): string {
  return item ? [item.accountId, item.paidOn, sum].join("\n") : "";
}

function sumOf(items: readonly ReturnedItem[]): bigint {
  return items.reduce((sum, { amount }) => sum + amount, 0n);
}

function fileOf(batch: string): string {
  return batch.slice(0, batch.lastIndexOf("/"));
}

/** A number that nobody has equals no other. */
function numberOf(text: string | null | undefined): string | symbol {
  const number = text?.trim().toUpperCase().slice(0, OWN_NUMBER_LENGTH).trim();
  return number || Symbol("none");
}

function barcodeOf(text: string | null, day: string | null): string | symbol {
  const barcode = text === null ? undefined : parseBoletoLine(text, day ?? "2026-01-01")?.barcode;
  return barcode ?? Symbol("none");
}

function dayOf(date: string | null): number {
  return date === null ? Number.NaN : Date.parse(`${date}T00:00:00Z`) / 86_400_000;
}

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
