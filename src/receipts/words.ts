import type { Barcode } from "./barcodes.ts";
import { fold } from "./folding.ts";
import type { Ink } from "./ink.ts";

/**
 * Left, top, right, bottom. Pixels of the upright picture, or points of the PDF page, from its top left corner.
 */
export type Box = [x0: number, y0: number, x1: number, y1: number];

/** A word as read. From a text layer its confidence is 1. */
export interface Word {
  text: string;
  /** 0 to 1, as the reader gives it: not a probability of being right. */
  confidence: number;
  /** The least confident of its characters, 0 to 1. A single doubtful digit hides in a word's average. */
  weakest: number;
  box: Box;
  /** Only of words read from a picture that hold digits. */
  ink?: Ink | undefined;
}

/** Words side by side. `text` joins them with single spaces; `folded` is its same-length upper-case form. */
export interface Line {
  /** Counted from 0. */
  page: number;
  words: Word[];
  text: string;
  folded: string;
  box: Box;
}

/** A page as read: its size in the units of its boxes, and its lines from top to bottom. */
export interface PageText {
  width: number;
  height: number;
  method: "OCR" | "TEXT_LAYER";
  lines: Line[];
  /** Of a page that was read from its picture. */
  barcodes: Barcode[];
}

/** Makes a line of words that already stand in reading order. At least one word is needed. */
export function lineOf(words: Word[], page: number): Line {
  const text = words.map((word) => word.text).join(" ");
  return { page, words, text, folded: fold(text), box: around(words.map((word) => word.box)) };
}

/** No line of a document is longer; patterns are looked for in lines, so that their cost stays within bounds. */
const LINE_CHARACTERS = 800;

/** Makes lines of words in reading order, as many as it takes to keep each within 800 characters. */
export function linesOf(words: readonly Word[], page: number): Line[] {
  const parts: Word[][] = [];
  let length = 0;
  for (const word of words) {
    const cut = { ...word, text: word.text.slice(0, LINE_CHARACTERS) };
    length += cut.text.length + 1;
    const part = parts.at(-1);
    if (part && length <= LINE_CHARACTERS) {
      part.push(cut);
    } else {
      parts.push([cut]);
      length = cut.text.length + 1;
    }
  }
  return parts.map((part) => lineOf(part, page));
}

/** The words that the characters from `start` to `end` (exclusive) of the line's text touch. */
export function wordsBetween(line: Line, start: number, end: number): Word[] {
  const found: Word[] = [];
  let at = 0;
  for (const word of line.words) {
    const wordEnd = at + word.text.length;
    if (at < end && wordEnd > start) {
      found.push(word);
    }
    at = wordEnd + 1;
  }
  return found;
}

/** The smallest box around all; [0, 0, 0, 0] around none. */
export function around(boxes: readonly Box[]): Box {
  if (boxes.length === 0) {
    return [0, 0, 0, 0];
  }
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

/** The least confident character among the words, 0 to 1; 0 for none. */
export function weakestOf(words: readonly Word[]): number {
  return words.length === 0 ? 0 : Math.min(...words.map((word) => word.weakest));
}

/**
 * Lines from words of a text layer, which come in the order of drawing: words whose middles lie within half a
 * height of each other stand on one line, from left to right.
 */
export function linesFromWords(words: readonly Word[], page: number): Line[] {
  const rows: Word[][] = [];
  for (const word of [...words].sort((a, b) => middle(a) - middle(b))) {
    const row = rows.at(-1);
    const previous = row?.at(-1);
    if (
      row &&
      previous &&
      middle(word) - middle(previous) < Math.min(height(word), height(previous)) / 2
    ) {
      row.push(word);
    } else {
      rows.push([word]);
    }
  }
  return rows.map((row) =>
    lineOf(
      row.sort((a, b) => a.box[0] - b.box[0]),
      page,
    ),
  );
}

function middle(word: Word): number {
  return (word.box[1] + word.box[3]) / 2;
}

function height(word: Word): number {
  return word.box[3] - word.box[1];
}
