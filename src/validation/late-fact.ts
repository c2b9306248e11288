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
 * Whether what `decide` says now speaks against the decision that stands: it gives blocking or review
 * reasons that were not known then (a reviewer has seen the known ones). The result is the reason of
 * the review to open, or null; the standing decision is never overwritten.
 */
export function lateFact(standing: StandingDecision, now: Decision): Reason | null {
  if (!OPEN_TO_DOUBT.includes(standing.status)) return null;
  const known = new Set(standing.reasons.map(identity));
  const fresh = now.reasons.filter(
    (reason) => reason.severity !== "NOTE" && !known.has(identity(reason)),
  );
  if (fresh.length === 0) return null;
  const codes = [...new Set(fresh.map(({ code }) => code))].sort();
  return { code: "LATE_FACT", severity: "REVIEW", evidence: { status: standing.status, codes } };
}

function identity({ code, evidence }: Reason): string {
  return `${code} ${canonicalJson(evidence)}`;
}
