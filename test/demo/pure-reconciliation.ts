import type { DemoModel } from "../../demo/model.ts";
import { netOf } from "../../demo/synthetic/amounts.ts";
import { toMovement } from "../../src/banking/movement.ts";
import { dateInBrasilia } from "../../src/calendar/brasilia.ts";
import { parseDecimal } from "../../src/money/centavos.ts";
import { paymentStates } from "../../src/reconciliation/payment-states.ts";
import { reconcile } from "../../src/reconciliation/reconcile.ts";
import { DEFAULT_THRESHOLDS } from "../../src/reconciliation/thresholds.ts";
import type { Movement, Payable, ReconciliationResult } from "../../src/reconciliation/types.ts";

export type CondominiumMatch = {
  result: ReconciliationResult;
  /** By external id. */
  statuses: Map<string, string>;
};

/**
 * Reconciles the demo's condominiums by the pure matcher alone: payables as the platform makes them of a
 * row, papers read as they were written. `refused` are expenses that the rules reject.
 */
export function reconcileAll(
  model: DemoModel,
  refused: ReadonlySet<string>,
): Map<string, CondominiumMatch> {
  const matches = new Map<string, CondominiumMatch>();
  for (const { code, cnpj } of Object.values(model.organizations).flatMap(
    ({ condominiums }) => condominiums,
  )) {
    const all = payablesOf(model, code);
    const result = reconcile({
      payables: all.filter(({ expenseId }) => !refused.has(expenseId)),
      movements: movementsOf(model, code),
      fixed: { payments: [], refunds: [], rejectedPairs: [], incomeCredits: [] },
      ownDocuments: cnpj === null ? [] : [cnpj],
      asOf: "2026-11-24",
      doubtfulDebitsPay: true,
      thresholds: DEFAULT_THRESHOLDS,
    });
    const edges = [...result.payments, ...result.refundedPayments];
    const { expenses } = paymentStates(all, edges, result.refunds);
    matches.set(code, {
      result,
      statuses: new Map(expenses.map(({ id, status }) => [id, status])),
    });
  }
  return matches;
}

function payablesOf(model: DemoModel, code: string): Payable[] {
  return Object.values(model.expenses)
    .filter(({ condominiumCode }) => condominiumCode === code)
    .flatMap(({ row }) => {
      const papers = row.documents.flatMap((file) => model.receipts[file]?.document ?? []);
      const common = {
        expenseId: row.externalId,
        externalId: row.externalId,
        dueDate: row.dueDate,
        instalment: row.instalment,
      };
      const supplier: Payable = {
        ...common,
        id: `${row.externalId}:supplier`,
        kind: "SUPPLIER",
        payeeDocument: row.payeeDocument,
        payeeName: row.payeeName,
        amount: parseDecimal(netOf(row)) ?? 0n,
        digitableLine: papers.flatMap((paper) => ("line" in paper ? [paper.line] : []))[0] ?? null,
        endToEndIds: papers.flatMap((paper) => ("endToEndId" in paper ? [paper.endToEndId] : [])),
        description: row.description,
        category: row.category,
      };
      const guias = row.retentions.map(
        ({ kind, amount }): Payable => ({
          ...common,
          id: `${row.externalId}:${kind}`,
          kind: "RETENTION",
          payeeDocument: null,
          payeeName: kind === "ISS" ? "Prefeitura" : "Receita Federal",
          amount: parseDecimal(amount) ?? 0n,
          digitableLine: null,
          endToEndIds: [],
          description: "",
        }),
      );
      return [supplier, ...guias];
    });
}

function movementsOf(model: DemoModel, code: string): Movement[] {
  const accounts = new Set(model.bank[code]?.accounts.map(({ id }) => id));
  return Object.values(model.transactions)
    .filter(({ accountId }) => accounts.has(accountId))
    .map((transaction) => {
      const movement = toMovement(transaction);
      return {
        id: movement.providerId,
        accountId: movement.accountProviderId,
        postedAt: movement.postedAt.toISOString(),
        postedOn: dateInBrasilia(movement.postedAt),
        amount: movement.amount,
        description: movement.description,
        operationType: movement.operationType,
        counterpartyDocument: movement.counterpartyDocument,
        counterpartyName: movement.counterpartyName,
        endToEndId: movement.endToEndId,
        originalEndToEndId: movement.originalEndToEndId,
        checkNumber: movement.checkNumber,
        status: movement.status,
      };
    });
}
