import type { OrderEvidence } from "./fields/date-order.ts";
import { findDates } from "./fields/dates.ts";
import type { SecondReading } from "./fields/second-reading.ts";
import type { TimestampCandidate, TimestampDraft } from "./fields/timestamp.ts";
import type { LookAgain } from "./interpret.ts";
import type { StripLook } from "./ocr-protocol.ts";
import { weakestOf, wordsBetween } from "./words.ts";

/**
 * Looks at the strip with the date and hour, besides the reading of the whole page. One of them with the other language's data,
 * however sure the others are: of a clean page in a face of dots one language's data read 03 as 09 in three looks, with 0.91
 * and more. Of 486 drawn pages that were accepted without it, it kept one back.
 */
export const FIRST_LOOKS: StripLook[] = ["ENLARGED", "SMOOTHED", "OTHER_DATA"];

/** Further ones, for what the first leave in doubt. */
export const FURTHER_LOOKS: StripLook[] = ["OTHER_DATA_SMOOTHED"];

const WITH_OTHER_DATA: readonly StripLook[] = ["OTHER_DATA", "OTHER_DATA_SMOOTHED"];

/**
 * Reads the places of a candidate again.
 *
 * @param foundByOther whether the candidate itself was read with the other language's data: then those of the document's
 *   language are the ones that err elsewhere.
 */
export async function readTimestampAgain(
  candidate: TimestampCandidate,
  foundByOther: boolean,
  looks: readonly StripLook[],
  lookAgain: LookAgain,
): Promise<SecondReading[]> {
  const readings: SecondReading[] = [];
  for (const strip of candidate.strips) {
    for (const look of looks) {
      const [line] = await lookAgain(strip, [look]);
      readings.push({
        holds: strip.holds,
        line,
        otherData: WITH_OTHER_DATA.includes(look) !== foundByOther,
      });
    }
  }
  return readings;
}

/**
 * A day to come (9007-06-15) cannot stand on a document: it is a misreading for certain, and no evidence of anything. The
 * first look at the place that gives one day that can stand there takes its part; the other looks must bear it out.
 */
export function withPossibleDay(
  draft: TimestampDraft,
  readings: readonly SecondReading[],
  order: OrderEvidence | undefined,
  referenceDate: string,
): { draft: TimestampDraft; readings: readonly SecondReading[] } {
  const { chosen } = draft;
  const [day] = chosen?.dates ?? [];
  if (!chosen || day === undefined || chosen.dates.length > 1 || day <= referenceDate) {
    return { draft, readings };
  }
  for (const reading of readings) {
    const { line } = reading;
    const [found, ...others] = line ? findDates(line.folded) : [];
    if (!line || !found || others.length > 0) {
      continue;
    }
    const decided = found.meanings.filter((meaning) => meaning.order === order?.order);
    const [meant, ...unclear] = decided.length > 0 ? decided : found.meanings;
    if (meant && unclear.length === 0 && meant.date <= referenceDate) {
      const dateConfidence = weakestOf(wordsBetween(line, found.start, found.end));
      return {
        draft: { ...draft, chosen: { ...chosen, dates: [meant.date], dateConfidence } },
        readings: readings.filter((other) => other !== reading),
      };
    }
  }
  return { draft, readings };
}
