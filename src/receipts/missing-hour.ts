import { asMeant } from "./fields/as-meant.ts";
import { findDates } from "./fields/dates.ts";
import type { SecondReading } from "./fields/second-reading.ts";
import { HOUR_LABEL, printedInk, type Strip, type TimestampCandidate } from "./fields/timestamp.ts";
import { onlyHourOf } from "./likelier-hour.ts";
import { withoutIts } from "./timestamp-looks.ts";
import type { TimestampEvidence } from "./weighing/timestamp-evidence.ts";
import { around, type Box, type Line, wordsBetween } from "./words.ts";

/** An hour stands in one of so many lines below its date, or in the line above. */
const LINES_BELOW = 4;

/**
 * Where the hour of a candidate must stand of which none was read: right of the date in its line, or by its own label. Undefined where
 * nothing is printed there.
 */
export function placeOfHour(
  lines: readonly Line[],
  { strips }: TimestampCandidate,
): Strip | undefined {
  const [dated] = strips;
  if (!dated) {
    return undefined;
  }
  const { page, box } = dated;
  const index = lines.findIndex((line) => line.page === page && holdsBox(line, box));
  const beside = (lines[index]?.words ?? []).filter((word) => word.box[0] >= box[2] - 1);
  if (beside.some(({ text }) => /\d/.test(text))) {
    return { page, box: around([box, ...beside.map((word) => word.box)]), holds: ["DATE", "TIME"] };
  }
  if (index < 0) {
    return undefined;
  }
  const near = [...lines.slice(index + 1, index + 1 + LINES_BELOW), lines[index - 1]];
  for (const line of near) {
    const label = line?.page === page ? HOUR_LABEL.exec(line.folded) : null;
    if (!line || !label) continue;
    const after = wordsBetween(line, label.index + label[0].length + 1, line.folded.length);
    const next = lines[lines.indexOf(line) + 1];
    const value = after.some(({ text }) => /\d/.test(text)) ? after : next?.words;
    return value?.length
      ? { page, box: around(value.map((word) => word.box)), holds: ["TIME"] }
      : undefined;
  }
  return undefined;
}

/** Whether a line has the words in a box. */
function holdsBox({ words }: Line, [x0, y0, x1, y1]: Box): boolean {
  return words.some(
    ({ box }) => box[0] >= x0 - 1 && box[2] <= x1 + 1 && box[1] >= y0 - 1 && box[3] <= y1 + 1,
  );
}

/** The places of a candidate whose hour was looked for. */
export function stripsWith(place: Strip, { strips }: TimestampCandidate): Strip[] {
  return place.holds.includes("DATE") ? [place] : [...strips, place];
}

/**
 * The evidence with the hour that looks at its place found, where the page had none: the page's own reading counts as one against it,
 * so that it takes three more that agree, unless an id has the very minute. One that was found already stays.
 *
 * @param readings of the place, and of the date where that stands elsewhere.
 */
export function withFoundHour(
  evidence: TimestampEvidence,
  place: Strip,
  readings: readonly SecondReading[],
): TimestampEvidence {
  const { chosen } = evidence.draft;
  const found = readings
    .filter(({ holds }) => holds.includes("TIME"))
    .flatMap((reading) => (chosen && onlyHourOf(reading, evidence, chosen)) ?? [])
    .sort((a, b) => b.sureness - a.sureness)[0];
  const line = found?.reading.line;
  if (!chosen || chosen.time || !found || !line) {
    return { ...evidence, secondReadings: readings };
  }
  const [date] = findDates(asMeant(line), chosen.zeros);
  const dateInk = date ? printedInk(wordsBetween(line, date.start, date.end)) : [];
  const { start, end } = found;
  return {
    ...evidence,
    draft: {
      ...evidence.draft,
      precision: found.time.precision,
      chosen: {
        ...chosen,
        time: found.time,
        timeConfidence: found.sureness,
        timeInk: printedInk(wordsBetween(line, start, end)),
        dateInk: dateInk.length > 0 ? dateInk : chosen.dateInk,
        outvotedHours: 1,
        strips: stripsWith(place, chosen),
      },
    },
    secondReadings: withoutIts("TIME", readings, found.reading),
  };
}
