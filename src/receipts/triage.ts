import type { Reason } from "../validation/reason.ts";
import { requiresHour } from "./fields/date-role.ts";
import type { TimestampCandidate } from "./fields/timestamp.ts";
import {
  dayProbability,
  hourProbability,
  LEAST_PROBABILITY,
  TEXT_LAYER_PROBABILITY,
} from "./probability.ts";
import { NO_TIMESTAMP, type TimestampField, type TimestampPrecision } from "./reading.ts";
import { asWritten, type TimestampEvidence } from "./weighing/timestamp-evidence.ts";
import { weighDate } from "./weighing/weigh-date.ts";
import { reliedPrecision, weighHour } from "./weighing/weigh-hour.ts";
import { holds, type Weighed } from "./weighing/weighed.ts";
import { around } from "./words.ts";

export interface Triage {
  timestamp: TimestampField;
  verdict: "ACCEPTED" | "MANUAL_REVIEW";
  reasons: Reason[];
}

/**
 * Decides whether the timestamp can be relied upon: nothing contradicts it, too little doubt is left to refuse it, and it is
 * probable enough. Pure. Only doubt about the timestamp (or a slip that proves no payment) sends a document to a person; a
 * part that is in doubt is left out of the value, never mended.
 *
 * @param least the probability from which on a timestamp is accepted.
 */
export function triage(input: TimestampEvidence, least = LEAST_PROBABILITY): Triage {
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
  return judge(input, chosen, day, least);
}

/** The day and hour of a draft, weighed, before anything is asked of their probability. */
export interface Judgement {
  date: Weighed;
  /** To which the hour's evidence lets it be relied upon. */
  precision: TimestampPrecision;
  /** Undefined with precision "day". */
  hour: Weighed | undefined;
  /** Whether the kind of document requires an hour. */
  needed: boolean;
  /** The evidence leaves so little doubt of it, and contradicts nothing. */
  dayHolds: boolean;
  hourHolds: boolean;
}

/** Weighs a draft whose day is clear. */
export function judgementOf(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): Judgement {
  const date = weighDate(input, chosen, day);
  const precision = reliedPrecision(input, chosen, date.doubt);
  const hour = precision === "day" ? undefined : weighHour(input, chosen, day, precision);
  return {
    date,
    precision,
    hour,
    needed: requiresHour(input.kind),
    dayHolds: date.contradictedBy === undefined && holds(date.doubt),
    hourHolds:
      hour !== undefined && hour.contradictedBy === undefined && holds(date.doubt + hour.doubt),
  };
}

function judge(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
  least: number,
): Triage {
  const { date, precision, hour, needed, ...holding } = judgementOf(input, chosen, day);
  const isText = input.method === "TEXT_LAYER";
  const dayIsRight = isText ? TEXT_LAYER_PROBABILITY : dayProbability(date.traits);
  const bothAreRight = dayIsRight * (hour && !isText ? hourProbability(hour.traits) : 1);
  const dayStands = holding.dayHolds && dayIsRight >= least;
  const hourStands = holding.hourHolds && bothAreRight >= least;
  const best = asWritten(input, day, chosen, precision);
  const reasons: Reason[] = [];

  const witness = date.contradictedBy ?? hour?.contradictedBy;
  if (witness !== undefined) {
    reasons.push(reason("TIMESTAMP_CONTRADICTED", { value: best, witness }));
  } else if (!dayStands || (needed && hour !== undefined && !hourStands)) {
    reasons.push(
      reason("TIMESTAMP_LOW_CONFIDENCE", {
        value: best,
        confidence: rounded(bothAreRight),
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
  const kept: TimestampPrecision | null = !dayStands ? null : hourStands ? precision : "day";
  const timestamp: TimestampField = {
    value: kept === null ? null : asWritten(input, day, chosen, kept),
    precision: kept,
    confidence: rounded(needed || hourStands ? bothAreRight : dayIsRight),
    evidence: [...new Set([...date.evidence, ...(hourStands ? (hour?.evidence ?? []) : [])])],
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
  return Math.round(confidence * 10_000) / 10_000;
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
