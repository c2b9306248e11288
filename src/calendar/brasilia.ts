/**
 * Calendar dates in Brasília. A date is the text 'YYYY-MM-DD' in America/Sao_Paulo; an instant is a
 * Date. Bank data comes in UTC, where 21:00-23:59 in Brasília is already the next day, so the two
 * are never mixed without one of these functions.
 */

const MILLISECONDS_A_DAY = 86_400_000;

// Building a formatter costs some 30 microseconds, using one less than two: so it is kept.
const brasiliaDate = new Intl.DateTimeFormat("en-US", {
  timeZone: "America/Sao_Paulo",
  calendar: "gregory",
  numberingSystem: "latn",
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
});

/** The calendar date that it is in Brasília at that instant, daylight saving of the past included. */
export function dateInBrasilia(instant: Date): string {
  const parts = { year: "", month: "", day: "" };
  for (const { type, value } of brasiliaDate.formatToParts(instant)) {
    if (type === "year" || type === "month" || type === "day") {
      parts[type] = value;
    }
  }
  return `${parts.year.padStart(4, "0")}-${parts.month}-${parts.day}`;
}

/**
 * The text itself if it is a day of the calendar in the shape 'YYYY-MM-DD', from the year 1000 on,
 * else undefined.
 */
export function parseDate(text: string): string | undefined {
  if (!/^[1-9]\d{3}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/.test(text)) {
    return undefined;
  }
  const { year, month, day } = partsOf(text);
  return day <= daysInMonth(year, month) ? text : undefined;
}

/** Reads dd/mm/yyyy (four-digit year) into 'YYYY-MM-DD'; undefined if it is no day of the calendar. */
export function parseBrazilianDate(text: string): string | undefined {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  return match ? parseDate(`${match[3]}-${match[2]}-${match[1]}`) : undefined;
}

/** The date so many days later (earlier if negative). Throws RangeError if `date` is no date. */
export function addDays(date: string, days: number): string {
  return new Date(utcMidnight(date) + days * MILLISECONDS_A_DAY).toISOString().slice(0, 10);
}

/** Whole days from one date to the other; negative if `to` is earlier. Throws RangeError if either is no date. */
export function daysBetween(from: string, to: string): number {
  return (utcMidnight(to) - utcMidnight(from)) / MILLISECONDS_A_DAY;
}

/** The first instant of that date in Brasília. Throws RangeError if it is no date. */
export function startOfDayBrasilia(date: string): Date {
  // UTC-3 all year since 2019. Under the daylight saving of before, midnight was at UTC-2, and on
  // the day it began there was none: that day began at 01:00, UTC-2, the same instant as 00:00, UTC-3.
  const midnight = utcMidnight(date);
  const underDaylightSaving = new Date(midnight + 2 * 3_600_000);
  return dateInBrasilia(underDaylightSaving) === date
    ? underDaylightSaving
    : new Date(midnight + 3 * 3_600_000);
}

/** The last millisecond of that date in Brasília. Throws RangeError if it is no date. */
export function endOfDayBrasilia(date: string): Date {
  return new Date(startOfDayBrasilia(addDays(date, 1)).getTime() - 1);
}

function utcMidnight(date: string): number {
  if (parseDate(date) === undefined) {
    throw new RangeError("not a date of the form YYYY-MM-DD");
  }
  const { year, month, day } = partsOf(date);
  return Date.UTC(year, month - 1, day);
}

function partsOf(date: string): { year: number; month: number; day: number } {
  return {
    year: Number(date.slice(0, 4)),
    month: Number(date.slice(5, 7)),
    day: Number(date.slice(8)),
  };
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) {
    const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    return leap ? 29 : 28;
  }
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}
