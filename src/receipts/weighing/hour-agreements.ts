import { agreesOnTime } from "../fields/second-reading.ts";
import type { TimestampCandidate } from "../fields/timestamp.ts";
import { oneDigitUsual, type TimestampEvidence } from "./timestamp-evidence.ts";
import type { WeighedAgreement } from "./weighed.ts";

/** What the looks say of the hour. */
export function hourAgreements(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
): WeighedAgreement[] {
  const time = chosen.time?.time;
  return time === undefined
    ? []
    : input.secondReadings.map((reading) => ({
        agreement: agreesOnTime(reading, time, {
          oneDigitHour: oneDigitUsual(input),
          zeros: chosen.zeros,
        }),
        otherData: reading.otherData,
        last: reading.last,
      }));
}
