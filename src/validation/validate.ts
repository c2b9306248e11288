import type pg from "pg";
import { z } from "zod";
import { decide } from "./decide.ts";
import type { Decision } from "./decision.ts";
import { lateFacts } from "./late-fact.ts";
import { type LoadedExpense, loadFacts } from "./load-facts.ts";
import { reasonsColumn } from "./reasons-column.ts";
import {
  type MadeDecision,
  madeDecision,
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

/** What is to be done for one expense. */
interface Answer {
  isPending: boolean;
  /** Undefined when it goes on waiting, or is decided already. */
  made: MadeDecision | undefined;
  /** What a person has to look at: once it is so decided, or because of a late fact. */
  review: OpenReview | undefined;
  missingSupplier: MissingSupplier | undefined;
  unreadDocuments: UnreadDocument[];
}

/**
 * Validates expenses in the running transaction: loads their facts, decides each, stores what was decided. Validating
 * again gives the same and writes nothing. A fact that contradicts a decision opens a review and overwrites nothing.
 */
export async function validateExpenses(
  client: pg.ClientBase,
  expenseIds: readonly string[],
  now: Date,
): Promise<ValidationResult> {
  const answers = await loadFacts(client, expenseIds, now, answerTo);
  const made = answers.flatMap((answer) => answer.made ?? []);
  const changed = await storeDecisions(client, made);
  const isApplied = ({ expenseId }: MadeDecision) => changed.has(expenseId);
  const applied = made.filter(isApplied);
  await openReviews(
    client,
    answers.flatMap(({ made, review }) =>
      review && (made === undefined || isApplied(made)) ? review : [],
    ),
  );
  return {
    decided: applied.length,
    statuses: applied.map(({ status }) => status),
    waiting: answers.filter(({ isPending, made }) => isPending && made === undefined).length,
    missingSuppliers: answers.flatMap(({ missingSupplier }) => missingSupplier ?? []),
    unreadDocuments: answers.flatMap(({ unreadDocuments }) => unreadDocuments),
  };
}

function answerTo(expense: LoadedExpense): Answer {
  const { facts, organizationId, standing, unreadDocuments } = expense;
  const decision = decide(facts);
  const isPending = standing.status === "PENDING";
  const isDecided = isPending && decision.status !== "PENDING";
  return {
    isPending,
    made: isDecided ? madeDecision(facts, decision) : undefined,
    review: isDecided ? reviewOf(expense, decision) : lateReview(expense, decision),
    missingSupplier: facts.supplier.state === "MISSING" ? missingSupplier(expense) : undefined,
    unreadDocuments: unreadDocuments.map((sha256) => ({ sha256, organizationId })),
  };
}

function reviewOf(
  { condominiumId, facts }: LoadedExpense,
  { status, reasons, secondApproval }: Decision,
): OpenReview | undefined {
  const review = { condominiumId, expenseId: facts.expense.id, reasons };
  switch (status) {
    case "MANUAL_REVIEW":
      return { ...review, kind: "EXPENSE", requires: null };
    case "AWAITING_SECOND_APPROVAL":
      return { ...review, kind: "SECOND_APPROVAL", requires: secondApproval };
    default:
      return undefined;
  }
}

/** Only of what was decided before: of a pending expense there is nothing to speak against. */
function lateReview(expense: LoadedExpense, decision: Decision): OpenReview | undefined {
  const status = doubtable.safeParse(expense.standing.status);
  if (!status.success) return undefined;
  const late = lateFacts(
    { status: status.data, reasons: reasonsColumn.parse(expense.standing.reasons) },
    decision.reasons,
  );
  if (late.length === 0) return undefined;
  return {
    condominiumId: expense.condominiumId,
    expenseId: expense.facts.expense.id,
    kind: "LATE_FACT",
    reasons: late,
    requires: null,
  };
}

function missingSupplier({ facts, organizationId }: LoadedExpense): MissingSupplier | undefined {
  const cnpj = facts.expense.payee.document;
  return cnpj === null ? undefined : { cnpj, organizationId };
}
