import type pg from "pg";
import { z } from "zod";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { lateFacts } from "./late-fact.ts";
import { type LoadedExpense, loadFacts } from "./load-facts.ts";
import { reasonsColumn } from "./reasons-column.ts";
import {
  type MadeDecision,
  type OpenReview,
  openReviews,
  storeDecisions,
} from "./store-decisions.ts";

/** A supplier that expenses wait for. */
export interface MissingSupplier {
  cnpj: string;
  organizationId: string;
}

/** A document that expenses wait for. */
export interface UnreadDocument {
  sha256: string;
  organizationId: string;
}

export interface ValidationResult {
  decided: number;
  /** The status of each that was decided. */
  statuses: string[];
  waiting: number;
  missingSuppliers: MissingSupplier[];
  unreadDocuments: UnreadDocument[];
}

const doubtable = z.enum(["APPROVED", "AWAITING_SECOND_APPROVAL", "MANUAL_REVIEW"]);

/**
 * Validates expenses in the running transaction: loads their facts, decides each, stores what was decided. Validating
 * again gives the same and writes nothing. A fact that contradicts a decision opens a review and overwrites nothing.
 */
export async function validateExpenses(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<ValidationResult> {
  const loaded = await loadFacts(client, expenseIds, now);
  const answers = loaded.map((expense) => ({ expense, decision: decide(expense.facts) }));
  const pending = answers.filter(({ expense }) => expense.standing.status === "PENDING");
  const made: MadeDecision[] = pending
    .filter(({ decision }) => decision.status !== "PENDING")
    .map(({ expense, decision }) => ({
      condominiumId: expense.condominiumId,
      facts: expense.facts,
      decision,
    }));

  const changed = await storeDecisions(client, made);
  const applied = made.filter(({ facts }) => changed.has(facts.expense.id));
  await openReviews(client, [
    ...applied.flatMap(reviewOf),
    ...answers.flatMap(({ expense, decision }) => lateReview(expense, decision)),
  ]);
  return {
    decided: applied.length,
    statuses: applied.map(({ decision }) => decision.status),
    waiting: pending.length - made.length,
    missingSuppliers: answers
      .filter(({ expense }) => expense.facts.supplier.state === "MISSING")
      .flatMap(({ expense }) => missingSupplier(expense)),
    unreadDocuments: loaded.flatMap(({ unreadDocuments, organizationId }) =>
      unreadDocuments.map((sha256) => ({ sha256, organizationId })),
    ),
  };
}

function reviewOf({ condominiumId, facts, decision }: MadeDecision): OpenReview[] {
  const review = { condominiumId, expenseId: facts.expense.id, reasons: decision.reasons };
  switch (decision.status) {
    case "MANUAL_REVIEW":
      return [{ ...review, kind: "EXPENSE", requires: null }];
    case "AWAITING_SECOND_APPROVAL":
      return [{ ...review, kind: "SECOND_APPROVAL", requires: decision.secondApproval }];
    default:
      return [];
  }
}

function lateReview(expense: LoadedExpense, decision: Decision): OpenReview[] {
  const status = doubtable.safeParse(expense.standing.status);
  if (!status.success) return [];
  const late = lateFacts(
    { status: status.data, reasons: reasonsColumn.parse(expense.standing.reasons) },
    decision.reasons,
  );
  if (late.length === 0) return [];
  return [
    {
      condominiumId: expense.condominiumId,
      expenseId: expense.facts.expense.id,
      kind: "LATE_FACT",
      reasons: late,
      requires: null,
    },
  ];
}

function missingSupplier({ facts, organizationId }: LoadedExpense): MissingSupplier[] {
  const cnpj = facts.expense.payee.document;
  return cnpj === null ? [] : [{ cnpj, organizationId }];
}
