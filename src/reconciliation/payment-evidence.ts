import type { Reason } from "../validation/reason.ts";
import { agreement, type Party } from "./party.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import { amountText, note } from "./reasons.ts";
import type { Thresholds } from "./types.ts";

/**
 * The weights of evidence, in steps of one half so that sums compare exactly. Read them as rough log
 * odds (base e): 3 is "twenty times more likely a payment of this than not". They are set by
 * judgement, not yet calibrated on data.
 */
const WEIGHT = {
  // An amount with odd centavos hardly recurs by chance; R$ 500,00 does.
  distinctAmount: 3,
  roundAmount: 1.5,
  identifier: 12,
  document: 6,
  company: 4.5,
  otherDocument: -5,
  otherName: -4,
  fee: 3,
  otherThanFee: -4,
  idOfOtherExpense: -8,
  otherIdOnReceipt: -2,
} as const;

/** Least similarity of names -> weight. Between 0.4 and 0.25 a name says nothing. */
const NAME_STEPS: readonly [number, number][] = [
  [0.9, 5],
  [0.75, 4],
  [0.6, 2.5],
  [0.4, 0.5],
  [0.25, 0],
];

/** Most days between due date and debit -> weight. */
const DATE_STEPS: readonly [number, number][] = [
  [1, 2],
  [3, 1.5],
  [7, 1],
  [15, 0],
  [30, -1],
];
const FAR_DATE = -2;

const ROUND_STEP = 1_000n;
const FEE_PAYEE = /\b(?:TARIFAS?|BANCO|BANCARI[AO]S?)\b/;

export type Evidence = { score: number; byId: boolean; reasons: Reason[] };

/** What is known of identifiers beyond the pair: which payables' receipts show a debit's id. */
export type ReceiptIds = {
  payablesOf(endToEndId: string): readonly string[];
  /** Whether the id belongs to a debit of this bank data that was not refunded. */
  isLive(endToEndId: string): boolean;
};

/**
 * What speaks for and against this debit paying this payable, given that the amounts are equal;
 * undefined outside the date window, unless an identifier joins them.
 */
export function weigh(
  payable: PreparedPayable,
  debit: PreparedMovement,
  receiptIds: ReceiptIds,
  thresholds: Thresholds,
): Evidence | undefined {
  const reasons: Reason[] = [];
  let score = 0;
  const add = (weight: number, reason: Reason) => {
    score += weight;
    reasons.push(reason);
  };

  const round = debit.size % ROUND_STEP === 0n;
  add(
    round ? WEIGHT.roundAmount : WEIGHT.distinctAmount,
    note("PAYMENT_AMOUNT", { amount: amountText(debit.size), round }),
  );

  const byId = weighIdentifiers(payable, debit, receiptIds, add);
  const days = debit.day - payable.dueDay;
  if (!byId && (days < -thresholds.paymentDaysBefore || days > thresholds.paymentDaysAfter)) {
    return undefined;
  }
  const step = DATE_STEPS.find(([most]) => Math.abs(days) <= most);
  add(step ? step[1] : FAR_DATE, note("PAYMENT_DATE", { days }));

  if (debit.channel === "FEE") {
    const forBank = payable.party.names.some((name) => FEE_PAYEE.test(name.folded));
    score += forBank ? WEIGHT.fee : WEIGHT.otherThanFee;
  }
  weighParty(payable.party, debit.party, add);
  return { score, byId, reasons };
}

function weighIdentifiers(
  { payable }: PreparedPayable,
  { movement }: PreparedMovement,
  receiptIds: ReceiptIds,
  add: (weight: number, reason: Reason) => void,
): boolean {
  const line = movement.digitableLine ?? null;
  if (line !== null && line === payable.digitableLine) {
    add(WEIGHT.identifier, note("PAYMENT_DIGITABLE_LINE", { digitableLine: line }));
    return true;
  }
  const id = movement.endToEndId;
  if (id === null) return false;
  if (payable.endToEndIds.includes(id)) {
    add(WEIGHT.identifier, note("PAYMENT_END_TO_END_ID", { endToEndId: id }));
    return true;
  }
  if (receiptIds.payablesOf(id).length > 0) {
    add(WEIGHT.idOfOtherExpense, note("PAYMENT_ID_OF_OTHER_EXPENSE", { endToEndId: id }));
  } else if (payable.endToEndIds.some((one) => receiptIds.isLive(one))) {
    add(WEIGHT.otherIdOnReceipt, note("PAYMENT_OTHER_ID_ON_RECEIPT", { endToEndId: id }));
  }
  return false;
}

function weighParty(
  payee: Party,
  counterparty: Party,
  add: (weight: number, reason: Reason) => void,
): void {
  const parties = agreement(payee, counterparty);
  switch (parties.kind) {
    case "SAME_DOCUMENT":
      add(WEIGHT.document, note("PAYMENT_SAME_DOCUMENT", {}));
      break;
    case "SAME_COMPANY":
      add(WEIGHT.company, note("PAYMENT_SAME_COMPANY", {}));
      break;
    case "UNKNOWN":
      add(0, note("PAYMENT_NAME_UNKNOWN", {}));
      break;
    case "DIFFERENT_DOCUMENT":
      add(WEIGHT.otherDocument, note("PAYMENT_OTHER_DOCUMENT", {}));
      weighName(parties.similarity, add);
      break;
    case "NAMES":
      weighName(parties.similarity, add);
  }
}

function weighName(
  similarity: number | undefined,
  add: (weight: number, reason: Reason) => void,
): void {
  if (similarity === undefined) return;
  const step = NAME_STEPS.find(([least]) => similarity >= least);
  const evidence = { similarity: Math.round(similarity * 100) / 100 };
  if (step) add(step[1], note("PAYMENT_NAME", evidence));
  else add(WEIGHT.otherName, note("PAYMENT_OTHER_NAME", evidence));
}
