import type { Thresholds } from "./types.ts";

/**
 * The thresholds a run uses unless the organization sets its own. The scores are sums of the
 * weights in `payment-evidence.ts`.
 */
export const DEFAULT_THRESHOLDS: Thresholds = {
  // Regulamento do Pix: a devolução can be started within 90 days of the original Pix.
  pixRefundDays: 90,
  // A payment that never arrived comes back the same day or a few working days later.
  rejectionDays: 10,
  // A bank's own estorno may wait for the month's end.
  otherRefundDays: 35,
  episodeDays: 3,
  recentRefundDays: 10,
  // A utility's debit may come before its bill is entered; a bill may be paid in the month before.
  paymentDaysBefore: 45,
  paymentDaysAfter: 60,
  // Reached by: document and amount; a name and an amount near the due date; a distinct amount
  // within three days of the due date when nothing speaks against it.
  // On generated cases no link is wrong from a margin of 1 on, at any least score from 3: both are on the careful side.
  acceptScore: 4.5,
  acceptMargin: 2,
  reviewScore: 1,
};
