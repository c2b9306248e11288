import type { Line } from "../words.ts";
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

/** AGREES: exactly the same. MINUTE: the same but for the seconds. SILENT: nothing that is one. DIFFERS: another. */
export type Agreement = "AGREES" | "MINUTE" | "SILENT" | "DIFFERS";

/** Whether a second reading has the same date. */
export function agreesOnDate(
  reading: SecondReading,
  date: string,
  order: OrderEvidence | undefined,
): Agreement {
  if (!reading.line || !reading.holds.includes("DATE")) {
    return "SILENT";
  }
  const dates = findDates(reading.line.folded).flatMap(({ meanings }) => {
    const decided = meanings.filter((meaning) => meaning.order === order?.order);
    return (decided.length > 0 ? decided : meanings).map((meaning) => meaning.date);
  });
  if (dates.length === 0) {
    return "SILENT";
  }
  return dates.includes(date) ? "AGREES" : "DIFFERS";
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
