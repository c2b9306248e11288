import { taxpayer } from "../drawing/wording.ts";
import type { DemoModel, Transaction } from "../model.ts";
import { asJsonNumber } from "./amounts.ts";
import { type BankKey, bankKeyOf, banks } from "./bank.ts";
import { utc } from "./calendar.ts";
import { plainName, uuidOf } from "./names.ts";

export type Party = { name: string; document: string | null };

export type Entry = {
  /** Names the entry for good: its id is made from it. */
  key: string;
  /** UTC, as Pluggy writes it. */
  date: string;
  direction: "DEBIT" | "CREDIT";
  /** Positive decimal. */
  amount: string;
  description: string;
  operationType: string;
  counterparty?: Party;
  /** Pix end-to-end id, or the bank's own document or check number. */
  reference?: string;
  receiverReference?: string;
  boleto?: { line: string; barcode: string };
  status?: "POSTED" | "PENDING";
  purpose?: "ORDINARY" | "RESERVE";
};

/** Adds an entry to the current account of a condominium; returns its id. */
export function post(model: DemoModel, code: string, entry: Entry): string {
  const connection = model.bank[code];
  const account = connection?.accounts.find(
    ({ purpose }) => purpose === (entry.purpose ?? "ORDINARY"),
  );
  if (account === undefined) throw new Error(`post: ${code} has no such account`);
  const id = uuidOf(`transaction:${code}:${entry.key}`);
  if (Object.hasOwn(model.transactions, id)) throw new Error(`post: ${entry.key} twice`);
  const sign = entry.direction === "DEBIT" ? -1 : 1;
  const createdAt = utc(new Date(Date.parse(entry.date) + 9 * 3_600_000).toISOString());
  const transaction: Transaction = {
    id,
    accountId: account.id,
    date: entry.date,
    description: entry.description,
    descriptionRaw: entry.description,
    type: entry.direction,
    amount: sign * asJsonNumber(entry.amount),
    currencyCode: "BRL",
    amountInAccountCurrency: null,
    balance: null,
    operationType: entry.operationType,
    category: null,
    categoryId: null,
    providerCode: null,
    providerId: null,
    paymentData: paymentDataOf(model, code, entry),
    status: entry.status ?? "POSTED",
    createdAt,
    updatedAt: createdAt,
  };
  model.transactions[id] = transaction;
  return id;
}

/** Null where the bank tells nothing of the other side. */
function paymentDataOf(model: DemoModel, code: string, entry: Entry) {
  const { counterparty, reference, boleto } = entry;
  if (!counterparty && !reference && !boleto) return null;
  const holder = holderOf(model, code);
  const us = partyOf(holder, banks[bankKeyOf(code)]);
  const them = counterparty === undefined ? null : partyOf(counterparty, null);
  return {
    payer: entry.direction === "DEBIT" ? us : them,
    receiver: entry.direction === "DEBIT" ? them : us,
    paymentMethod: boleto ? "BOLETO" : entry.operationType,
    reason: null,
    referenceNumber: reference ?? null,
    receiverReferenceId: entry.receiverReference ?? null,
    boletoMetadata: boleto ? { digitableLine: boleto.line, barcode: boleto.barcode } : null,
  };
}

/** The condominium as its account's holder. */
export function holderOf(model: DemoModel, code: string): Party {
  for (const { condominiums } of Object.values(model.organizations)) {
    const found = condominiums.find((condominium) => condominium.code === code);
    if (found) return { name: plainName(found.name), document: found.cnpj };
  }
  throw new Error(`holderOf: no condominium ${code}`);
}

function partyOf(party: Party, bank: { code: string; ispb: string } | null) {
  const { document } = party;
  const documentNumber =
    document === null
      ? null
      : { type: document.length === 14 ? "CNPJ" : "CPF", value: taxpayer(document) };
  return {
    name: party.name,
    branchNumber: bank ? "0001" : null,
    accountNumber: null,
    routingNumber: bank?.code ?? null,
    routingNumberISPB: bank?.ispb ?? null,
    documentNumber,
  };
}

/** "05/11 14:38", as some banks put it into the memo. */
function moment(instant: string): string {
  return `${instant.slice(8, 10)}/${instant.slice(5, 7)} ${instant.slice(11, 16)}`;
}

/** How each bank words a Pix that leaves; `instant` is in Brasília's zone. */
export function pixMemo(bank: BankKey, name: string, instant: string): string {
  const short = plainName(name).slice(0, 26).trim();
  if (bank === "AURORA") return `PIX ENVIADO ${short}`;
  if (bank === "CERRADO") return `PIX - ENVIADO - ${moment(instant)} ${short}`;
  return `Transferência enviada pelo Pix - ${short}`;
}

/** How each bank words a Pix that comes back. */
export function pixReturnMemo(bank: BankKey, name: string, instant: string): string {
  const short = plainName(name).slice(0, 26).trim();
  if (bank === "AURORA") return `PIX DEVOLVIDO ${short}`;
  if (bank === "CERRADO") return `PIX-ENVIO DEVOLVIDO - ${moment(instant)} ${short}`;
  return `Reembolso recebido pelo Pix - ${short}`;
}
