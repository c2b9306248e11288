import { type Line, lineOf, type PageText, type Word } from "../../src/receipts/words.ts";

const LETTER_WIDTH = 10;
const LINE_HEIGHT = 20;

/** Lines of a page in a typewriter's font: a letter is 10 wide, a line 20 high; spaces keep their width. */
export function printed(text: string, confidence = 1): Line[] {
  return text
    .split("\n")
    .map((line, row) => wordsOf(line, row, confidence))
    .filter((words) => words.length > 0)
    .map((words) => lineOf(words, 0));
}

export function printedPage(text: string, method: PageText["method"] = "TEXT_LAYER"): PageText {
  return {
    width: 800,
    height: 1000,
    method,
    lines: printed(text, method === "OCR" ? 0.95 : 1),
    barcodes: [],
  };
}

function wordsOf(line: string, row: number, confidence: number): Word[] {
  return Array.from(line.matchAll(/\S+/g), (match) => ({
    text: match[0],
    confidence,
    weakest: confidence,
    box: [
      match.index * LETTER_WIDTH,
      row * LINE_HEIGHT,
      (match.index + match[0].length) * LETTER_WIDTH,
      row * LINE_HEIGHT + 14,
    ],
  }));
}
