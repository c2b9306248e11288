import { z } from "zod";

/** What is asked of the reading of a receipt beyond what the reader's own verdict has asked. */
export interface ReadingDemands {
  /** The probability from which on a timestamp is relied upon, 0 to 1. */
  leastConfidence: number;
  /** Whether every document must show an hour, not only those of which the hour tells one payment from the next. */
  hourRequired: boolean;
}

/** A receipt as it is loaded: what becomes a fact, and what the demands look at. */
const loadedReading = z.looseObject({
  verdict: z.string(),
  reasonCodes: z.array(z.string()),
  timestamp: z.string().nullable(),
  /** Null of a reading that was erased. */
  confidence: z.number().nullable(),
  precision: z.string().nullable(),
});

export const loadedReceipt = z.looseObject({ reading: loadedReading.nullable() });

type LoadedReceipt = z.infer<typeof loadedReceipt>;

/**
 * A receipt as a fact of an organization's expenses. Where its reading does not meet the demands it is one for a person, with
 * the reader's own codes; a timestamp that is not relied upon is none. Demands only take away: they accept nothing.
 */
export function demandedReceipt(
  { reading, ...receipt }: LoadedReceipt,
  demands: ReadingDemands,
): unknown {
  if (reading === null) return { ...receipt, reading };
  const { confidence, precision, ...fact } = reading;
  const { leastConfidence, hourRequired } = demands;
  const missed = [
    ...(fact.timestamp !== null && (confidence ?? 0) < leastConfidence
      ? ["TIMESTAMP_LOW_CONFIDENCE"]
      : []),
    ...(hourRequired && precision === "day" ? ["HOUR_MISSING"] : []),
  ];
  if (missed.length === 0) return { ...receipt, reading: fact };
  return {
    ...receipt,
    reading: {
      ...fact,
      verdict: "MANUAL_REVIEW",
      reasonCodes: [...new Set([...fact.reasonCodes, ...missed])].sort(),
      timestamp: missed.includes("TIMESTAMP_LOW_CONFIDENCE") ? null : fact.timestamp,
    },
  };
}
