import { z } from "zod";
import { formatDecimal, parseDecimal } from "../money/centavos.ts";
import { rule } from "./rule.ts";

/** Centavos as bigint here, decimal text ("1234.56") in the stored form: what `numeric::text` gives. */
const centavos = z.codec(z.string(), z.bigint(), {
  decode: (text, context) => {
    const amount = parseDecimal(text);
    if (amount !== undefined) return amount;
    context.issues.push({ code: "custom", input: text, message: "not a decimal amount" });
    return z.NEVER;
  },
  encode: formatDecimal,
});

/** An instant, always kept as UTC text: PostgreSQL's own text follows the session's zone. */
const instant = z.codec(z.iso.datetime({ offset: true }), z.string(), {
  decode: (text) => new Date(text).toISOString(),
  encode: (text) => text,
});

const date = z.iso.date();

const payee = z.strictObject({
  kind: z.enum(["CNPJ", "CPF", "NONE"]),
  document: z.string().nullable(),
  name: z.string().nullable(),
});

const expense = z.strictObject({
  id: z.string(),
  condominiumId: z.string(),
  externalId: z.string(),
  category: z.string(),
  documentKind: z.string(),
  documentNumber: z.string().nullable(),
  issueDate: date.nullable(),
  /** 'YYYY-MM' */
  competence: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/),
  grossAmount: centavos,
  retentions: z.array(
    z.strictObject({ kind: z.enum(["INSS", "CSRF", "ISS", "IRRF"]), amount: centavos }),
  ),
  payee,
  dueDate: date.nullable(),
  /** "2/3", or null */
  instalment: z
    .string()
    .regex(/^\d{1,3}\/\d{1,3}$/)
    .nullable(),
  submittedAt: instant,
  /** How many documents the submitted row lists, uploaded yet or not. */
  documentCount: z.int().nonnegative(),
});

/** The registry's data on the supplier, without its raw answer. */
const company = z.strictObject({
  name: z.string(),
  status: z.string(),
  active: z.boolean(),
  openedOn: date.nullable(),
  /** 7 digits */
  mainCnae: z.string().nullable(),
  secondaryCnaes: z.array(z.string()),
  mei: z.boolean().nullable(),
  simples: z.boolean().nullable(),
  source: z.enum(["MIRROR", "CNPJWS"]),
  /** When the source says its data is from: a date, or an instant as the source wrote it. */
  sourceDate: z.string().nullable(),
});

/**
 * What is known of the supplier. MISSING: not looked up yet, or the registry did not answer.
 * NOT_FOUND: the registry does not have it. REFUSED: the registry calls the CNPJ invalid.
 * NOT_APPLICABLE: the payee has no CNPJ. `cnaeFit` is the answer of `suppliers/cnae-policy.ts` for the
 * expense's category; it is a fact, so that a later change of the policy leaves replays alone.
 */
const supplier = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("MISSING") }),
  z.strictObject({ state: z.literal("NOT_FOUND") }),
  z.strictObject({ state: z.literal("REFUSED") }),
  z.strictObject({ state: z.literal("NOT_APPLICABLE") }),
  z.strictObject({
    state: z.literal("FOUND"),
    company,
    cnaeFit: z.strictObject({
      fit: z.enum(["CORE", "ACCEPTED", "SECONDARY", "NONE", "CONDOMINIUM", "NOT_APPLICABLE"]),
      cnae: z.string().nullable(),
      expected: z.array(z.string()),
    }),
  }),
]);

/** The part of a receipt's reading that the rules look at; null is "not on the paper, or not read". */
const reading = z.strictObject({
  kind: z.string(),
  verdict: z.enum(["ACCEPTED", "MANUAL_REVIEW"]),
  reasonCodes: z.array(z.string()),
  /** An instant with zone, or a date alone. */
  timestamp: z.union([z.iso.datetime({ offset: true }), date]).nullable(),
  amount: centavos.nullable(),
  /** Issuer of the note, or receiver of the payment. */
  cnpj: z.string().nullable(),
  /** Taker of the note, or payer. */
  takerCnpj: z.string().nullable(),
  dueDate: date.nullable(),
});

const receipt = z.strictObject({
  documentId: z.string(),
  sha256: z.string(),
  /** null: not read yet. */
  reading: reading.nullable(),
});

/**
 * An earlier expense with the same document or receipt. DOCUMENT and RECEIPT are of the same tenant;
 * RECEIPT_ELSEWHERE is another's, and then nothing of it may be told: `externalId` is null.
 */
const duplicate = z.strictObject({
  kind: z.enum(["DOCUMENT", "RECEIPT", "RECEIPT_ELSEWHERE", "SAME_MONTH"]),
  externalId: z.string().nullable(),
  /** What both share; null for DOCUMENT and SAME_MONTH. */
  identifier: z
    .enum(["DOCUMENT_HASH", "PIX_END_TO_END", "BOLETO_LINE", "DFE_KEY", "NFSE_KEY", "BR_CODE"])
    .nullable(),
  /** Both expenses are of one condominium. One note may be shared among several. */
  sameCondominium: z.boolean(),
  /** Both expenses name the same condominium, document kind, number and payee. */
  sameDocument: z.boolean(),
  /** The earlier expense's instalment. */
  instalment: z.string().nullable(),
});

const approvalLimit = z.strictObject({
  amount: centavos,
  requires: z.enum(["SECOND_APPROVER", "CONDOMINIUM"]),
});

/** The figures of the organization's settings; they are stored with the decision. */
const thresholds = z.strictObject({
  /** Centavos by which a receipt's amount may differ from gross or net. */
  amountTolerance: centavos,
  /** Centavos by which a retention may differ from rate times gross. */
  retentionTolerance: centavos,
  /** Days by which a receipt's date may lie outside issue date .. due date. */
  receiptDays: z.int().nonnegative(),
  /** Days for which a payee's new account is held. */
  payeeAccountDays: z.int().nonnegative(),
  /** Days of the window of `otherExpensesInWindow`; the loader applies it. */
  splittingDays: z.int().nonnegative(),
});

/**
 * All that is known of one expense: the only input of `decide`.
 *
 * Plain data without order: no array here means anything by its order, and hash and decision do not
 * depend on it. `expenseFacts.parse(json)` reads the stored form (amounts as decimal text, checked),
 * `z.encode(expenseFacts, facts)` writes it; the round trip loses nothing.
 */
export const expenseFacts = z.strictObject({
  expense,
  condominium: z.strictObject({ cnpj: z.string().nullable() }),
  /** The instant at which the facts were loaded. It counts only against `deadline`. */
  asOf: instant,
  /** From here on a missing fact goes to a person. */
  deadline: instant,
  supplier,
  receipts: z.array(receipt),
  duplicates: z.array(duplicate),
  /**
   * An earlier live expense of the condominium, with the same payee and amount, has a document that is not read yet. Which
   * of two copies is read first must not decide which of two expenses is paid. Absent: there is none.
   */
  earlierReceiptUnread: z.literal(true).optional(),
  /** The last day on which the payee's account or Pix key changed for this condominium; its first account is no change. */
  payeeAccountChangedOn: date.nullable(),
  /** Other live expenses (not rejected, not cancelled), same payee and condominium, issued within the window, each not above the limit. */
  otherExpensesInWindow: z.strictObject({ count: z.int().nonnegative(), total: centavos }),
  /** The alçada of this condominium and category; null is "none". */
  approvalLimit: approvalLimit.nullable(),
  /** What the category's requirements say; a document listed is required to be read in any case. */
  requirements: z.strictObject({ receipt: z.boolean(), supplier: z.boolean() }),
  thresholds,
  /** Every row of `rules`, whatever its dates: `decide` chooses those in force. */
  rules: z.array(rule),
});

export type ExpenseFacts = z.infer<typeof expenseFacts>;
/** The facts as stored JSON. */
export type StoredFacts = z.input<typeof expenseFacts>;
export type ReceiptFacts = ExpenseFacts["receipts"][number];
export type ReadingFacts = NonNullable<ReceiptFacts["reading"]>;
export type DuplicateFacts = ExpenseFacts["duplicates"][number];
export type Thresholds = ExpenseFacts["thresholds"];

/** Where nothing else is set. The receipt's days are fewer than a month's, so that last month's receipt stands out. */
export const DEFAULT_THRESHOLDS: Thresholds = {
  amountTolerance: 0n,
  retentionTolerance: 1n,
  receiptDays: 15,
  payeeAccountDays: 30,
  splittingDays: 30,
};
