import { dateInBrasilia } from "../../calendar/brasilia.ts";
import { weekdayOf } from "../fields/dates.ts";
import {
  agreesOnDate,
  hasOfLaterYear,
  hasWhole,
  surenessOnDate,
} from "../fields/second-reading.ts";
import type { TimestampCandidate } from "../fields/timestamp.ts";
import { ID_BEFORE_MINUTES, isOfMoment, mayBeOfMoment } from "./pix-moment.ts";
import { oneDigitUsual, showsStrokedZeros, type TimestampEvidence } from "./timestamp-evidence.ts";
import {
  countsOf,
  DISPUTED,
  LEFT_BY,
  outvoted,
  SUREST_LEAST,
  sureness,
  UNSUPPORTED,
  type Weighed,
  type WeighedAgreement,
  weighReadings,
  withoutDissent,
  witness,
} from "./weighed.ts";

/**
 * Of a face whose zeros are read as 8 tesseract is never sure which of both it sees; where only one day can be meant that
 * changes nothing. So many looks, and not one against them, need be no surer than this.
 */
const SUREST_LEAST_STROKED = 0.7;
const AGREEING_STROKED = 6;

/** Weighs the day: readings, Pix id, key, weekday, a second printing; nothing may be of a day to come. */
export function weighDate(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): Weighed {
  const isKnown = isOfMoment(input, chosen, day);
  const looked = input.secondReadings.map(
    (reading): WeighedAgreement => ({
      agreement: agreesOnDate(reading, day, input.order, input.referenceDate, chosen.zeros),
      otherData: reading.otherData,
      last: reading.last,
    }),
  );
  const agreements = withoutDissent([...looked, ...outvoted(chosen.outvoted)], isKnown);
  const weighed = weighReadings(input.method, chosen.dateConfidence, agreements, isKnown);
  const surest = Math.max(
    chosen.dateConfidence,
    ...input.secondReadings.map((reading) => surenessOnDate(reading, day, chosen.zeros)),
  );
  const { agreeing, against } = countsOf(looked);
  const isStroked = chosen.zeros === "ANYWHERE" && agreeing >= AGREEING_STROKED && against === 0;
  const leastSure = isStroked ? SUREST_LEAST_STROKED : SUREST_LEAST;
  if (input.method === "OCR" && !isKnown && surest < leastSure) {
    weighed.doubt = Math.max(weighed.doubt, UNSUPPORTED);
  }
  const isOfLaterYear = input.secondReadings.some((reading) =>
    hasOfLaterYear(reading, day, input.referenceDate, chosen.zeros),
  );
  if (isOfLaterYear && !isKnown && input.method === "OCR") {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  if (!isKnown && /[12]8$/.test(day) && showsStrokedZeros(input)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  const isWhole = input.secondReadings.some((reading) => hasWhole(reading, day, chosen.zeros));
  if (chosen.shortened && !isWhole && input.method === "OCR" && !oneDigitUsual(input)) {
    weighed.doubt = Math.max(weighed.doubt, UNSUPPORTED);
  }
  if (chosen.orderEvidence !== undefined) {
    weighed.evidence.push(chosen.orderEvidence);
  }
  if (day > input.referenceDate) {
    weighed.contradictedBy = "REFERENCE_DATE";
  }
  if (input.keyMonth !== undefined) {
    witness(weighed, day.startsWith(input.keyMonth), "DFE_KEY", LEFT_BY.DFE_KEY);
  }
  if (chosen.weekday !== undefined) {
    witness(weighed, weekdayOf(day) === chosen.weekday, "WEEKDAY", LEFT_BY.WEEKDAY);
  }
  if (input.pixInstant !== undefined && !mayBeOfMoment(input, chosen, day)) {
    const first = dateInBrasilia(input.pixInstant);
    const last = dateInBrasilia(new Date(input.pixInstant.getTime() + ID_BEFORE_MINUTES * 60_000));
    const left = isKnown ? LEFT_BY.END_TO_END_ID_MOMENT : LEFT_BY.END_TO_END_ID_DAY;
    witness(weighed, day === first || day === last, "END_TO_END_ID", left);
  }
  if (input.draft.printings > 1) {
    witness(weighed, true, "PRINTED_TWICE", LEFT_BY.PRINTED_TWICE);
  }
  weighed.traits.surest = sureness(surest);
  weighed.traits.labelled = chosen.role === "NONE" ? 0 : 1;
  return weighed;
}
