import type { Reason } from "../validation/reason.ts";
import type { PreparedMovement } from "./prepared.ts";
import { amountText, note } from "./reasons.ts";
import { type Rank, rankOf } from "./undo-candidates.ts";

/** An original (debit, or credit of income) and the later movement that undoes it. */
export type Undone = {
  undoer: PreparedMovement;
  original: PreparedMovement;
  amount: bigint;
  confidence: number;
  reasons: Reason[];
};

const CONFIDENCE: Record<Rank, number> = { DOCUMENT: 0.99, NAME: 0.98, UNKNOWN: 0.95 };
const CONFIDENCE_IN_PART: Record<Rank, number> = { DOCUMENT: 0.96, NAME: 0.93, UNKNOWN: 0 };
/** The only recent one of several Pix to the party. */
const CONFIDENCE_BY_RECENCY = 0.9;

/** A link by memo for the whole amount. */
export function inFull(
  undoer: PreparedMovement,
  original: PreparedMovement,
  rank: Rank,
  identical: number,
): Undone {
  const reasons = [note("REFUND_BY_MEMO", memoEvidence(undoer, original, rank))];
  if (identical > 1) reasons.push(note("REFUND_FIRST_IN_FIRST_OUT", { identical }));
  return { undoer, original, amount: undoer.size, confidence: CONFIDENCE[rank], reasons };
}

/** A link by memo for a part of a Pix. */
export function inPart(
  undoer: PreparedMovement,
  original: PreparedMovement,
  candidates: number,
): Undone {
  const rank = rankOf(undoer, original) ?? "UNKNOWN";
  const reasons = [
    note("REFUND_IN_PART", {
      ...memoEvidence(undoer, original, rank),
      debit: amountText(original.size),
      candidates,
    }),
  ];
  const confidence = candidates === 1 ? CONFIDENCE_IN_PART[rank] : CONFIDENCE_BY_RECENCY;
  return { undoer, original, amount: undoer.size, confidence, reasons };
}

function memoEvidence(undoer: PreparedMovement, original: PreparedMovement, rank: Rank) {
  return {
    rule: undoer.rule?.id ?? null,
    amount: amountText(undoer.size),
    days: undoer.day - original.day,
    supplier: rank === "DOCUMENT" ? "SAME_DOCUMENT" : rank === "NAME" ? "SAME_NAME" : "FROM_DEBIT",
  };
}
