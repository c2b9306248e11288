import { dateInBrasilia, daysBetween } from "../calendar/brasilia.ts";
import type { ReadingFacts } from "./facts.ts";

/** The calendar date in Brasília of a receipt's timestamp, or null when it was not read. */
export function receiptDate({ timestamp }: ReadingFacts): string | null {
  if (timestamp === null) return null;
  return timestamp.includes("T") ? dateInBrasilia(new Date(timestamp)) : timestamp;
}

/**
 * How many days a date lies outside the span of the known dates (inside it, or with no date known: 0).
 * A bill issued on the 1st and due on the 30th is rightly paid on any day between.
 */
export function daysOutside(date: string, dates: (string | null)[]): number {
  const known = dates.filter((known) => known !== null).sort();
  const [first, last] = [known.at(0), known.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return Math.max(0, daysBetween(date, first), daysBetween(last, date));
}
