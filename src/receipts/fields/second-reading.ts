import { type Line, weakestOf, wordsBetween } from "../words.ts";
import type { OrderEvidence } from "./date-order.ts";
import { findDates } from "./dates.ts";
import { findTimes } from "./times.ts";

/** What another reading of a strip of the page gave; the line is undefined when it gave nothing. */
export interface SecondReading {
  holds: ("DATE" | "TIME")[];
  line: Line | undefined;
  /** Read with the data of another language, which err elsewhere. */
  otherData: boolean;
}

/**
 * AGREES: exactly the same. MINUTE: the same but for the seconds. SILENT: nothing that is one. DIFFERS: another.
 * DOUBTS: another, but itself read with little certainty.
 */
export type Agreement = "AGREES" | "MINUTE" | "SILENT" | "DIFFERS" | "DOUBTS";

/** Another day whose least certain character was read with less only casts a doubt. */
const SURE_ENOUGH = 0.75;

/** Whether a second reading has the same date. A day to come is a misreading for certain, and says nothing. */
export function agreesOnDate(
  reading: SecondReading,
  date: string,
  order: OrderEvidence | undefined,
  referenceDate: string,
): Agreement {
  const { line } = reading;
  if (!line || !reading.holds.includes("DATE")) {
    return "SILENT";
  }
  const found = findDates(line.folded).flatMap(({ start, end, meanings }) => {
    const decided = meanings.filter((meaning) => meaning.order === order?.order);
    const sureness = weakestOf(wordsBetween(line, start, end));
    return (decided.length > 0 ? decided : meanings)
      .filter((meaning) => meaning.date === date || meaning.date <= referenceDate)
      .map((meaning) => ({ day: meaning.date, sureness }));
  });
  if (found.length === 0) {
    return "SILENT";
  }
  if (found.some(({ day }) => day === date)) {
    return "AGREES";
  }
  return found.every(({ sureness }) => sureness < SURE_ENOUGH) ? "DOUBTS" : "DIFFERS";
}

/** How surely a reading has this date: of its least certain character; 0 when it has not. */
export function surenessOnDate({ line, holds }: SecondReading, date: string): number {
  if (!line || !holds.includes("DATE")) {
    return 0;
  }
  const same = findDates(line.folded).filter(({ meanings }) =>
    meanings.some((meaning) => meaning.date === date),
  );
  return Math.max(0, ...same.map(({ start, end }) => weakestOf(wordsBetween(line, start, end))));
}

/** Whether a second reading has the same hour: "17:12" or "17:12:33". */
export function agreesOnTime(
  reading: SecondReading,
  time: string,
  oneDigitHour: boolean,
): Agreement {
  if (!reading.line || !reading.holds.includes("TIME")) {
    return "SILENT";
  }
  const times = findTimes(reading.line.folded, { oneDigitHour }).map((found) => found.time);
  if (times.length === 0) {
    return "SILENT";
  }
  if (times.includes(time)) {
    return "AGREES";
  }
  return times.some((other) => other.slice(0, 5) === time.slice(0, 5)) ? "MINUTE" : "DIFFERS";
}
