import type { TimestampCandidate } from "../fields/timestamp.ts";
import type { TimestampPrecision } from "../reading.ts";
import { hourAgreements } from "./hour-agreements.ts";
import { evenInk, isHarmed } from "./hour-ink.ts";
import { ID_BEFORE_MINUTES, isOfMoment, mayBeOfMoment, minutesAfterId } from "./pix-moment.ts";
import { showsStrokedZeros, type TimestampEvidence } from "./timestamp-evidence.ts";
import {
  DISPUTED,
  holds,
  LEFT_BY,
  outvoted,
  type Weighed,
  type WeighedAgreement,
  weighReadings,
  withoutDissent,
  witness,
} from "./weighed.ts";

/** Slow confirmations take minutes, and clocks differ. */
const SAME_MOMENT_MINUTES = 5;
const CLOCK_SLACK_MINUTES = 2;

/** Weighs the hour: readings, ink, Pix id. */
export function weighHour(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
  precision: "minute" | "second",
): Weighed {
  const isKnown = isOfMoment(input, chosen, day);
  const weighed = weighPrintedHour(input, chosen, precision, isKnown);
  const minutes = minutesAfterId(input, chosen, day);
  if (minutes === undefined || isHarmed(input, chosen) || mayBeOfMoment(input, chosen, day)) {
    return weighed;
  }
  if (minutes < -CLOCK_SLACK_MINUTES || minutes > ID_BEFORE_MINUTES + SAME_MOMENT_MINUTES) {
    weighed.contradictedBy = "PIX_END_TO_END";
  } else if (minutes >= 0 && minutes <= SAME_MOMENT_MINUTES && !isKnown) {
    witness(weighed, true, "END_TO_END_ID", LEFT_BY.END_TO_END_ID_NEAR);
  } else if (isKnown) {
    witness(weighed, true, "END_TO_END_ID", LEFT_BY.END_TO_END_ID_MOMENT);
  } else if (input.method === "OCR") {
    // It may have been made hours before, and clocks differ. It may as well be a misread hour: a person looks.
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  return weighed;
}

/**
 * Seconds on which the readings differ, or that the paper alone does not make sure, are left out: an end-to-end id
 * speaks for the minute only.
 */
export function reliedPrecision(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  dateDoubt: number,
): TimestampPrecision {
  const precision = isZoned(input, chosen) ? (input.draft.precision ?? "day") : "day";
  if (precision !== "second") {
    return precision;
  }
  const sure = holds(dateDoubt + weighPrintedHour(input, chosen, "second", false).doubt);
  return sure ? "second" : "minute";
}

/** The hour by what stands on the paper alone. */
function weighPrintedHour(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  precision: "minute" | "second",
  isKnown: boolean,
): Weighed {
  const agreements = [
    ...hourAgreements(input, chosen).map(
      ({ agreement, ...look }): WeighedAgreement => ({
        agreement: agreement === "MINUTE" && precision === "minute" ? "AGREES" : agreement,
        ...look,
      }),
    ),
    ...outvoted(chosen.outvotedHours),
  ];
  const weighed = weighReadings(
    input.method,
    chosen.timeConfidence,
    withoutDissent(agreements, isKnown),
    isKnown,
  );
  if (isHarmed(input, chosen)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  const isOpen = /^[01]8|:\d8/.test(chosen.time?.time.slice(0, 5) ?? "");
  if (!isKnown && isOpen && showsStrokedZeros(input)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  weighed.traits.evenInk = evenInk(chosen);
  return weighed;
}

/** An hour of an unknown zone is no instant: such a document keeps its day alone. */
function isZoned({ offset }: TimestampEvidence, { time }: TimestampCandidate): boolean {
  return (time?.offset ?? offset) !== undefined;
}
