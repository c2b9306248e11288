import { eitherWay, type StrokedZeros } from "./stroked-zeros.ts";

/** A time of day in a line of text. */
export interface PrintedTime {
  start: number;
  end: number;
  /** "17:12" or "17:12:33", 24 hours. */
  time: string;
  precision: "minute" | "second";
  /** "+00:00", "-03:00"… as the document prints it; undefined when it prints none. */
  offset: string | undefined;
}

export interface TimeOptions {
  /** Brazilian documents print two digits: "9:45" may have been "19:45". */
  oneDigitHour: boolean;
  /** ANYWHERE: what an 8 leaves open is not taken, be it hour, minute or seconds. Default NOWHERE. */
  zeros?: StrokedZeros;
}

const BEFORE = String.raw`(?<![\d:;?*_])(?<!\d[.,])(?<![A-SU-Z])`;
const ZONE = String.raw`(?:\s?(Z|UTC|GMT|[+-]\d{2}:\d{2}))?`;
// After the last digit: nothing that could be more of the time. "29:14:XX" and "17:12:4" are no times.
const AFTER = String.raw`(?![\d:;?*_]|[.,]\d|[A-GI-Z]|H\d)`;

const COLONS = new RegExp(
  String.raw`${BEFORE}(\d{1,2})\s?:\s?(\d{2})(?:\s?:\s?(\d{2})(?:[.,]\d{1,6})?)?(?:\s?([AP])\.?M\b\.?)?(?:\s?H(?:R?S)?\b\.?)?${ZONE}${AFTER}`,
  "g",
);
const HOURS = new RegExp(
  String.raw`${BEFORE}(\d{1,2})\s?H\s?(\d{2})(?:\s?M(?:IN)?\s?(?:(\d{2})\s?S(?:EG)?\b)?)?${ZONE}${AFTER}`,
  "g",
);
const DOTS = new RegExp(String.raw`${BEFORE}(\d{2})\.(\d{2})\.(\d{2})${AFTER}`, "g");

/** What may have been AM or PM after an hour of up to 12: "02:31:19 PH" was 14:31:19. */
const LIKE_A_HALF = /^\s?(?!(?:IN|ON|H[NM])\b)(?:[A-Z0-9]\.?\s?(?:[MHNWK]|[HIR][NIM])|[APR])\b/;

/**
 * Finds the times in a folded line: 17:12, 17:12:33, 17h12, 17h12min33s, 5:12 PM, and 17.12.33 as Banco do Brasil prints
 * it. Whatever is not entirely a time is none: no part of a damaged one is taken.
 */
export function findTimes(folded: string, options: TimeOptions): PrintedTime[] {
  const found: PrintedTime[] = [];
  const add = (
    match: RegExpExecArray,
    half: string | undefined,
    zone: string | undefined,
  ): void => {
    const [, hourText = "", minuteText = "", secondText] = match;
    const meant = (text: string, read: (text: string) => string | undefined): string[] =>
      (options.zeros === "ANYWHERE" ? eitherWay(text) : [text]).flatMap((each) => read(each) ?? []);
    const hours = meant(hourText, (text) => hourOf(text, half, options));
    const minutes = meant(minuteText, sixtieth);
    const seconds = secondText === undefined ? undefined : meant(secondText, sixtieth);
    const end = match.index + match[0].length;
    const free = found.every((other) => end <= other.start || match.index >= other.end);
    const halfLost =
      half === undefined && Number(hourText) <= 12 && LIKE_A_HALF.test(folded.slice(end));
    const [hour, ...otherHours] = hours;
    const [minute, ...otherMinutes] = minutes;
    const isOpen = otherHours.length > 0 || otherMinutes.length > 0;
    if (halfLost || hour === undefined || minute === undefined || isOpen || !free) {
      return;
    }
    if (seconds?.length === 0) {
      return;
    }
    const second = seconds?.length === 1 ? seconds[0] : undefined;
    found.push({
      start: match.index,
      end,
      time: second === undefined ? `${hour}:${minute}` : `${hour}:${minute}:${second}`,
      precision: second === undefined ? "minute" : "second",
      offset: offsetOf(zone),
    });
  };
  for (const match of folded.matchAll(COLONS)) {
    add(match, match[4], match[5]);
  }
  for (const match of folded.matchAll(HOURS)) {
    add(match, undefined, match[4]);
  }
  for (const match of folded.matchAll(DOTS)) {
    add(match, undefined, undefined);
  }
  return found.sort((a, b) => a.start - b.start);
}

function sixtieth(text: string): string | undefined {
  return text <= "59" ? text : undefined;
}

function hourOf(text: string, half: string | undefined, options: TimeOptions): string | undefined {
  const hour = Number(text);
  if (half !== undefined) {
    const within = hour >= 1 && hour <= 12;
    return within ? String((hour % 12) + (half === "P" ? 12 : 0)).padStart(2, "0") : undefined;
  }
  if (hour > 23 || (text.length < 2 && !options.oneDigitHour)) {
    return undefined;
  }
  return text.padStart(2, "0");
}

function offsetOf(zone: string | undefined): string | undefined {
  if (zone === undefined) {
    return undefined;
  }
  return /^[+-]/.test(zone) ? zone : "+00:00";
}

const DAMAGED =
  /(?<![^\s-])(?=[^\s]*\d)[\dA-Z?*_#.|!]{1,3}[:;][\dA-Z?*_#.|!]{1,3}(?:[:;][\dA-Z?*_#.|!]{0,3})?(?![^\s,])/g;

/** Tokens that look like a time but are none, such as "1?:45" or "29:14:XX". */
export function damagedTimes(folded: string, times: readonly PrintedTime[]): string[] {
  return Array.from(folded.matchAll(DAMAGED))
    .filter((match) =>
      times.every((time) => match.index >= time.end || match.index + match[0].length <= time.start),
    )
    .map((match) => match[0]);
}
