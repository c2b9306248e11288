import type { Thresholds } from "./facts.ts";
import type { Reason } from "./reason.ts";

/** What `decide` can answer; CANCELLED is a person's doing and never the decision's. */
export type DecisionStatus =
  | "PENDING"
  | "APPROVED"
  | "REJECTED"
  | "MANUAL_REVIEW"
  | "AWAITING_SECOND_APPROVAL";

/** EARLIER_RECEIPT: of an earlier expense that looks the same; its document may be this one's, handed in twice. */
export type MissingFact = "SUPPLIER" | "RECEIPT" | "EARLIER_RECEIPT";

/** Who gives the second approval. */
export type Approver = "SECOND_APPROVER" | "CONDOMINIUM";

export interface Decision {
  status: DecisionStatus;
  /** The required facts that have not come; empty unless the status is PENDING. */
  waitingFor: MissingFact[];
  /** Heaviest first, then by code; the same facts give the same list. */
  reasons: Reason[];
  /**
   * Who must approve besides, or null. It stands whatever the status is: an expense above the limit
   * that a reviewer lets pass still needs it.
   */
  secondApproval: Approver | null;
  /** Version of this code and hash of the rules in force, "1.4f0c…". */
  ruleVersion: string;
  thresholds: Thresholds;
  /** SHA-256 of the facts, hex (see `facts-hash.ts`). */
  factsHash: string;
}
