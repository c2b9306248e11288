import type { TimestampCandidate } from "../fields/timestamp.ts";
import { asWritten, type TimestampEvidence } from "./timestamp-evidence.ts";

/** An id is made up to 12 hours before the payment (BCB). */
export const ID_BEFORE_MINUTES = 12 * 60;

/** Of a harmed hour a look guessed with 0.41 what the id had. */
const KNOWN_LEAST = 0.5;

/**
 * Whether the id has the very minute that was read. Then what else was read of it is a misreading: another hour, or another day,
 * would have to be misread into just that one. A minute beside it may be: a 46 was read as 45, three times and surely. And an id with
 * an 8 that may be a zero is misread where the hour is, too.
 */
export function isOfMoment(
  input: Pick<TimestampEvidence, "pixInstant" | "pixMayBe" | "offset">,
  chosen: TimestampCandidate,
  day: string,
): boolean {
  return (
    minutesAfterId(input, chosen, day) === 0 &&
    input.pixMayBe.length === 0 &&
    chosen.timeConfidence >= KNOWN_LEAST
  );
}

/** Whether the id would have the minute, were an 8 of it a zero: then it says nothing. */
export function mayBeOfMoment(
  { pixMayBe, ...input }: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): boolean {
  return pixMayBe.some((pixInstant) => minutesAfterId({ ...input, pixInstant }, chosen, day) === 0);
}

/** How many minutes the printed hour is after the id was made; undefined without an hour or an id. */
export function minutesAfterId(
  input: Pick<TimestampEvidence, "pixInstant" | "offset">,
  chosen: TimestampCandidate,
  day: string,
): number | undefined {
  if (input.pixInstant === undefined || chosen.time === undefined) {
    return undefined;
  }
  const printed = new Date(asWritten(input, day, chosen, "minute"));
  return (printed.getTime() - input.pixInstant.getTime()) / 60_000;
}
