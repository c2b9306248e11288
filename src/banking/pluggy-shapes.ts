import { z } from "zod";

/**
 * The parts of Pluggy's answers that this project reads, as zod schemas. Objects are loose: fields
 * that Pluggy adds or that nobody here reads pass through, so that the raw answer can be kept whole.
 * Reference: https://docs.pluggy.ai/reference (items, accounts, transactions v2).
 */

const instant = z.iso.datetime({ offset: true });

/** Whether one product of an item (its accounts, its transactions) came through in the last run. */
export const pluggyProductStatus = z.looseObject({
  isUpdated: z.boolean(),
  lastUpdatedAt: instant.nullish(),
  warnings: z.array(z.unknown()).nullish(),
});

/** A connection to one bank: `GET /items/{id}`. Unknown states are kept as text; see freshness.ts. */
export const pluggyItem = z.looseObject({
  id: z.string().min(1),
  status: z.string(),
  executionStatus: z.string().nullish(),
  statusDetail: z
    .looseObject({
      accounts: pluggyProductStatus.nullish(),
      transactions: pluggyProductStatus.nullish(),
    })
    .nullish(),
  error: z.looseObject({ code: z.string().nullish() }).nullish(),
  lastUpdatedAt: instant.nullish(),
  consentExpiresAt: instant.nullish(),
});

/** An account of an item: `GET /accounts?itemId=`. `type` is BANK for accounts, CREDIT for cards. */
export const pluggyAccount = z.looseObject({
  id: z.string().min(1),
  itemId: z.string().min(1),
  type: z.string(),
  subtype: z.string().nullish(),
  name: z.string().nullish(),
  marketingName: z.string().nullish(),
  number: z.string().nullish(),
  currencyCode: z.string().nullish(),
  /** Of a BANK account: what is on it, as of the item's last update. */
  balance: z.number().nullish(),
  /** CPF or CNPJ of the holder, often punctuated. */
  taxNumber: z.string().nullish(),
});

/** Payer or receiver of a transaction; `value` comes punctuated, and may be masked for a CPF. */
export const pluggyParty = z.looseObject({
  name: z.string().nullish(),
  documentNumber: z
    .looseObject({ type: z.string().nullish(), value: z.string().nullish() })
    .nullish(),
});

/** An entry of `GET /v2/transactions`. `amount` is a JSON number in the account's currency. */
export const pluggyTransaction = z.looseObject({
  id: z.string().min(1),
  accountId: z.string().min(1),
  date: instant,
  createdAt: instant.nullish(),
  description: z.string().nullish(),
  descriptionRaw: z.string().nullish(),
  type: z.enum(["DEBIT", "CREDIT"]),
  amount: z.number(),
  currencyCode: z.string().nullish(),
  status: z.enum(["POSTED", "PENDING"]).nullish(),
  operationType: z.string().nullish(),
  /** Filled when the entry is not in the account's currency; then `amount` is in `currencyCode`. */
  amountInAccountCurrency: z.number().nullish(),
  paymentData: z
    .looseObject({
      payer: pluggyParty.nullish(),
      receiver: pluggyParty.nullish(),
      paymentMethod: z.string().nullish(),
      /** Identifier given by the institution: of a Pix the end-to-end id, else a document number. */
      referenceNumber: z.string().nullish(),
      receiverReferenceId: z.string().nullish(),
      reason: z.string().nullish(),
    })
    .nullish(),
});

export type PluggyItem = z.infer<typeof pluggyItem>;
export type PluggyAccount = z.infer<typeof pluggyAccount>;
export type PluggyTransaction = z.infer<typeof pluggyTransaction>;
