import { type Line, weakestOf, wordsBetween } from "../words.ts";
import { asMeant } from "./as-meant.ts";
import type { OrderEvidence } from "./date-order.ts";
import { findDates, type PrintedDate } from "./dates.ts";
import type { StrokedZeros } from "./stroked-zeros.ts";
import { findTimes, type TimeOptions } from "./times.ts";

/** What another reading of a strip of the page gave; the line is undefined when it gave nothing. */
export interface SecondReading {
  holds: ("DATE" | "TIME")[];
  line: Line | undefined;
  /** Read with the data of another language, which err elsewhere. */
  otherData: boolean;
  /** One of the looks that are taken after all others. */
  last: boolean;
}

/**
 * AGREES: exactly the same. MINUTE: the same but for the seconds. SILENT: nothing that is one. DIFFERS: another.
 * DOUBTS: another, but itself read with little certainty.
 */
export type Agreement = "AGREES" | "MINUTE" | "SILENT" | "DIFFERS" | "DOUBTS";

/** Another day whose least certain character was read with less only casts a doubt. */
export const SURE_ENOUGH = 0.75;

/**
 * Whether a second reading has the same date. A day to come is a misreading for certain, and says nothing; nor does one of
 * which the first digit was lost, or whose zeros may be 8s.
 */
export function agreesOnDate(
  reading: SecondReading,
  date: string,
  order: OrderEvidence | undefined,
  referenceDate: string,
  zeros: StrokedZeros,
): Agreement {
  const { line } = reading;
  if (!line || !reading.holds.includes("DATE")) {
    return "SILENT";
  }
  const told = findDates(asMeant(line), zeros).map(({ start, end, meanings, shortened }) => {
    const possible = meanings.filter(
      (meaning) => meaning.date <= referenceDate || meaning.date === date,
    );
    const decided = possible.filter((meaning) => meaning.order === order?.order);
    return {
      meanings: decided.length > 0 ? decided : possible,
      shortened,
      sureness: weakestOf(wordsBetween(line, start, end)),
    };
  });
  if (
    told.some(({ meanings }) => canOnlyMean(meanings, date)) ||
    hasDigitsOf(asMeant(line), date, order)
  ) {
    return "AGREES";
  }
  const others = told.filter(
    ({ meanings, shortened }) =>
      meanings.length > 0 &&
      meanings.every(
        (meaning) => meaning.date !== date && !(shortened && hasLostADigitOf(meaning.date, date)),
      ),
  );
  if (others.length === 0) {
    return "SILENT";
  }
  return others.every(({ sureness }) => sureness < SURE_ENOUGH) ? "DOUBTS" : "DIFFERS";
}

/** What OCR makes of the stroke between the numbers of a date, when it does not lose it. */
const MISREAD = "[1IJL7|]?";

/** Whether all digits of a day stand in the text, of whose strokes one was misread or lost: "17/012018", "20/0472018". */
function hasDigitsOf(folded: string, date: string, order: OrderEvidence | undefined): boolean {
  const [year = "", month = "", day = ""] = date.split("-");
  const [first, second] = order?.order === "MONTH_FIRST" ? [month, day] : [day, month];
  return new RegExp(
    String.raw`(?<!\d)${first}(?:[/.-]${second}${MISREAD}|${MISREAD}${second}[/.-])${year}(?!\d)`,
  ).test(folded);
}

/** Whether one day is another of whose day of the month a digit was lost: "2/04/2018" of "20/04/2018". */
function hasLostADigitOf(day: string, whole: string): boolean {
  const [, lost = ""] = /^0?(\d)$/.exec(day.slice(8)) ?? [];
  return day.slice(0, 8) === whole.slice(0, 8) && lost !== "" && whole.slice(8).includes(lost);
}

/** Whether a date is this day, in one of the orders of day and month. */
function canOnlyMean(meanings: PrintedDate["meanings"], date: string): boolean {
  return meanings.some((meaning) =>
    meanings.every((other) => other.order !== meaning.order || other.date === date),
  );
}

/** Whether a reading has this date with both digits of its day and month: none can have been lost of the one that was read. */
export function hasWhole(
  { line, holds }: SecondReading,
  date: string,
  zeros: StrokedZeros,
): boolean {
  return (
    line !== undefined &&
    holds.includes("DATE") &&
    findDates(asMeant(line), zeros).some(
      ({ meanings, shortened }) => !shortened && canOnlyMean(meanings, date),
    )
  );
}

/**
 * Whether a reading has this day and month of a later year that can be. One digit of a year makes it another: of a noisy page three
 * looks of six read 2026 as 2025, and the others unsurely. Documents are handed in soon, so that the later year is the likelier one.
 */
export function hasOfLaterYear(
  { line, holds }: SecondReading,
  date: string,
  referenceDate: string,
  zeros: StrokedZeros,
): boolean {
  return (
    line !== undefined &&
    holds.includes("DATE") &&
    findDates(asMeant(line), zeros).some(({ meanings }) =>
      meanings.some(
        (meaning) =>
          meaning.date <= referenceDate &&
          meaning.date.slice(4) === date.slice(4) &&
          meaning.date > date,
      ),
    )
  );
}

/** How surely a reading has this date: of its least certain character; 0 when it has not. */
export function surenessOnDate(
  { line, holds }: SecondReading,
  date: string,
  zeros: StrokedZeros,
): number {
  if (!line || !holds.includes("DATE")) {
    return 0;
  }
  const same = findDates(asMeant(line), zeros).filter(({ meanings }) =>
    meanings.some((meaning) => meaning.date === date),
  );
  return Math.max(0, ...same.map(({ start, end }) => weakestOf(wordsBetween(line, start, end))));
}

/** Whether a second reading has the same hour: "17:12" or "17:12:33". */
export function agreesOnTime(
  reading: SecondReading,
  time: string,
  options: TimeOptions,
): Agreement {
  if (!reading.line || !reading.holds.includes("TIME")) {
    return "SILENT";
  }
  const times = findTimes(asMeant(reading.line), options).map((found) => found.time);
  if (times.length === 0) {
    return "SILENT";
  }
  if (times.includes(time)) {
    return "AGREES";
  }
  return times.some((other) => other.slice(0, 5) === time.slice(0, 5)) ? "MINUTE" : "DIFFERS";
}
