import type { Reason } from "../validation/reason.ts";

/**
 * What is to be paid for an expense: the supplier's net (or one instalment of it), one retained
 * tax, or a credit note. Amounts are centavos; a credit note's is negative.
 */
export type Payable = {
  id: string;
  expenseId: string;
  kind: "SUPPLIER" | "RETENTION" | "CREDIT_NOTE";
  /** CNPJ (14, upper case) or CPF (11 digits), without punctuation. */
  payeeDocument: string | null;
  payeeName: string | null;
  amount: bigint;
  /** Calendar date in Brasília, YYYY-MM-DD. */
  dueDate: string;
  /** 47 or 48 digits of the boleto, as on the document. */
  digitableLine: string | null;
  /** Pix end-to-end ids read from the receipts of the expense. */
  endToEndIds: string[];
  description: string;
  /** The expense's category, by code or by name, where it is known. */
  category?: string | null;
  /** Which of several instalments it is, as "2/3". */
  instalment?: string | null;
  /** The submitter's id of the expense, which the bank's returns repeat as the payer's own number. */
  externalId?: string | null;
};

/** One line of a bank statement. */
export type Movement = {
  id: string;
  accountId: string;
  /** ISO instant. Banks that give only a date give midnight in Brasília (03:00Z). */
  postedAt: string;
  /** The same moment as a calendar date in Brasília, YYYY-MM-DD. */
  postedOn: string;
  /** Centavos; a debit is negative. */
  amount: bigint;
  description: string;
  operationType: string | null;
  /** CNPJ or CPF without punctuation; masked ones (***.000.000-**) count as unknown. */
  counterpartyDocument: string | null;
  counterpartyName: string | null;
  endToEndId: string | null;
  originalEndToEndId: string | null;
  checkNumber: string | null;
  /** Digitable line of the boleto paid, where the bank gives it. */
  digitableLine?: string | null;
  status: "POSTED" | "PENDING";
};

/** What a bank's payment return (CNAB 240) says of one payment that was ordered. */
export type ReturnedItem = {
  id: string;
  accountId: string;
  /** File and batch, joined by slashes: what is debited in one sum is of one batch, or of one file. */
  batch: string;
  outcome: "PAID" | "SCHEDULED" | "REJECTED" | "CANCELLED" | "UNKNOWN";
  occurrences: string[];
  payeeDocument: string | null;
  /** Centavos. */
  amount: bigint;
  /** Of a boleto: its own amount, without fine and discount. */
  faceAmount: bigint | null;
  /** Calendar dates, YYYY-MM-DD. */
  dueOn: string | null;
  paidOn: string | null;
  barcode: string | null;
  ownNumber: string | null;
};

/** Edge payable <-> debit. Centavos, positive (negative for a credit note). */
export type FixedPayment = { payableId: string; transactionId: string; amount: bigint };
/** Edge credit -> debit that it undoes. Centavos, positive. */
export type FixedRefund = { creditId: string; debitId: string; amount: bigint };
/** A pair that a person has refused: it is never proposed again. */
export type RejectedPair =
  | { kind: "PAYMENT"; payableId: string; transactionId: string }
  | { kind: "REFUND"; creditId: string; debitId: string };

/** What people or earlier runs have decided. The matcher builds on it and never alters it. */
export type FixedLinks = {
  payments: FixedPayment[];
  refunds: FixedRefund[];
  rejectedPairs: RejectedPair[];
  /** Credits that a person has declared to be income in spite of their memo. */
  incomeCredits: string[];
};

/** Days and weights that an organization may set; `DEFAULT_THRESHOLDS` explains each. */
export type Thresholds = {
  /** A Pix devolução comes within this many days of the Pix (BCB: 90). */
  pixRefundDays: number;
  /** A TED, and whatever is rejected or cancelled, comes back within this many days. */
  rejectionDays: number;
  /** Any other refund comes within this many days of its debit. */
  otherRefundDays: number;
  /** Identical debits at most this many days apart are one episode: first in, first out. */
  episodeDays: number;
  /** Beyond this many days the nearest of several identical debits is no longer preferred. */
  recentRefundDays: number;
  /** A debit may precede the due date by this many days (paid early, or debited before its bill). */
  paymentDaysBefore: number;
  /** A debit may follow the due date by this many days. */
  paymentDaysAfter: number;
  /** Least evidence (sum of weights) that links a debit to a payable without a person. */
  acceptScore: number;
  /** Least lead of the chosen assignment over any other. */
  acceptMargin: number;
  /** Least evidence that is worth a person's question. */
  reviewScore: number;
};

/** One condominium: everything that may belong together, and nothing else. */
export type ReconciliationInput = {
  payables: Payable[];
  movements: Movement[];
  fixed: FixedLinks;
  /** Items of payment returns, where the bank gave any. */
  returnedItems?: ReturnedItem[];
  /** CNPJs of the account holder: movements to and from them are transfers between own accounts. */
  ownDocuments: string[];
  /** Calendar date in Brasília up to which the bank's data is looked at. */
  asOf: string;
  /**
   * Whether a debit that an ambiguous refund may have undone counts as a payment until a person has said which it was.
   * Where links are kept it does: an expense that was paid before the refund came must not turn unpaid, and be paid
   * twice, over a question. A result that stands by itself says only what is certain.
   */
  doubtfulDebitsPay: boolean;
  thresholds: Thresholds;
};

export type PaymentLink = FixedPayment & {
  /** 0 to 1; grows with the evidence, 1 only for joins by identifier. */
  confidence: number;
  reasons: Reason[];
};
export type RefundLink = FixedRefund & { confidence: number; reasons: Reason[] };
/** A debit that takes income back. Its credit, if known, stays in `income`: subtract the debit. */
export type IncomeReversal = { debitId: string; creditId: string | null; reasons: Reason[] };
/** A refund whose debit is not known: held in suspense, never income. */
export type OrphanRefund = { creditId: string; reasons: Reason[] };
/** A movement that is neither income nor expense: sweep, transfer between own accounts. */
export type NeutralMovement = { transactionId: string; reasons: Reason[] };

export type ReviewKind =
  /** Several debits fit a refund equally well. */
  | "REFUND_AMBIGUOUS"
  /** Joined by identifier, but the refunds would exceed the debit. */
  | "REFUND_EXCEEDS_DEBIT"
  /** A credit without a refund's memo that mirrors a payment to the same payee. */
  | "REFUND_SUSPECTED"
  /** Several assignments of debits to payables are equally good. */
  | "PAYMENT_AMBIGUOUS"
  /** One debit fits one payable, but the evidence is too thin. */
  | "PAYMENT_UNCONFIRMED"
  /** Joined by identifier, but the amounts differ. */
  | "PAYMENT_AMOUNT_DIFFERS";

export type Review = {
  kind: ReviewKind;
  transactionIds: string[];
  payableIds: string[];
  reasons: Reason[];
};

/**
 * New links and the state of what is left. Links that came in as fixed are not repeated. Every list
 * is sorted by id, so that equal input sets give equal results.
 */
export type ReconciliationResult = {
  /** Debits that pay (not those that came back in full). */
  payments: PaymentLink[];
  /**
   * Debits that paid a payable and came back in full: stored as edges like `payments`, so that the
   * payable is known to be refunded; with the refund they add up to nothing.
   */
  refundedPayments: PaymentLink[];
  refunds: RefundLink[];
  incomeReversals: IncomeReversal[];
  orphanRefunds: OrphanRefund[];
  reviews: Review[];
  neutral: NeutralMovement[];
  /** Payables without any payment that has stayed. */
  unmatchedPayables: string[];
  /** Movements that nothing explains: debits without payable, refund or reversal; pending lines. */
  unmatchedMovements: string[];
  /** Credits that are income: neither refund nor suspect, nor in suspense, nor neutral. */
  income: string[];
};
