import { approved, type End, pending, rejected, toReview, toSecondApprover } from "./end.ts";

/**
 * The end of each kind of demo expense, written by hand from the rules alone. `ordinary` is the
 * default; every other key is a trap. What is refused is not paid in the demo's bank data; what goes
 * to a person has mostly been paid, since the bank asks nobody.
 */
export const ends = {
  /** Nothing is wrong with it. */
  ordinary: approved("PAID"),

  // The supplier
  /** Alphanumeric CNPJ (since July 2026), active: as good as any other. */
  alphanumericCnpj: approved("PAID"),
  supplierBaixada: rejected("UNPAID", "SUPPLIER_INACTIVE"),
  supplierSuspensa: rejected("UNPAID", "SUPPLIER_INACTIVE"),
  supplierInapta: rejected("UNPAID", "SUPPLIER_INACTIVE"),
  supplierNula: rejected("UNPAID", "SUPPLIER_INACTIVE"),
  /** CNPJ.ws gives an empty status: only "Ativa" lets pass. */
  supplierStatusEmpty: rejected("UNPAID", "SUPPLIER_INACTIVE"),
  /** The check digits are right, the registry knows nobody (404). */
  supplierUnknown: rejected("UNPAID", "SUPPLIER_NOT_FOUND"),
  /** CNPJ.ws refuses an alphanumeric CNPJ (400): it may be the service that is behind. */
  supplierRefused: toReview("PAID", "SUPPLIER_REFUSED_BY_REGISTRY"),
  /** The service fails at first and answers when asked again. */
  registryFailsFirst: approved("PAID"),
  supplierOpenedAfterIssue: toReview("PAID", "SUPPLIER_OPENED_AFTER_ISSUE"),
  /** The "supplier" carries 8112-5/00: it is a condominium. */
  supplierIsCondominium: toReview("PAID", "CNAE_CONDOMINIUM"),
  meiOddCnae: toReview("PAID", "CNAE_MISMATCH"),
  /** A real company (SERPRO) whose trade is not telecommunication. */
  cnaeMismatch: toReview("PAID", "CNAE_MISMATCH"),
  cnaeAccepted: approved("PAID"),
  cnaeSecondary: approved("PAID"),

  // Retained taxes
  /** 11 + 4.65 + 5 % of 10,000: a debit of 7,935 and three guias. */
  retentionsRight: approved("PAID"),
  retentionInssWrong: toReview("PAID", "RETENTION_INSS_UNEXPECTED"),
  retentionInssMissing: toReview("PAID", "RETENTION_INSS_MISSING"),
  retentionCsrfWrong: toReview("PAID", "RETENTION_CSRF_UNEXPECTED"),
  /** Cleaning by a company in the Simples, nothing retained: a note, no more. */
  simplesCleaning: approved("PAID"),
  meiCleaning: approved("PAID"),
  /** The supplier and one guia are paid, the other guia is not. */
  guiaUnpaid: approved("PARTIALLY_PAID"),

  // Payees without CNPJ
  cpfPayee: approved("PAID"),
  noPayee: approved("PAID"),
  payroll: approved("PAID"),

  // Instalments and duplicates
  /** 1/3 fell due and was paid; they share one note, which is no duplicate. */
  instalmentPaid: approved("PAID"),
  instalmentToCome: approved("UNPAID"),
  duplicateDocument: rejected("UNPAID", "DUPLICATE_DOCUMENT"),
  /** The very same file under another expense. */
  duplicateReceiptFile: rejected("UNPAID", "DUPLICATE_RECEIPT"),
  /** Another file with the same end-to-end id. */
  duplicateEndToEndId: rejected("UNPAID", "DUPLICATE_RECEIPT"),
  /** Another file with the same DF-e key. */
  duplicateDfeKey: rejected("UNPAID", "DUPLICATE_RECEIPT"),
  /** The first use of the receipt was another administradora's. */
  duplicateElsewhere: toReview("UNPAID", "DUPLICATE_RECEIPT_ELSEWHERE"),

  // Limits
  /** Three notes of one supplier, each below the limit, together above it. */
  splitBelowLimit: toReview("PAID", "SPLIT_BELOW_LIMIT"),
  aboveLimit: toSecondApprover("UNPAID"),
  /** The administradora's own fee always goes to the condominium. */
  administrationFee: toSecondApprover("UNPAID"),
  payeeKeyChanged: toReview("PAID", "PAYEE_ACCOUNT_CHANGED"),

  // Receipts
  receiptOrdinary: approved("PAID"),
  /** The receipt shows the net, the expense the gross. */
  receiptShowsNet: approved("PAID"),
  receiptAmountMismatch: toReview("PAID", "RECEIPT_AMOUNT_MISMATCH"),
  /** The note was written for another condominium. */
  receiptTakerMismatch: toReview("PAID", "RECEIPT_TAKER_MISMATCH"),
  receiptPayeeMismatch: toReview("PAID", "RECEIPT_PAYEE_MISMATCH"),
  receiptDateMismatch: toReview("PAID", "RECEIPT_DATE_MISMATCH"),
  /** A scheduling slip; the bank has no more than a pending entry. */
  receiptScheduled: toReview("UNPAID", "RECEIPT_SCHEDULED"),
  receiptHourDamaged: toReview("PAID", "RECEIPT_NEEDS_REVIEW"),
  /** Required, and nobody has handed it in; the time for it has not run out. */
  receiptMissing: pending("UNPAID"),
  /** Uploaded after the batch. */
  receiptLate: approved("PAID"),
  /** Paid at 23:30 in Brasília on the last day allowed, which in UTC is a day too late. */
  receiptLateEvening: approved("PAID"),

  // The bank
  /** 21:00 to 23:59 in Brasília: the next day in UTC. */
  eveningPayment: approved("PAID"),
  /** The Banco do Brasil case: debit, estorno, debit again, one check number. */
  debitEstornoRedebit: approved("PAID"),
  /** Six attempts came back, the seventh stayed. */
  sixIdenticalPairs: approved("PAID"),
  pixRefunded: approved("REFUNDED"),
  /** Part of the money came back from another account than the payee's (MED); the original id says what it is. */
  pixRefundedElsewhere: approved("PARTIALLY_REFUNDED"),
  pixRefundedInPart: approved("PARTIALLY_REFUNDED"),
  pixRefundedAndRepaid: approved("PAID"),
  tedReturned: approved("REFUNDED"),
  bankFeeRefunded: approved("REFUNDED"),
  /** One of two equal debits came back, and nothing says which: neither is touched. */
  ambiguousRefund: approved("PAID"),
  /** A resident's credit of the same amount is income, not a refund of this. */
  incomeOfSameAmount: approved("PAID"),
  notPaidYet: approved("UNPAID"),
  staleBank: { ...approved("UNPAID"), paymentKnown: false },
  partialBank: { ...approved("UNPAID"), paymentKnown: false },
} satisfies Record<string, End>;

export type Trap = keyof typeof ends;
