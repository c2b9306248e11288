import { type Line, type Word, weakestOf } from "../words.ts";

const O_FOR_ZERO = /(?<![A-Z])O(?=\d)|(?<=\d)O(?![A-Z])/g;

/** Between the numbers of a day with points ("29,03.2026", "29.03,2026"): no amount has two digits, a point and four. */
const COMMA_FOR_POINT =
  /(?<=(?<![\d.,])\d{1,2}),(?=\d{2}[.,]\d{4}(?!\d))|(?<=(?<![\d.,])\d{1,2}[.,]\d{2}),(?=\d{4}(?!\d))/g;

/**
 * The folded text with each O that can only be a zero ("O5 NOV 2026") as one, and each comma in a day with points as a point.
 * A picture's line only: a text layer is exact. What is found so counts only if another reading of the place has the same.
 */
export function asMeant(line: Line): string {
  return weakestOf(line.words) < 1
    ? line.folded.replace(O_FOR_ZERO, "0").replace(COMMA_FOR_POINT, ".")
    : line.folded;
}

/** The least confident character; how sure tesseract was of an O says nothing about the zero, so its word does not count. */
export function surenessOf(words: readonly Word[]): number {
  const asRead = words.filter(({ text }) => text.toUpperCase().search(O_FOR_ZERO) < 0);
  return weakestOf(asRead.length > 0 ? asRead : words);
}
