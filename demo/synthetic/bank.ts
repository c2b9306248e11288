import type { BankConnection, Condominium } from "../model.ts";
import { BANK_UPDATED_AT } from "./calendar.ts";
import { uuidOf } from "./names.ts";
import { createRandom, digits, seedOf } from "./random.ts";

/** Invented banks; each words its statement after one of the real ones (samples/estorno-memos.json). */
export const banks = {
  AURORA: { name: "Banco Aurora", code: "991", ispb: "90000001" },
  CERRADO: { name: "Banco do Cerrado", code: "992", ispb: "90000002" },
  LITORAL: { name: "Litoral Pagamentos", code: "993", ispb: "90000003" },
} as const;

export type BankKey = keyof typeof banks;

/** The bank of a condominium. */
export function bankKeyOf(code: string): BankKey {
  const keys = ["AURORA", "CERRADO", "LITORAL"] as const;
  return keys[seedOf(`bank:${code}`) % 3] ?? "AURORA";
}

/** Where the connection did not come through: the bank's data is older than the payments. */
const troubled: Record<string, Record<string, unknown>> = {
  "BV-04": {
    status: "OUTDATED",
    executionStatus: "ERROR",
    lastUpdatedAt: "2026-10-30T09:12:53.732Z",
    error: { code: "SITE_NOT_AVAILABLE", message: "Instituição indisponível" },
  },
  "IP-03": {
    status: "UPDATED",
    executionStatus: "PARTIAL_SUCCESS",
    statusDetail: {
      accounts: { isUpdated: true, lastUpdatedAt: BANK_UPDATED_AT },
      transactions: {
        isUpdated: false,
        lastUpdatedAt: "2026-10-30T09:12:53.732Z",
        warnings: [{ code: "001", message: "Extrato parcial" }],
      },
    },
  },
};

/** One Pluggy item per condominium, with a current account; one of them has a reserve fund as well. */
export function bankOf(condominium: Condominium): BankConnection {
  const { code } = condominium;
  const bank = banks[bankKeyOf(code)];
  const itemId = uuidOf(`item:${code}`);
  const account = (purpose: "ORDINARY" | "RESERVE") => {
    const random = createRandom(seedOf(`account:${code}:${purpose}`));
    const number = `${random.characters(digits, 5)}-${random.integer(0, 9)}`;
    const id = uuidOf(`account:${code}:${purpose}`);
    return {
      id,
      purpose,
      account: {
        id,
        itemId,
        type: "BANK",
        subtype: purpose === "ORDINARY" ? "CHECKING_ACCOUNT" : "SAVINGS_ACCOUNT",
        name: purpose === "ORDINARY" ? "Conta Corrente" : "Fundo de Reserva",
        marketingName: null,
        number,
        balance: random.integer(20_000, 90_000),
        currencyCode: "BRL",
        owner: condominium.name,
        taxNumber: condominium.cnpj,
        bankData: { transferNumber: `${bank.code}/0001/${number}`, closingBalance: null },
        creditData: null,
      },
    };
  };
  return {
    condominium: code,
    itemId,
    item: {
      id: itemId,
      connector: { name: bank.name },
      status: "UPDATED",
      executionStatus: "SUCCESS",
      statusDetail: null,
      error: null,
      clientUserId: code,
      lastUpdatedAt: BANK_UPDATED_AT,
      nextAutoSyncAt: "2026-11-25T09:00:00.000Z",
      consentExpiresAt: "2027-11-01T00:00:00.000Z",
      consecutiveFailedLoginAttempts: 0,
      ...troubled[code],
    },
    accounts: code === "HZ-02" ? [account("ORDINARY"), account("RESERVE")] : [account("ORDINARY")],
  };
}
