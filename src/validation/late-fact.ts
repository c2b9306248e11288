import { canonicalJson } from "./canonical-json.ts";
import type { Decision, DecisionStatus } from "./decision.ts";
import type { Reason } from "./reason.ts";

/** The decision that stands, as far as it counts here. */
export type StandingDecision = Pick<Decision, "reasons"> & { status: DecisionStatus };

/** The statuses that something learned later can still speak against; a rejection is final. */
const OPEN_TO_DOUBT: readonly DecisionStatus[] = [
  "APPROVED",
  "AWAITING_SECOND_APPROVAL",
  "MANUAL_REVIEW",
];

/**
 * Whether the reasons that are found now speak against the decision that stands: blocking or review
 * reasons that were not known then (a reviewer has seen the known ones). The result are the reasons of
 * the review to open, LATE_FACT first and what it tells of after it, or none; the standing decision is
 * never overwritten.
 */
export function lateFacts(standing: StandingDecision, now: readonly Reason[]): Reason[] {
  if (!OPEN_TO_DOUBT.includes(standing.status)) return [];
  const known = new Set(standing.reasons.map(identity));
  const fresh = now.filter((reason) => reason.severity !== "NOTE" && !known.has(identity(reason)));
  if (fresh.length === 0) return [];
  const codes = [...new Set(fresh.map(({ code }) => code))].sort();
  const evidence = { status: standing.status, codes };
  return [{ code: "LATE_FACT", severity: "REVIEW", evidence }, ...fresh];
}

function identity({ code, evidence }: Reason): string {
  return `${code} ${canonicalJson(evidence)}`;
}
