import type { PrintedInk, TimestampCandidate } from "../fields/timestamp.ts";
import { hourAgreements } from "./hour-agreements.ts";
import { isOfMoment } from "./pix-moment.ts";
import type { TimestampEvidence } from "./timestamp-evidence.ts";
import { AGREEING_OF_MANY, SUREST_LEAST } from "./weighed.ts";

/**
 * Ink of the hour's digits over that of the date's beside them (see `inkRatio`). On 125 drawn pages it lay between 0.77 and 1.23,
 * twice at less; on those hours of which half of each digit was gone, and that were read as another hour, between 0.57 and 0.77.
 */
const INK_LEAST = 0.8;
const INK_MOST = 1.3;

/**
 * Of an hour that all looks read alike and the page surely, so much. Of 20 hours of which half of each digit was gone none was read
 * with more than 0.93.
 */
const INK_LEAST_SURE = 0.65;
const SURE_HOUR = 0.94;

/** And so much of one that a Pix's id has. */
const INK_LEAST_KNOWN = 0.7;
const CONTRAST_LEAST = 0.75;
const CONTRAST_LEAST_SURE = 0.5;

/** Whether the digits of the hour have much less, or more, ink than those of the date, or are much paler. */
export function isHarmed(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const { timeInk, dateInk } = chosen;
  if (timeInk.length === 0 || dateInk.length === 0) {
    return false;
  }
  const amount = inkRatio(timeInk, dateInk);
  const contrast =
    mean(timeInk.map((ink) => ink.contrast)) / mean(dateInk.map((ink) => ink.contrast));
  const isSure = isSurelyRead(input, chosen);
  const least = isSure
    ? INK_LEAST_SURE
    : isSurelyKnown(input, chosen)
      ? INK_LEAST_KNOWN
      : INK_LEAST;
  return (
    amount < least ||
    amount > INK_MOST ||
    contrast < (isSure ? CONTRAST_LEAST_SURE : CONTRAST_LEAST)
  );
}

/** How much of the ink that the date has the hour has, of at most as much: 1 where that is not known. */
export function evenInk({ timeInk, dateInk }: TimestampCandidate): number {
  return timeInk.length === 0 || dateInk.length === 0 ? 1 : Math.min(1, inkRatio(timeInk, dateInk));
}

/** Whether an hour that was not badly read is the one that the id has. */
function isSurelyKnown(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const [day] = chosen.dates;
  return (
    day !== undefined && chosen.timeConfidence >= SUREST_LEAST && isOfMoment(input, chosen, day)
  );
}

/** Whether the page has the hour surely, and looks of both data have it, and none another. */
function isSurelyRead(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const agreements = hourAgreements(input, chosen);
  const agreeing = agreements.filter(
    ({ agreement }) => agreement === "AGREES" || agreement === "MINUTE",
  );
  return (
    chosen.timeConfidence >= SURE_HOUR &&
    chosen.outvotedHours === 0 &&
    agreeing.some(({ otherData }) => otherData) &&
    agreeing.some(({ otherData }) => !otherData) &&
    agreeing.length >= AGREEING_OF_MANY &&
    agreements.every(({ agreement }) => agreement !== "DIFFERS")
  );
}

/**
 * The ink of the hour over that of the date. Amounts are of squares of the boxes' heights; strokes between a date's numbers may
 * reach far beyond its digits, so its box, where it is the taller one, tells nothing of their height: the hour's does for both.
 */
function inkRatio(timeInk: readonly PrintedInk[], dateInk: readonly PrintedInk[]): number {
  const heightOf = (ink: readonly PrintedInk[]): number => mean(ink.map(({ height }) => height));
  const amountOf = (ink: readonly PrintedInk[]): number => mean(ink.map(({ amount }) => amount));
  const lower = Math.min(1, heightOf(timeInk) / heightOf(dateInk));
  return (lower ** 2 * amountOf(timeInk)) / amountOf(dateInk);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
