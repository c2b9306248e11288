/** Where an expense must arrive once its facts are in. */
export type End = {
  status: "PENDING" | "APPROVED" | "REJECTED" | "MANUAL_REVIEW" | "AWAITING_SECOND_APPROVAL";
  paymentStatus: "UNPAID" | "PARTIALLY_PAID" | "PAID" | "PARTIALLY_REFUNDED" | "REFUNDED";
  /** False where the bank's data of the condominium is stale or in part: then "UNPAID" says nothing. */
  paymentKnown: boolean;
  /** Codes of severity BLOCK or REVIEW that must be among the reasons; an empty list: there are none. */
  reasons: string[];
};

const end =
  (status: End["status"]) =>
  (paymentStatus: End["paymentStatus"], ...reasons: string[]): End => ({
    status,
    paymentStatus,
    paymentKnown: true,
    reasons,
  });

export const pending = end("PENDING");
export const approved = end("APPROVED");
export const rejected = end("REJECTED");
export const toReview = end("MANUAL_REVIEW");
export const toSecondApprover = end("AWAITING_SECOND_APPROVAL");
