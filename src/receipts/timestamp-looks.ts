import { asMeant } from "./fields/as-meant.ts";
import type { OrderEvidence } from "./fields/date-order.ts";
import { findDates } from "./fields/dates.ts";
import { type SecondReading, SURE_ENOUGH } from "./fields/second-reading.ts";
import type { StrokedZeros } from "./fields/stroked-zeros.ts";
import type { Strip, TimestampDraft } from "./fields/timestamp.ts";
import type { LookAgain } from "./look-again.ts";
import { type PageLook, STRAIGHT_LOOKS, type StripLook } from "./ocr-protocol.ts";
import { isOfMoment } from "./weighing/pix-moment.ts";
import type { TimestampEvidence } from "./weighing/timestamp-evidence.ts";
import { weakestOf, wordsBetween } from "./words.ts";

/**
 * Looks at the strip with the date and hour, besides the reading of the whole page. One of them with the other language's data,
 * however sure the others are: of a clean page in a face of dots one language's data read 03 as 09 in three looks, with 0.91
 * and more. Of 486 drawn pages that were accepted without it, it kept one back.
 */
export const FIRST_LOOKS: StripLook[] = ["ENLARGED", "SMOOTHED", "OTHER_DATA"];

/** Further ones, for what the first leave in doubt. */
export const FURTHER_LOOKS: StripLook[] = ["OTHER_DATA_SMOOTHED"];

/** And for what then has too little that speaks for it. */
export const LAST_LOOKS: StripLook[] = [...STRAIGHT_LOOKS, "CLEANED", "OTHER_DATA_CLEANED"];

const WITH_OTHER_DATA: readonly StripLook[] = [
  "OTHER_DATA",
  "OTHER_DATA_SMOOTHED",
  "OTHER_DATA_STRAIGHT",
  "OTHER_DATA_TIGHT",
  "OTHER_DATA_CLEANED",
];

/**
 * Reads places of a candidate again.
 *
 * @param foundBy the look at the page by which the candidate itself was read. By any but the first it was read with the other
 *   language's data: then those of the document's language are the ones that err elsewhere.
 */
export async function readTimestampAgain(
  strips: readonly Strip[],
  foundBy: PageLook,
  looks: readonly StripLook[],
  lookAgain: LookAgain,
): Promise<SecondReading[]> {
  const readings: SecondReading[] = [];
  for (const strip of strips) {
    for (const look of looks) {
      const [line] = await lookAgain({ ...strip, cleaned: foundBy === "CLEANED" }, [look]);
      readings.push({
        holds: strip.holds,
        line,
        otherData: WITH_OTHER_DATA.includes(look) === (foundBy === "FIRST"),
        last: LAST_LOOKS.includes(look),
      });
    }
  }
  return readings;
}

/**
 * The draft whose day is open between a zero and an 8 ("18/03/2026" where zeros are read as 8) with the day of the looks that have
 * the zero, and the other looks. An 8 that is read may be either; nothing makes a zero of an 8. Open still where no look has it,
 * or two have different days.
 */
export function withZerosSeen(
  draft: TimestampDraft,
  readings: readonly SecondReading[],
  order: OrderEvidence | undefined,
  referenceDate: string,
): { draft: TimestampDraft; readings: readonly SecondReading[] } {
  const { chosen } = draft;
  if (!chosen || chosen.dates.length < 2) {
    return { draft, readings };
  }
  const told = readings.flatMap((reading) => {
    const found = onlyDayOf(reading, chosen.zeros, order, referenceDate);
    return found && chosen.dates.includes(found.date) ? [{ reading, ...found }] : [];
  });
  const [first] = told;
  if (!first || told.some(({ date }) => date !== first.date)) {
    return { draft, readings };
  }
  const { date, sureness, reading } = first;
  return {
    draft: { ...draft, chosen: { ...chosen, dates: [date], dateConfidence: sureness } },
    readings: readings.filter((other) => other !== reading),
  };
}

/** So many looks, at the least, outvote a page that is unsure of its own. */
const OUTVOTING = 3;

/**
 * The draft with the day that the looks at its place make likelier than what the whole page gave, and the other looks, which
 * must bear it out. A day to come (9007-06-15) cannot stand on a document: it is a misreading for certain, and no evidence of
 * anything; the first look that gives one day that can stand there takes its part. So does the one with whose day the hour is the
 * very moment that an id has. And an unsure day is outvoted by looks that all give another one.
 */
export function withLikelierDay(
  evidence: Omit<TimestampEvidence, "secondReadings">,
  readings: readonly SecondReading[],
): { draft: TimestampDraft; readings: readonly SecondReading[] } {
  const { draft, order, referenceDate } = evidence;
  const { chosen } = draft;
  const [day] = chosen?.dates ?? [];
  if (!chosen || day === undefined || chosen.dates.length > 1) {
    return { draft, readings };
  }
  const told = readings
    .filter(({ holds, line }) => holds.includes("DATE") && line !== undefined)
    .map((reading) => ({ reading, found: onlyDayOf(reading, chosen.zeros, order, referenceDate) }));
  const isToCome = day > referenceDate;
  const known = isOfMoment(evidence, chosen, day)
    ? undefined
    : told.find(({ found }) => found && isOfMoment(evidence, chosen, found.date));
  const first = known ?? told.find(({ found }) => found !== undefined);
  const isOutvoted =
    chosen.dateConfidence < SURE_ENOUGH &&
    draft.printings === 1 &&
    told.length >= OUTVOTING &&
    told.every(({ found }) => found !== undefined && found.date === first?.found?.date);
  if (!first?.found || first.found.date === day || !(known || isToCome || isOutvoted)) {
    return { draft, readings };
  }
  const { date, sureness } = first.found;
  const instead = {
    ...chosen,
    dates: [date],
    dateConfidence: sureness,
    outvoted: known || isToCome ? 0 : 1,
  };
  return {
    draft: { ...draft, chosen: instead },
    readings: withoutIts("DATE", readings, first.reading),
  };
}

/** The readings, of which one no longer bears out what was taken from it. */
export function withoutIts(
  part: "DATE" | "TIME",
  readings: readonly SecondReading[],
  taken: SecondReading,
): SecondReading[] {
  return readings.map((reading) =>
    reading === taken
      ? { ...reading, holds: reading.holds.filter((what) => what !== part) }
      : reading,
  );
}

/** The day that a reading gives, when it gives one only, and that not to come. */
function onlyDayOf(
  { line }: SecondReading,
  zeros: StrokedZeros,
  order: OrderEvidence | undefined,
  referenceDate: string,
): { date: string; sureness: number } | undefined {
  const [found, ...others] = line ? findDates(asMeant(line), zeros) : [];
  if (!line || !found || others.length > 0) {
    return undefined;
  }
  const decided = found.meanings.filter((meaning) => meaning.order === order?.order);
  const [meant, ...unclear] = decided.length > 0 ? decided : found.meanings;
  return meant && unclear.length === 0 && meant.date <= referenceDate
    ? { date: meant.date, sureness: weakestOf(wordsBetween(line, found.start, found.end)) }
    : undefined;
}
