import type { Reason } from "../validation/reason.ts";
import { isUtility } from "./bill-kind.ts";
import { agreement, type Party } from "./party.ts";
import type { PreparedMovement, PreparedPayable } from "./prepared.ts";
import { amountText, note, type ReconciliationCode } from "./reasons.ts";
import type { Thresholds } from "./types.ts";

/**
 * The weights of evidence, in steps of one half so that sums compare exactly. Read them as rough log
 * odds (base e): 3 is "twenty times more likely a payment of this than not". They are set by
 * judgement and compared with the log-odds of generated cases (`npm run bench -- reconciliation --calibrate`): no sign
 * differs, and where the data would give more (an identifier, another document, a late date), the margin decides, not
 * the weight.
 */
const WEIGHT = {
  // An amount with odd centavos hardly recurs by chance; R$ 500,00 does.
  distinctAmount: 3,
  roundAmount: 1.5,
  document: 6,
  company: 4.5,
  otherDocument: -5,
  // Of another company of the same name: a person looks whether the money went to whom it was owed.
  nameOfOtherDocument: 2,
  otherName: -4,
  // "CONTA DE LUZ" for an energy bill; for another kind it is not that bill.
  billKind: 2.5,
  otherBillKind: -4,
  // "PARC 2/3" on the line, and the expense is that one, or another.
  instalment: 2,
  otherInstalment: -6,
  fee: 3,
  otherThanFee: -4,
} as const;

const IDENTIFIER_WEIGHT = {
  PAYMENT_END_TO_END_ID: 12,
  PAYMENT_DIGITABLE_LINE: 12,
  // The receipt of another expense shows this very Pix.
  PAYMENT_ID_OF_OTHER_EXPENSE: -8,
  // This payable's receipt shows another Pix, which the bank data has and nobody gave back.
  PAYMENT_OTHER_ID_ON_RECEIPT: -2,
} as const;

/** Least similarity of names -> weight. Between 0.4 and 0.25 a name says nothing. */
const NAME_STEPS: readonly [number, number][] = [
  [0.9, 5],
  [0.75, 4],
  [0.6, 2.5],
  [0.4, 0.5],
  [0.25, 0],
];

/** Most days that the debit comes after the due date -> weight. */
const LATE_STEPS: readonly [number, number][] = [
  [1, 2],
  [3, 1.5],
  [7, 1],
  [15, 0],
  [30, -1],
];
const VERY_LATE = -2;
/** Most days that it comes before: few pay early, and then it may be last month's. */
const EARLY_STEPS: readonly [number, number][] = [
  [1, 2],
  [3, 1.5],
  [7, 1],
  [15, -0.5],
];
const EARLY_UTILITY: readonly [number, number][] = [
  [3, 2],
  [28, 1],
];
const VERY_EARLY = -3;

const ROUND_STEP = 1_000n;
const FEE_PAYEE = new Set(["TARIFA", "TARIFAS", "BANCO", "BANCARIA", "BANCARIAS"]);

/** What a pair of equal amounts shows, and what it weighs together. */
export type Findings = {
  score: number;
  /** Joined by an identifier. */
  byId: boolean;
  round: boolean;
  /** From due date to debit; negative if the debit was first. */
  days: number;
  identifier: ReconciliationCode | undefined;
  party: ReconciliationCode;
  /** Of the names, in hundredths. */
  similarity: number | undefined;
  /** The memo names the kind of bill that it is. */
  billKind: boolean;
};

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
): Findings | undefined {
  const identifier = findIdentifier(payable, debit, receiptIds);
  const byId = identifier === "PAYMENT_END_TO_END_ID" || identifier === "PAYMENT_DIGITABLE_LINE";
  const days = debit.day - payable.dueDay;
  if (!byId && (days < -thresholds.paymentDaysBefore || days > thresholds.paymentDaysAfter)) {
    return undefined;
  }
  const round = debit.size % ROUND_STEP === 0n;
  const { party, weight, similarity } = weighParty(payable.party, debit.party);
  const fee = weighFee(payable, debit);
  const score =
    (round ? WEIGHT.roundAmount : WEIGHT.distinctAmount) +
    weighDays(days, isUtility(payable.billKind) && debit.billKind === payable.billKind) +
    (identifier === undefined ? 0 : IDENTIFIER_WEIGHT[identifier]) +
    fee +
    weighBillKind(payable, debit) +
    weighInstalment(payable, debit) +
    // A fee's line names the fee, not the bank.
    (fee > 0 ? Math.max(0, weight) : weight);
  const billKind = debit.billKind !== undefined && debit.billKind === payable.billKind;
  return { score, byId, round, days, identifier, party, similarity, billKind };
}

/** The findings as reasons, with their evidence. Never a CPF. */
export function explain(
  findings: Findings,
  payable: PreparedPayable,
  { movement, size }: PreparedMovement,
): Reason[] {
  const { round, days, identifier, party, similarity } = findings;
  const reasons = [
    note("PAYMENT_AMOUNT", { amount: amountText(size), round }),
    note("PAYMENT_DATE", { days, dueDate: payable.payable.dueDate }),
    note(party, similarity === undefined ? {} : { similarity: similarity / 100 }),
  ];
  if (findings.billKind) reasons.push(note("PAYMENT_BILL_KIND", {}));
  if (identifier === "PAYMENT_DIGITABLE_LINE") {
    reasons.unshift(note(identifier, { digitableLine: payable.payable.digitableLine }));
  } else if (identifier !== undefined) {
    reasons.unshift(note(identifier, { endToEndId: movement.endToEndId }));
  }
  return reasons;
}

/** Date and party of a pair whose amounts are not equal. */
export function explainParts(payable: PreparedPayable, debit: PreparedMovement): Reason[] {
  const { party, similarity } = weighParty(payable.party, debit.party);
  const days = debit.day - payable.dueDay;
  return [
    note("PAYMENT_DATE", { days, dueDate: payable.payable.dueDate }),
    note(party, similarity === undefined ? {} : { similarity: similarity / 100 }),
  ];
}

function findIdentifier(
  { payable }: PreparedPayable,
  { movement }: PreparedMovement,
  receiptIds: ReceiptIds,
): keyof typeof IDENTIFIER_WEIGHT | undefined {
  const line = movement.digitableLine ?? null;
  if (line !== null && line === payable.digitableLine) return "PAYMENT_DIGITABLE_LINE";
  const id = movement.endToEndId;
  if (id === null) return undefined;
  if (payable.endToEndIds.includes(id)) return "PAYMENT_END_TO_END_ID";
  if (receiptIds.payablesOf(id).length > 0) return "PAYMENT_ID_OF_OTHER_EXPENSE";
  return payable.endToEndIds.some((one) => receiptIds.isLive(one))
    ? "PAYMENT_OTHER_ID_ON_RECEIPT"
    : undefined;
}

/** @param early a utility's debit may come weeks before its bill is entered */
function weighDays(days: number, early: boolean): number {
  if (early && days < 0) return EARLY_UTILITY.find(([most]) => -days <= most)?.[1] ?? VERY_EARLY;
  const [steps, beyond] = days < 0 ? [EARLY_STEPS, VERY_EARLY] : [LATE_STEPS, VERY_LATE];
  return steps.find(([most]) => Math.abs(days) <= most)?.[1] ?? beyond;
}

function weighFee(payable: PreparedPayable, debit: PreparedMovement): number {
  if (debit.channel !== "FEE") return 0;
  const forBank =
    payable.billKind === "FEE" ||
    payable.party.names.some((name) => name.all.some((word) => FEE_PAYEE.has(word)));
  return forBank ? WEIGHT.fee : WEIGHT.otherThanFee;
}

function weighBillKind(payable: PreparedPayable, debit: PreparedMovement): number {
  if (debit.billKind === undefined || payable.billKind === undefined) return 0;
  return debit.billKind === payable.billKind ? WEIGHT.billKind : WEIGHT.otherBillKind;
}

const INSTALMENT = /\b(?:PARC\w*|PRESTACAO|PREST)\W*0*(\d{1,3}) ?(?:\/|DE) ?0*(\d{1,3})\b/i;

function weighInstalment({ payable }: PreparedPayable, { movement }: PreparedMovement): number {
  if (!payable.instalment) return 0;
  const read = INSTALMENT.exec(movement.description);
  if (!read) return 0;
  const [number, count] = payable.instalment.split("/").map(Number);
  return Number(read[1]) === number && Number(read[2]) === count
    ? WEIGHT.instalment
    : WEIGHT.otherInstalment;
}

function weighParty(
  payee: Party,
  counterparty: Party,
): { party: ReconciliationCode; weight: number; similarity: number | undefined } {
  const parties = agreement(payee, counterparty);
  switch (parties.kind) {
    case "SAME_DOCUMENT":
      return { party: "PAYMENT_SAME_DOCUMENT", weight: WEIGHT.document, similarity: undefined };
    case "SAME_COMPANY":
      return { party: "PAYMENT_SAME_COMPANY", weight: WEIGHT.company, similarity: undefined };
    case "UNKNOWN":
      return { party: "PAYMENT_NAME_UNKNOWN", weight: 0, similarity: undefined };
    case "DIFFERENT_DOCUMENT": {
      const name = parties.similarity === undefined ? 0 : weighName(parties.similarity).weight;
      return {
        party: "PAYMENT_OTHER_DOCUMENT",
        weight: WEIGHT.otherDocument + Math.min(name, WEIGHT.nameOfOtherDocument),
        similarity: hundredths(parties.similarity),
      };
    }
    case "NAMES":
      return { ...weighName(parties.similarity), similarity: hundredths(parties.similarity) };
  }
}

function weighName(similarity: number): { party: ReconciliationCode; weight: number } {
  const step = NAME_STEPS.find(([least]) => similarity >= least);
  return step
    ? { party: "PAYMENT_NAME", weight: step[1] }
    : { party: "PAYMENT_OTHER_NAME", weight: WEIGHT.otherName };
}

function hundredths(similarity: number | undefined): number | undefined {
  return similarity === undefined ? undefined : Math.round(similarity * 100);
}
