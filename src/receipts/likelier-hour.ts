import { asMeant, surenessOf } from "./fields/as-meant.ts";
import { type SecondReading, SURE_ENOUGH } from "./fields/second-reading.ts";
import { findTimes, type PrintedTime } from "./fields/times.ts";
import type { TimestampCandidate } from "./fields/timestamp.ts";
import { withoutIts } from "./timestamp-looks.ts";
import { isOfMoment } from "./weighing/pix-moment.ts";
import { oneDigitUsual, type TimestampEvidence } from "./weighing/timestamp-evidence.ts";
import { wordsBetween } from "./words.ts";

/** The hour that a reading gives. */
export interface FoundHour {
  time: Pick<PrintedTime, "time" | "precision" | "offset">;
  /** Where it stands in the line. */
  start: number;
  end: number;
  sureness: number;
  reading: SecondReading;
}

/** So many looks that all have another hour outvote a page that is unsure of its own. */
const OUTVOTING = 3;

/**
 * The evidence with the hour that the looks at its place make likelier than what the whole page gave, and the other looks, which
 * must bear it out: the one whose minute a Pix's id has; or, of a page that is itself unsure, the one that all looks have.
 */
export function withLikelierHour(evidence: TimestampEvidence): TimestampEvidence {
  const { chosen } = evidence.draft;
  const [day, ...otherDays] = chosen?.dates ?? [];
  if (!chosen?.time || day === undefined || otherDays.length > 0) {
    return evidence;
  }
  const told = evidence.secondReadings.flatMap((reading) => {
    const found = onlyHourOf(reading, evidence, chosen);
    return reading.holds.includes("TIME") && reading.line ? [found] : [];
  });
  const likelier = isOfMoment(evidence, chosen, day)
    ? undefined
    : (knownHour(told, evidence, chosen, day) ?? outvotingHour(told, chosen));
  return likelier ? withHour(evidence, chosen, likelier) : evidence;
}

/** The one that the id has, when that is one. */
function knownHour(
  told: readonly (FoundHour | undefined)[],
  evidence: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): (FoundHour & { outvoted: number }) | undefined {
  const known = told.flatMap((found) =>
    found &&
    isOfMoment(evidence, { ...chosen, time: found.time, timeConfidence: found.sureness }, day)
      ? [found]
      : [],
  );
  const [first] = known;
  return first && known.every((other) => minuteOf(other) === minuteOf(first))
    ? { ...first, outvoted: 0 }
    : undefined;
}

function outvotingHour(
  told: readonly (FoundHour | undefined)[],
  chosen: TimestampCandidate,
): (FoundHour & { outvoted: number }) | undefined {
  const [first] = told;
  const isAnother = first && minuteOf(first) !== chosen.time?.time.slice(0, 5);
  const areAlike = told.every((found) => found && minuteOf(found) === (first && minuteOf(first)));
  return isAnother && areAlike && told.length >= OUTVOTING && chosen.timeConfidence < SURE_ENOUGH
    ? { ...first, outvoted: 1 }
    : undefined;
}

/** The evidence with an hour that one of its looks gave, which bears it out no more. */
function withHour(
  evidence: TimestampEvidence,
  chosen: TimestampCandidate,
  { time, sureness, reading, outvoted }: FoundHour & { outvoted: number },
): TimestampEvidence {
  const instead = {
    ...chosen,
    time,
    timeConfidence: sureness,
    outvotedHours: chosen.outvotedHours + outvoted,
  };
  return {
    ...evidence,
    draft: { ...evidence.draft, chosen: instead, precision: time.precision },
    secondReadings: withoutIts("TIME", evidence.secondReadings, reading),
  };
}

/** The hour that a reading gives, when it gives one only. */
export function onlyHourOf(
  reading: SecondReading,
  evidence: TimestampEvidence,
  { zeros }: Pick<TimestampCandidate, "zeros">,
): FoundHour | undefined {
  const { line } = reading;
  if (!line) {
    return undefined;
  }
  const options = { oneDigitHour: oneDigitUsual(evidence), zeros };
  const [found, ...others] = findTimes(asMeant(line), options);
  if (!found || others.length > 0) {
    return undefined;
  }
  const { start, end, time, precision, offset } = found;
  const sureness = surenessOf(wordsBetween(line, start, end));
  return { time: { time, precision, offset }, start, end, sureness, reading };
}

function minuteOf({ time }: FoundHour): string {
  return time.time.slice(0, 5);
}
