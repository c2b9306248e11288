import { z } from "zod";
import { parseCnpj } from "../identifiers/cnpj.ts";
import { parseCpf } from "../identifiers/cpf.ts";
import { parseEndToEndId } from "../identifiers/end-to-end-id.ts";
import { parseDecimal } from "../money/centavos.ts";
import { readMemo } from "../reconciliation/memo-grammar.ts";
import { fold } from "../reconciliation/memo-text.ts";
import { type PluggyTransaction, pluggyTransaction } from "./pluggy-shapes.ts";

/** One entry on a bank account, whatever source it came from. */
export type BankMovement = {
  providerId: string;
  accountProviderId: string;
  /** UTC instant as given. Some banks give a day only: see isDateOnly. */
  postedAt: Date;
  /** Centavos; money that leaves the account is negative. */
  amount: bigint;
  description: string;
  operationType: string | null;
  /** CNPJ (14 characters, may hold letters) or CPF (11 digits) with right check digits, or null. */
  counterpartyDocument: string | null;
  counterpartyName: string | null;
  /** Pix id of this entry: kind E for a payment, kind D for a devolução. */
  endToEndId: string | null;
  /** Pix id (kind E) of the payment that this entry gives back. */
  originalEndToEndId: string | null;
  /** Document number that the bank prints beside the entry (OFX: CHECKNUM). */
  checkNumber: string | null;
  /** PENDING entries are announced, not paid: never reconcile them. */
  status: "POSTED" | "PENDING";
  /** The entry as received. */
  raw: unknown;
};

type UnreadableProblem = "SHAPE" | "AMOUNT" | "CURRENCY" | "ACCOUNT";

/** An entry that must not be guessed at. Names the entry by its id only: never its content. */
export class UnreadableTransactionError extends Error {
  readonly providerId: string;
  readonly problem: UnreadableProblem;
  constructor(providerId: string, problem: UnreadableProblem) {
    super(`bank transaction ${providerId} is unreadable (${problem})`);
    this.name = "UnreadableTransactionError";
    this.providerId = providerId;
    this.problem = problem;
  }
}

/**
 * Maps an entry of Pluggy's `GET /v2/transactions` on a bank account (not a credit card, whose sign
 * means the opposite).
 * @throws UnreadableTransactionError if its shape, its amount or its currency is not understood
 */
export function toMovement(value: unknown): BankMovement {
  const parsed = pluggyTransaction.safeParse(value);
  if (!parsed.success) {
    const named = z.looseObject({ id: z.string() }).safeParse(value);
    throw new UnreadableTransactionError(named.success ? named.data.id : "(no id)", "SHAPE");
  }
  const entry = parsed.data;
  const payment = entry.paymentData;
  const party = entry.type === "DEBIT" ? payment?.receiver : payment?.payer;
  const centavos = magnitude(entry);
  const reference = clean(payment?.referenceNumber);
  const endToEnd = reference === null ? undefined : parseEndToEndId(reference);
  return {
    providerId: entry.id,
    accountProviderId: entry.accountId,
    postedAt: new Date(entry.date),
    amount: entry.type === "DEBIT" ? -centavos : centavos,
    description: clean(entry.descriptionRaw) ?? clean(entry.description) ?? "",
    operationType: clean(entry.operationType),
    counterpartyDocument: normalizeDocument(party?.documentNumber?.value),
    counterpartyName: clean(party?.name),
    endToEndId: endToEnd?.id ?? null,
    originalEndToEndId: originalEndToEndId(entry, endToEnd),
    // Not providerCode: Pluggy's SDK documents that as a code of the kind of transaction, not unique.
    checkNumber: endToEnd || reference === null || /^0+$/.test(reference) ? null : reference,
    status: entry.status ?? "POSTED",
    raw: value,
  };
}

/**
 * Whether the bank gave a day without an hour, which Pluggy writes as midnight in Brasília
 * (`T03:00:00.000Z`). A payment at exactly midnight looks the same, so this is a hint.
 */
export function isDateOnly(postedAt: Date): boolean {
  return postedAt.getTime() % 86_400_000 === 3 * 3_600_000;
}

/**
 * CNPJ or CPF without punctuation. Null when absent, masked (`***.000.000-**`) or with wrong check
 * digits: a number that identifies nobody must not join two entries.
 */
export function normalizeDocument(text: string | null | undefined): string | null {
  if (!text) return null;
  return parseCnpj(text) ?? parseCpf(text) ?? null;
}

/** Trimmed; null when nothing is left. PostgreSQL's text takes neither NUL nor half a surrogate pair. */
function clean(text: string | null | undefined): string | null {
  return text?.toWellFormed().replaceAll("\0", "").trim() || null;
}

/** From 10^12 on, numeric(14,2) overflows; below it a double holds two decimals exactly. */
const AMOUNT_LIMIT = 10n ** 14n;

/**
 * The absolute amount in centavos. The sign comes from `type`, since institutions differ in it.
 * `String` gives the shortest decimal text that reads back as the same double, which for at most 15
 * significant digits is the text that was sent; so 0.1 + 0.2 shows as 0.30000000000000004 and is refused.
 */
function magnitude(entry: PluggyTransaction): bigint {
  const foreign = (entry.currencyCode ?? "BRL") !== "BRL";
  const amount = foreign ? entry.amountInAccountCurrency : entry.amount;
  if (amount === null || amount === undefined) {
    throw new UnreadableTransactionError(entry.id, "CURRENCY");
  }
  const centavos = parseDecimal(String(Math.abs(amount)));
  if (centavos === undefined || centavos >= AMOUNT_LIMIT) {
    throw new UnreadableTransactionError(entry.id, "AMOUNT");
  }
  return centavos;
}

/**
 * The payment that an entry gives back, from wherever the bank put its id. Only on entries that are
 * a devolução by their own id or by their memo: an ordinary Pix may carry ids of other things in the
 * receiver's reference.
 */
function originalEndToEndId(
  entry: PluggyTransaction,
  own: ReturnType<typeof parseEndToEndId>,
): string | null {
  const payment = entry.paymentData;
  const texts = [entry.descriptionRaw, entry.description, payment?.reason];
  const returned = texts.some((text) => {
    const meaning = readMemo(fold(text ?? ""), entry.type)?.meaning;
    return meaning === "REFUND" || meaning === "INCOME_REVERSAL";
  });
  if (!returned && own?.kind !== "REFUND") return null;
  // A devolução has an id of kind D: if its reference is of kind E, that is the payment's.
  if (own?.kind === "PAYMENT") return own.id;
  for (const text of [payment?.receiverReferenceId, ...texts]) {
    for (const word of text?.match(/\b[0-9A-Za-z]{32}\b/g) ?? []) {
      const id = parseEndToEndId(word);
      if (id?.kind === "PAYMENT") return id.id;
    }
  }
  return null;
}
