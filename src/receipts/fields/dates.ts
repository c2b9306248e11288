import { parseDate } from "../../calendar/brasilia.ts";
import { eitherWay, type StrokedZeros } from "./stroked-zeros.ts";

/** In which order a numeric date was read. NAMED: the month stands as a word; YEAR_FIRST: ISO 8601. */
export type DateOrder = "DAY_FIRST" | "MONTH_FIRST" | "YEAR_FIRST" | "NAMED";

/** A date in a line of text, with each of the real days it can mean. */
export interface PrintedDate {
  start: number;
  end: number;
  /** One entry, or two for dates like 05/11/2026 that are valid either way. */
  meanings: { order: DateOrder; date: string }[];
  /** A day or month of one digit: what stood before it may have been lost. */
  shortened: boolean;
  /** As it stands it is no day: its zeros, which a stroke or dot makes look like 8, were read so. */
  stroked: boolean;
}

// Nothing that could belong to the number may stand before or after: in "2-25/12/2016" the 2 is part of whatever it is.
const BEFORE = String.raw`(?<![\dA-Z/?*])(?<!\d[.,:-])`;
const AFTER = String.raw`(?![\d/?*])(?![.,]\d)(?!-\d(?!\d[:H]))`;

const NUMERIC = new RegExp(
  String.raw`${BEFORE}(\d{1,2})\s?([/.-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})${AFTER}`,
  "g",
);
const YEAR_FIRST = new RegExp(
  String.raw`${BEFORE}(\d{4})([/.-])(\d{2})\2(\d{2})(?![\d/?*])(?![.,-]\d)`,
  "g",
);

/** A 0 for the O and a 5 for the S of a month: after a digit it is one itself. */
const MONTHS = [
  "JAN(?:EIRO|UARY)?",
  "FEV(?:EREIRO)?|FEB(?:RUARY)?",
  "MAR(?:CO|CH)?",
  "ABR(?:IL)?|APR(?:IL)?",
  "MAI(?:O)?|MAY",
  "JUN(?:HO|E)?",
  "JUL(?:HO|Y)?",
  "AG[O0](?:STO)?|AUG(?:UST)?",
  "(?:S|(?<!\\d)5)E(?:T(?:EMBRO)?|P(?:T(?:EMBER)?)?)",
  "(?:O|(?<!\\d)0)(?:UT(?:UBRO)?|CT(?:OBER)?)",
  "N[O0]V(?:EMBRO|EMBER)?",
  "DEZ(?:EMBRO)?|DEC(?:EMBER)?",
];
const MONTH = MONTHS.join("|");
const SEPARATOR = String.raw`\s?(?:DE\s|[/.,-])?\s?`;

const DAY_THEN_NAME = new RegExp(
  String.raw`${BEFORE}(\d{1,2})(?:ST|ND|RD|TH|O)?${SEPARATOR}(${MONTH})(?![A-Z])\.?${SEPARATOR}(\d{4}|\d{2}(?!:))${AFTER}`,
  "g",
);
const NAME_THEN_DAY = new RegExp(
  String.raw`(?<![A-Z])(${MONTH})(?![A-Z])\.?\s?(\d{1,2})(?:ST|ND|RD|TH)?,?\s?(\d{4})${AFTER}`,
  "g",
);

/**
 * Finds every date in a folded line (see `fold`), from left to right. A numeric date keeps both of its meanings when
 * both are days of the calendar: which one holds is for `DateOrder` evidence to say, not for habit.
 */
export function findDates(folded: string, zeros: StrokedZeros = "NOWHERE"): PrintedDate[] {
  const found: PrintedDate[] = [];
  const add = (
    match: RegExpExecArray,
    meanings: [DateOrder, Parts][],
    shortened: boolean,
  ): void => {
    const daysOf = (read: (parts: Parts) => Parts[]): PrintedDate["meanings"] =>
      meanings.flatMap(([order, parts]) =>
        read(parts).flatMap((each) => {
          const date = toDate(each);
          return date === undefined ? [] : [{ order, date }];
        }),
      );
    const plain = daysOf((parts) => [parts]);
    const possible = plain.filter(({ date }) => date < LATEST);
    const stroked = possible.length === 0 && zeros !== "NOWHERE";
    const unstroked = stroked || zeros === "ANYWHERE" ? daysOf(withoutStrokes) : [];
    const mended = unstroked.filter(({ date }) => date < LATEST);
    const real = mended.length > 0 ? mended : plain;
    const distinct = real.filter(
      ({ date }, i) => real.findIndex((other) => other.date === date) === i,
    );
    const end = match.index + match[0].length;
    const free = found.every((other) => end <= other.start || match.index >= other.end);
    if (distinct.length > 0 && free) {
      found.push({
        start: match.index,
        end,
        meanings: distinct,
        shortened,
        stroked: stroked && mended.length > 0,
      });
    }
  };
  for (const match of folded.matchAll(NUMERIC)) {
    const [, first = "", , second = "", year = ""] = match;
    const dayFirst: Parts = [year, second, first];
    const monthFirst: Parts = [year, first, second];
    add(
      match,
      [
        ["DAY_FIRST", dayFirst],
        ["MONTH_FIRST", monthFirst],
      ],
      first.length + second.length < 4,
    );
  }
  for (const match of folded.matchAll(YEAR_FIRST)) {
    add(match, [["YEAR_FIRST", [match[1] ?? "", match[3] ?? "", match[4] ?? ""]]], false);
  }
  for (const match of folded.matchAll(DAY_THEN_NAME)) {
    const [, day = "", name = "", year = ""] = match;
    add(match, [["NAMED", [year, monthNumber(name), day]]], false);
  }
  for (const match of folded.matchAll(NAME_THEN_DAY)) {
    const [, name = "", day = "", year = ""] = match;
    add(match, [["NAMED", [year, monthNumber(name), day]]], false);
  }
  return found.sort((a, b) => a.start - b.start);
}

type Parts = [year: string, month: string, day: string];

/** A year from which on none is meant: what it says was misread. */
const LATEST = "2100";

/** The parts with any of their 8s as zeros; so is what stands for the hundreds of a year of this millennium. */
function withoutStrokes([year, month, day]: Parts): Parts[] {
  const years = year.length === 4 ? [year, year.replace(/^2\d/, "20")] : [year];
  return [...new Set(years)].flatMap((each) =>
    eitherWay(each).flatMap((y) =>
      eitherWay(month).flatMap((m) => eitherWay(day).map((d): Parts => [y, m, d])),
    ),
  );
}

/** Two-digit years are of this century: receipts are kept for ten years, not for a hundred. */
function toDate([year, month, day]: Parts): string | undefined {
  const century = year.length === 2 ? "20" : "";
  const date = parseDate(`${century}${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
  return date !== undefined && date >= "2000-01-01" ? date : undefined;
}

function monthNumber(name: string): string {
  return String(MONTHS.findIndex((month) => new RegExp(`^(?:${month})$`).test(name)) + 1);
}

/** In Portuguese, English, German and Malay. */
const WEEKDAYS = [
  /\bDOM(?:INGO)?\b|\bSUN(?:DAY)?\b|\bSONNTAG\b|\bAHAD\b/,
  /\bSEG(?:UNDA)?\b(?:[ -]FEIRA)?|\bMON(?:DAY)?\b|\bMONTAG\b|\bISNIN\b/,
  /\bTER(?:CA)?\b(?:[ -]FEIRA)?|\bTUE(?:SDAY)?\b|\bDIENSTAG\b|\bSELASA\b/,
  /\bQUA(?:RTA)?\b(?:[ -]FEIRA)?|\bWED(?:NESDAY)?\b|\bMITTWOCH\b|\bRABU\b/,
  /\bQUI(?:NTA)?\b(?:[ -]FEIRA)?|\bTHU(?:RSDAY)?\b|\bDONNERSTAG\b|\bKHAMIS\b/,
  /\bSEX(?:TA)?\b(?:[ -]FEIRA)?|\bFRI(?:DAY)?\b|\bFREITAG\b|\bJUMAAT\b/,
  /\bSAB(?:ADO)?\b|\bSAT(?:URDAY)?\b|\bSAMSTAG\b|\bSABTU\b/,
];

/** The weekday (0 Sunday to 6 Saturday) printed right beside the date; undefined without one. */
export function printedWeekday(folded: string, date: PrintedDate): number | undefined {
  const before = folded.slice(Math.max(0, date.start - 16), date.start);
  const after = folded.slice(date.end, date.end + 16);
  for (const part of [before, after]) {
    const found = WEEKDAYS.findIndex((pattern) => pattern.test(part));
    if (found >= 0) {
      return found;
    }
  }
  return undefined;
}

/** The weekday of a calendar date, 0 Sunday to 6 Saturday. */
export function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}
