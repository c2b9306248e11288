import { asMeant } from "../fields/as-meant.ts";
import type { OrderEvidence } from "../fields/date-order.ts";
import { findDates } from "../fields/dates.ts";
import type { SecondReading } from "../fields/second-reading.ts";
import type { TimestampCandidate, TimestampDraft } from "../fields/timestamp.ts";
import type { ReceiptKind, TimestampPrecision } from "../reading.ts";

/** Everything that the verdict on the timestamp rests on. */
export interface TimestampEvidence {
  kind: ReceiptKind;
  /** How the page of the timestamp was read. */
  method: "OCR" | "TEXT_LAYER";
  draft: TimestampDraft;
  order: OrderEvidence | undefined;
  secondReadings: readonly SecondReading[];
  /** When the only valid Pix end-to-end id on the document was made. */
  pixInstant: Date | undefined;
  /** When else it may have been made, if an 8 of it is a zero with a stroke. */
  pixMayBe: readonly Date[];
  /** 'YYYY-MM' of the document's own key: of a DF-e, or of an NFS-e, which is one by its nature. */
  keyMonth: string | undefined;
  /** The zone of printed hours that name none, "-03:00"; undefined when it is not known. */
  offset: string | undefined;
  /** 'YYYY-MM-DD': the document cannot be of a later day. */
  referenceDate: string;
}

/** Brazilian documents print two digits of the day and of the hour. */
export function oneDigitUsual({ order }: Pick<TimestampEvidence, "order">): boolean {
  return order?.evidence !== "PORTUGUESE_DOCUMENT";
}

/** With the zone that the hour names, else that of the document's country. */
export function asWritten(
  { offset }: Pick<TimestampEvidence, "offset">,
  day: string,
  { time }: TimestampCandidate,
  precision: TimestampPrecision,
): string {
  const zone = time?.offset ?? offset;
  if (precision === "day" || time === undefined || zone === undefined) {
    return day;
  }
  const clock = precision === "minute" ? `${time.time.slice(0, 5)}:00` : time.time;
  return `${day}T${clock}${zone}`;
}

/**
 * Whether a look has an 8 in the date that can only be a zero, though the page gave none: then any 8 may be one, that all looks see
 * alike. Of a 10:28 all looks made 18:28, and one of them made 81 of the month.
 */
export function showsStrokedZeros({ method, secondReadings }: TimestampEvidence): boolean {
  return (
    method === "OCR" &&
    secondReadings.some(
      ({ line, holds }) =>
        line !== undefined &&
        holds.includes("DATE") &&
        findDates(asMeant(line), "WHERE_IMPOSSIBLE").some(({ stroked }) => stroked),
    )
  );
}
