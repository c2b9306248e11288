import type { DecisionStatus } from "./decision.ts";

export type ExpenseStatus = DecisionStatus | "CANCELLED";

/**
 * Who moves an expense: DECISION (the machine), REVIEW (a person who ends a review), SECOND_APPROVAL
 * (the approver of the alçada), SUBMITTER (who cancels, with a reason).
 */
export type TransitionCause = "DECISION" | "REVIEW" | "SECOND_APPROVAL" | "SUBMITTER";

export interface Transition {
  from: ExpenseStatus;
  to: ExpenseStatus;
  by: TransitionCause;
}

/**
 * Every change of `expenses.status` that there is; SQL holds the same table, and a test compares them.
 *
 * The machine decides once, from PENDING: what it learns afterwards opens a review and never
 * overwrites. Who then finds that it speaks against an approved expense rejects it: that is the only
 * way back. A review that lets pass what is above the alçada leads to the second approval, not round
 * it.
 */
export const TRANSITIONS: readonly Transition[] = [
  { from: "PENDING", to: "APPROVED", by: "DECISION" },
  { from: "PENDING", to: "REJECTED", by: "DECISION" },
  { from: "PENDING", to: "MANUAL_REVIEW", by: "DECISION" },
  { from: "PENDING", to: "AWAITING_SECOND_APPROVAL", by: "DECISION" },
  { from: "MANUAL_REVIEW", to: "APPROVED", by: "REVIEW" },
  { from: "MANUAL_REVIEW", to: "REJECTED", by: "REVIEW" },
  { from: "MANUAL_REVIEW", to: "AWAITING_SECOND_APPROVAL", by: "REVIEW" },
  { from: "AWAITING_SECOND_APPROVAL", to: "APPROVED", by: "SECOND_APPROVAL" },
  { from: "AWAITING_SECOND_APPROVAL", to: "REJECTED", by: "SECOND_APPROVAL" },
  { from: "APPROVED", to: "REJECTED", by: "REVIEW" },
  { from: "PENDING", to: "CANCELLED", by: "SUBMITTER" },
  { from: "MANUAL_REVIEW", to: "CANCELLED", by: "SUBMITTER" },
  { from: "AWAITING_SECOND_APPROVAL", to: "CANCELLED", by: "SUBMITTER" },
];

/** Whether that cause may move an expense so. Staying where it is is no transition. */
export function mayChange(from: ExpenseStatus, to: ExpenseStatus, by: TransitionCause): boolean {
  return TRANSITIONS.some((row) => row.from === from && row.to === to && row.by === by);
}

/** Where the expense stands when a reviewer lets it pass: above the alçada a second person follows. */
export function afterPassedReview(secondApproval: string | null): ExpenseStatus {
  return secondApproval === null ? "APPROVED" : "AWAITING_SECOND_APPROVAL";
}
