import { findDates } from "../../../src/receipts/fields/dates.ts";
import type { PageReply } from "../../../src/receipts/ocr-protocol.ts";
import { lineOf, wordsBetween } from "../../../src/receipts/words.ts";

const SURE = 0.9;

/**
 * What the usual rule would accept: the first date of the document (the day first, as is the custom) whose words the
 * OCR engine read with a confidence of 90 or more.
 */
export function firstSureDate(pages: readonly PageReply[]): PlainDate | undefined {
  return plainDates(pages).find(({ confidence }) => confidence >= SURE);
}

/** The first date of the document, however sure: what the rule comes to without its threshold. */
export function firstDate(pages: readonly PageReply[]): PlainDate | undefined {
  return plainDates(pages)[0];
}

export interface PlainDate {
  date: string | undefined;
  /** Of its least certain word, 0 to 1. */
  confidence: number;
}

function plainDates(pages: readonly PageReply[]): PlainDate[] {
  return pages.flatMap(({ lines }, index) =>
    lines.flatMap((words) => {
      const line = lineOf(words, index);
      return findDates(line.folded).map(({ start, end, meanings }) => ({
        date: (meanings.find(({ order }) => order !== "MONTH_FIRST") ?? meanings[0])?.date,
        confidence: Math.min(...wordsBetween(line, start, end).map((word) => word.confidence)),
      }));
    }),
  );
}
