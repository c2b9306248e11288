import { findDates } from "../../../src/receipts/fields/dates.ts";
import type { PageReply } from "../../../src/receipts/ocr-protocol.ts";
import { lineOf, wordsBetween } from "../../../src/receipts/words.ts";

/**
 * What the usual rule would accept: the first date of the document (the day first, as is the custom) whose words the
 * OCR engine read with a confidence of 90 or more.
 */
export function plainRule(pages: readonly PageReply[]): string | undefined {
  for (const [index, { lines }] of pages.entries()) {
    for (const words of lines) {
      const line = lineOf(words, index);
      for (const { start, end, meanings } of findDates(line.folded)) {
        if (wordsBetween(line, start, end).every(({ confidence }) => confidence >= 0.9)) {
          return (meanings.find(({ order }) => order !== "MONTH_FIRST") ?? meanings[0])?.date;
        }
      }
    }
  }
  return undefined;
}
