import type { Ink } from "../ink.ts";
import type { ReceiptKind, TimestampPrecision } from "../reading.ts";
import { around, type Box, type Line, type Word, weakestOf, wordsBetween } from "../words.ts";
import { asMeant, surenessOf } from "./as-meant.ts";
import { boxOf, labelsOf } from "./cells.ts";
import type { OrderEvidence } from "./date-order.ts";
import { type DateRole, dateRole, isLabelOfItsDay, timestampRoles } from "./date-role.ts";
import { findDates, type PrintedDate, printedWeekday, weekdayOf } from "./dates.ts";
import type { StrokedZeros } from "./stroked-zeros.ts";
import { damagedTimes, findTimes, type PrintedTime, type TimeOptions } from "./times.ts";

/** A place of the page that holds the date, the hour or both, to be read again. */
export interface Strip {
  page: number;
  box: Box;
  holds: ("DATE" | "TIME")[];
}

/** How a word is printed, with the height of its box. */
export interface PrintedInk extends Ink {
  height: number;
}

/** A date of the document with the hour that belongs to it. */
export interface TimestampCandidate {
  role: DateRole;
  /** More than one when nothing tells day and month apart, or a zero from an 8. */
  dates: string[];
  /** So many readings, each unsure, gave another day that all the others outvoted. */
  outvoted: number;
  /** And so many another hour. */
  outvotedHours: number;
  /** What decided between day and month, when something had to. */
  orderEvidence: string | undefined;
  shortened: boolean;
  /** Where an 8 may be a zero with a stroke, when its place is read again. */
  zeros: StrokedZeros;
  weekday: number | undefined;
  time: Pick<PrintedTime, "time" | "precision" | "offset"> | undefined;
  /** What stands where the hour belongs and is none. */
  damaged: string[];
  /** The least confident character of each, 0 to 1. */
  dateConfidence: number;
  timeConfidence: number;
  /** How the digits of the hour are printed, and those of the date beside it. */
  timeInk: PrintedInk[];
  dateInk: PrintedInk[];
  strips: Strip[];
}

/** What the document prints as its timestamp, before the evidence is weighed. */
export interface TimestampDraft {
  /** The chosen one; undefined when there is none, or several and no label decides. */
  chosen: TimestampCandidate | undefined;
  precision: TimestampPrecision | undefined;
  /** Several days (or unclear ones) with equal right. */
  ambiguousDates: string[];
  /** Several hours of the chosen day with equal right. */
  ambiguousTimes: string[];
  /** How often the chosen day is printed. */
  printings: number;
}

/** Every date of the document, with role and hour. */
export function timestampCandidates(
  lines: readonly Line[],
  order: OrderEvidence | undefined,
): TimestampCandidate[] {
  const stroked = hasStrokedZeros(lines);
  const options: TimeOptions = {
    oneDigitHour: order?.evidence !== "PORTUGUESE_DOCUMENT",
    zeros: stroked ? "ANYWHERE" : "NOWHERE",
  };
  const printed = lines.map((line) => printedIn(line, options));
  return printed.flatMap(({ line, dates, times }, index) =>
    dates.map((date, i) => {
      const from = dates[i - 1]?.end ?? 0;
      const { before, above } = labelsOf(lines, index, date.start, date.end);
      const hour =
        beside(line, times, from, date, dates[i + 1]?.start ?? line.text.length) ??
        labelledHour(lines, printed, index);
      return candidate(
        line,
        date,
        dateRole(before.slice(from), above),
        hour,
        order,
        stroked ? "ANYWHERE" : "WHERE_IMPOSSIBLE",
      );
    }),
  );
}

/**
 * Whether the document has a label of its day of payment or issue but none could be read by it: in its line, or in one of the two
 * next ones, where forms put it. Then a day without a label is another one, whose own label was lost.
 */
export function hasLostItsDay(lines: readonly Line[]): boolean {
  const dated = lines.map((line) => findDates(asMeant(line), "WHERE_IMPOSSIBLE").length > 0);
  return lines.some(
    ({ folded }, i) => isLabelOfItsDay(folded) && !dated.slice(i, i + 3).includes(true),
  );
}

/**
 * Chooses among the candidates by label; never by position, size or habit.
 *
 * @param lostItsDay whether a day without a label is none (see `hasLostItsDay`).
 */
export function draftTimestamp(
  found: readonly TimestampCandidate[],
  kind: ReceiptKind,
  referenceDate: string,
  lostItsDay = false,
): TimestampDraft {
  const candidates = found.filter((one) => !isMisreadTwin(one, found, referenceDate));
  const none: TimestampDraft = {
    chosen: undefined,
    precision: undefined,
    ambiguousDates: [],
    ambiguousTimes: [],
    printings: 0,
  };
  for (const roles of timestampRoles(kind)) {
    const equal = candidates.filter(
      ({ role }) => roles.includes(role) && !(role === "NONE" && lostItsDay),
    );
    const days = distinct(equal.flatMap(({ dates }) => dates));
    const [day] = days;
    if (day === undefined) {
      continue;
    }
    if (days.length > 1 && !isOneButForZeros(equal, days)) {
      return { ...none, ambiguousDates: days };
    }
    const draft = chooseHour(equal, candidates.filter(({ dates }) => dates.includes(day)).length);
    const twins = candidates.filter((other) => isTwin(other, draft.chosen, day));
    return twins.length > 0
      ? { ...none, ambiguousDates: distinct([day, ...twins.flatMap(({ dates }) => dates)]) }
      : draft;
  }
  return none;
}

/** Whether all candidates leave open the same days, which are one but for an 8 that may be a zero: another look may have the zero. */
function isOneButForZeros(equal: readonly TimestampCandidate[], days: readonly string[]): boolean {
  const withoutEights = new Set(days.map((day) => day.replaceAll("8", "0")));
  return withoutEights.size === 1 && equal.every(({ dates }) => dates.length === days.length);
}

/** Whether a candidate is of a day to come ("9018-04-06") that is another one's day but for its year: the same day, misread. */
function isMisreadTwin(
  { dates: [day = ""] }: TimestampCandidate,
  others: readonly TimestampCandidate[],
  referenceDate: string,
): boolean {
  return (
    day > referenceDate &&
    others.some(({ dates }) =>
      dates.some((other) => other <= referenceDate && other.slice(4) === day.slice(4)),
    )
  );
}

/** Nothing happens twice within minutes of one hour of two days: one of the days is misread, or misprinted. */
function isTwin(
  other: TimestampCandidate,
  chosen: TimestampCandidate | undefined,
  day: string,
): boolean {
  if (!other.time || !chosen?.time || other.dates.length === 0 || other.dates.includes(day)) {
    return false;
  }
  return Math.abs(minutesOf(other.time.time) - minutesOf(chosen.time.time)) <= TWIN_MINUTES;
}

/** Between what a till prints at the head of its receipt and at its foot. */
const TWIN_MINUTES = 2;

/** "17:12" or "17:12:33": minutes since midnight. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** All of one day. Hours that differ only in their seconds agree to the minute, and no further. */
function chooseHour(equal: readonly TimestampCandidate[], printings: number): TimestampDraft {
  const timed = equal.filter(({ time }) => time !== undefined);
  const times = distinct(timed.flatMap(({ time }) => time?.time ?? []));
  const minutes = distinct(times.map((time) => time.slice(0, 5)));
  const best = [...timed].sort((a, b) => trust(b) - trust(a))[0];
  const chosen = best ?? [...equal].sort((a, b) => trust(b) - trust(a))[0];
  const seconds = distinct(times.filter((time) => time.length > 5));
  if (minutes.length > 1) {
    return { chosen, precision: "day", ambiguousDates: [], ambiguousTimes: times, printings };
  }
  const precise = seconds.length === 1 ? timed.find(({ time }) => time?.time === seconds[0]) : best;
  return {
    chosen: precise ?? chosen,
    precision: best === undefined ? "day" : seconds.length === 1 ? "second" : "minute",
    ambiguousDates: [],
    ambiguousTimes: [],
    printings,
  };
}

function trust({ dateConfidence, timeConfidence }: TimestampCandidate): number {
  return dateConfidence + timeConfidence;
}

/** Whether the document's zeros are read as 8: a date is none but for that, or the branch of a CNPJ, which is mostly 0001. */
export function hasStrokedZeros(lines: readonly Line[]): boolean {
  return lines.some(
    (line) =>
      weakestOf(line.words) < 1 &&
      (STROKED_BRANCH.test(line.folded) ||
        findDates(line.folded, "WHERE_IMPOSSIBLE").some(({ stroked }) => stroked)),
  );
}

const STROKED_BRANCH = /\/(?=[08]*8)[08]{3}[1-9]\s?-/;

/** The dates and times of a line. */
interface Printed {
  line: Line;
  text: string;
  dates: PrintedDate[];
  times: PrintedTime[];
}

function printedIn(line: Line, options: TimeOptions): Printed {
  const text = asMeant(line);
  const all = findDates(text, options.zeros);
  const times = findTimes(text, options);
  // "05/11/2026 - 17.12.33": three pairs with points beside a whole date are an hour, else a date.
  const whole = all.some(({ end, start }) => end - start >= 10);
  const hours = new Set(times.map(({ start, end }) => `${start}-${end}`));
  const dates = all.filter(({ start, end }) => !whole || !hours.has(`${start}-${end}`));
  const inDates = (time: PrintedTime): boolean =>
    dates.some((date) => time.end > date.start && time.start < date.end);
  return { line, text, dates, times: times.filter((time) => !inDates(time)) };
}

interface Hour {
  line: Line;
  time: PrintedTime | undefined;
  damaged: string[];
}

/** The hour that follows the date in its line, up to the next date; else the one just before it. */
function beside(
  line: Line,
  times: readonly PrintedTime[],
  from: number,
  date: PrintedDate,
  until: number,
): Hour | undefined {
  const after = times.find(({ start, end }) => start >= date.end && end <= until);
  const before = times.findLast(({ start, end }) => start >= from && end <= date.start);
  const damaged = damagedTimes(line.folded.slice(date.end, until), []).filter(
    (text) => findTimes(text, { oneDigitHour: true }).length === 0,
  );
  // With something damaged after the date, an hour before it may belong to anything.
  const time = after ?? (damaged.length === 0 ? before : undefined);
  return time || damaged.length > 0 ? { line, time, damaged: time ? [] : damaged } : undefined;
}

/** Of an hour that stands apart from its date. */
export const HOUR_LABEL = /\bHOR(?:A|ARIO)\b|\bTIME\b|\bUHRZEIT\b/;

/**
 * The hour that stands by itself in one of the next lines, before any other date, or in the line above; with a label that says
 * so, or alone right below the date.
 */
function labelledHour(
  lines: readonly Line[],
  printed: readonly Printed[],
  index: number,
): Hour | undefined {
  const below = printed.slice(index + 1, index + 4);
  const dated = below.findIndex(({ dates }) => dates.length > 0);
  const near = dated < 0 ? below.length : dated;
  for (const i of [...Array.from({ length: near }, (_, k) => index + 1 + k), index - 1]) {
    const place = printed[i];
    if (!place || place.line.page !== lines[index]?.page || place.dates.length > 0) {
      continue;
    }
    const { line, text, times } = place;
    const [time, ...others] = times;
    const damaged = damagedTimes(text, times);
    const at = time?.start ?? line.folded.length;
    const { before, above } = labelsOf(lines, i, at, time?.end ?? at);
    const labelled = HOUR_LABEL.test(before) || HOUR_LABEL.test(above);
    const alone = i === index + 1 && time?.start === 0 && time.end === line.text.length;
    if ((labelled || alone) && others.length === 0 && (time || damaged.length > 0)) {
      return { line, time, damaged: time ? [] : damaged };
    }
  }
  return undefined;
}

function candidate(
  line: Line,
  date: PrintedDate,
  role: DateRole,
  hour: Hour | undefined,
  order: OrderEvidence | undefined,
  zeros: StrokedZeros,
): TimestampCandidate {
  const weekday = printedWeekday(line.folded, date);
  const { meanings, evidence } = decidedBy(date, order, weekday);
  const time = hour?.time;
  return {
    role,
    dates: meanings.map((meaning) => meaning.date),
    outvoted: 0,
    outvotedHours: 0,
    orderEvidence: evidence,
    shortened: date.shortened,
    zeros,
    // One that has decided between day and month agrees by construction: it is no witness, too.
    weekday: evidence === "WEEKDAY" ? undefined : weekday,
    time: time && { time: time.time, precision: time.precision, offset: time.offset },
    damaged: hour?.damaged ?? [],
    dateConfidence: surenessOf(wordsBetween(line, date.start, date.end)),
    timeConfidence: hour && time ? surenessOf(wordsBetween(hour.line, time.start, time.end)) : 0,
    dateInk: printedInk(wordsBetween(line, date.start, date.end)),
    timeInk: hour && time ? printedInk(wordsBetween(hour.line, time.start, time.end)) : [],
    strips: stripsOf(line, date, hour),
  };
}

/** Which of a date's meanings the document's own order of day and month, or else a weekday beside it, leaves. */
function decidedBy(
  { meanings }: PrintedDate,
  order: OrderEvidence | undefined,
  weekday: number | undefined,
): { meanings: PrintedDate["meanings"]; evidence: string | undefined } {
  if (meanings.length < 2) {
    return { meanings, evidence: undefined };
  }
  const ordered = meanings.filter((meaning) => meaning.order === order?.order);
  if (ordered.length === 1) {
    return { meanings: ordered, evidence: order?.evidence };
  }
  const open = ordered.length > 0 ? ordered : meanings;
  const onThatDay = open.filter(({ date }) => weekdayOf(date) === weekday);
  return onThatDay.length === 1
    ? { meanings: onThatDay, evidence: "WEEKDAY" }
    : { meanings: open, evidence: undefined };
}

function stripsOf(line: Line, date: PrintedDate, hour: Hour | undefined): Strip[] {
  const dateBox = boxOf(line, date.start, date.end);
  if (!hour?.time) {
    return [{ page: line.page, box: dateBox, holds: ["DATE"] }];
  }
  const timeBox = boxOf(hour.line, hour.time.start, hour.time.end);
  if (hour.line === line) {
    return [{ page: line.page, box: around([dateBox, timeBox]), holds: ["DATE", "TIME"] }];
  }
  return [
    { page: line.page, box: dateBox, holds: ["DATE"] },
    { page: hour.line.page, box: timeBox, holds: ["TIME"] },
  ];
}

/** How the words with digits are printed. */
export function printedInk(words: readonly Word[]): PrintedInk[] {
  return words.flatMap(({ ink, box }) => (ink ? { ...ink, height: box[3] - box[1] } : []));
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}
