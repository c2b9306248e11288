import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { parseDecimal } from "../../src/money/centavos.ts";
import { DEFAULT_THRESHOLDS } from "../../src/reconciliation/thresholds.ts";
import type {
  FixedLinks,
  Movement,
  Payable,
  ReconciliationInput,
} from "../../src/reconciliation/types.ts";

export const ELEVADORES = "11222333000181";
export const LIMPADORA = "19131243000197";
export const SABESP = "33683111000280";

/** Centavos of a decimal text. */
export function money(text: string): bigint {
  const centavos = parseDecimal(text);
  if (centavos === undefined) throw new Error(`no amount: ${text}`);
  return centavos;
}

/** A movement of one account; `at` is a date (as of midnight in Brasília) or an instant. */
export function movement(
  id: string,
  at: string,
  amount: string,
  description: string,
  more: Partial<Movement> = {},
): Movement {
  const postedAt = at.length === 10 ? `${at}T03:00:00.000Z` : at;
  return {
    id,
    accountId: "account",
    postedAt,
    postedOn: dateInBrasilia(new Date(postedAt)),
    amount: money(amount),
    description,
    operationType: null,
    counterpartyDocument: null,
    counterpartyName: null,
    endToEndId: null,
    originalEndToEndId: null,
    checkNumber: null,
    status: "POSTED",
    ...more,
  };
}

/** What is owed to Elevadores Exemplo unless said otherwise. */
export function payable(
  id: string,
  dueDate: string,
  amount: string,
  more: Partial<Payable> = {},
): Payable {
  return {
    id,
    expenseId: `expense of ${id}`,
    kind: "SUPPLIER",
    payeeDocument: ELEVADORES,
    payeeName: "Elevadores Exemplo Ltda",
    amount: money(amount),
    dueDate,
    digitableLine: null,
    endToEndIds: [],
    description: "Manutenção",
    ...more,
  };
}

export function caseOf(
  payables: Payable[],
  movements: Movement[],
  fixed: Partial<FixedLinks> = {},
): ReconciliationInput {
  return {
    payables,
    movements,
    fixed: { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [], ...fixed },
    ownDocuments: ["99887766000105"],
    asOf: "2026-12-31",
    doubtfulDebitsPay: false,
    thresholds: DEFAULT_THRESHOLDS,
  };
}
