import type { Reason } from "../validation/reason.ts";
import { requiresHour } from "./fields/date-role.ts";
import type { TimestampCandidate } from "./fields/timestamp.ts";
import { NO_TIMESTAMP, type TimestampField, type TimestampPrecision } from "./reading.ts";
import {
  asWritten,
  holds,
  reliedPrecision,
  type TimestampEvidence,
  weighDate,
  weighHour,
} from "./timestamp-evidence.ts";
import { around } from "./words.ts";

export interface Triage {
  timestamp: TimestampField;
  verdict: "ACCEPTED" | "MANUAL_REVIEW";
  reasons: Reason[];
}

/**
 * Decides whether the timestamp can be relied upon. Pure. Only doubt about the timestamp (or a slip that proves no
 * payment) sends a document to a person; a part that is in doubt is left out of the value, never mended.
 */
export function triage(input: TimestampEvidence): Triage {
  if (input.kind === "SCHEDULING") {
    return review(NO_TIMESTAMP, [reason("SCHEDULED_NOT_PAID", {})]);
  }
  const { draft } = input;
  if (draft.ambiguousDates.length > 0) {
    return review(NO_TIMESTAMP, [ambiguous(draft.ambiguousDates)]);
  }
  const { chosen } = draft;
  const [day, otherDay] = chosen?.dates ?? [];
  if (!chosen || day === undefined) {
    return review(NO_TIMESTAMP, [reason("TIMESTAMP_MISSING", {})]);
  }
  if (otherDay !== undefined) {
    return review(NO_TIMESTAMP, [ambiguous(chosen.dates)]);
  }
  return judge(input, chosen, day);
}

function judge(input: TimestampEvidence, chosen: TimestampCandidate, day: string): Triage {
  const date = weighDate(input, chosen, day);
  const precision = reliedPrecision(input, chosen, date.doubt);
  const hour = precision === "day" ? undefined : weighHour(input, chosen, day, precision);
  const best = asWritten(input, day, chosen, precision);
  const needed = requiresHour(input.kind);
  const hourHolds =
    hour !== undefined && hour.contradictedBy === undefined && holds(date.doubt + hour.doubt);
  const reasons: Reason[] = [];

  const witness = date.contradictedBy ?? hour?.contradictedBy;
  if (witness !== undefined) {
    reasons.push(reason("TIMESTAMP_CONTRADICTED", { value: best, witness }));
  } else if (!holds(date.doubt) || (needed && hour !== undefined && !hourHolds)) {
    const confidence = rounded(1 - date.doubt - (hour?.doubt ?? 0));
    reasons.push(
      reason("TIMESTAMP_LOW_CONFIDENCE", {
        value: best,
        confidence,
        candidates: otherReadings(input),
      }),
    );
  }
  if (needed && hour === undefined) {
    reasons.push(
      input.draft.ambiguousTimes.length > 0
        ? ambiguous(input.draft.ambiguousTimes.map((time) => `${day} ${time}`))
        : reason("HOUR_MISSING", { value: day, printed: chosen.damaged.join(" ") || null }),
    );
  }
  const dayHolds = date.contradictedBy === undefined && holds(date.doubt);
  const kept: TimestampPrecision | null = !dayHolds ? null : hourHolds ? precision : "day";
  const timestamp: TimestampField = {
    value: kept === null ? null : asWritten(input, day, chosen, kept),
    precision: kept,
    confidence: rounded(
      Math.max(0, 1 - date.doubt - (needed || hourHolds ? (hour?.doubt ?? 0) : 0)),
    ),
    evidence: [...new Set([...date.evidence, ...(hourHolds ? (hour?.evidence ?? []) : [])])],
    box: around(chosen.strips.map((strip) => strip.box)),
    page: chosen.strips[0]?.page ?? null,
  };
  return reasons.length > 0
    ? review(timestamp, reasons)
    : { timestamp, verdict: "ACCEPTED", reasons: [] };
}

/** What the other readings of the strips gave, for the person who reviews. */
function otherReadings({ secondReadings }: TimestampEvidence): string[] {
  return [...new Set(secondReadings.flatMap(({ line }) => line?.text ?? []))];
}

function rounded(confidence: number): number {
  return Math.max(0, Math.round(confidence * 10_000) / 10_000);
}

function ambiguous(candidates: string[]): Reason {
  return reason("TIMESTAMP_AMBIGUOUS", { candidates });
}

function reason(code: string, evidence: Reason["evidence"]): Reason {
  return { code, severity: "REVIEW", evidence };
}

function review(timestamp: TimestampField, reasons: Reason[]): Triage {
  return { timestamp, verdict: "MANUAL_REVIEW", reasons };
}
