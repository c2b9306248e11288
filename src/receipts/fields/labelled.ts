import { ABSENT, type Field } from "../reading.ts";
import { type Line, weakestOf, wordsBetween } from "../words.ts";
import { boxOf, type Cell, cellsOf, overlaps } from "./cells.ts";

/** Where what a label is of may stand: a cell, from a character on. */
export interface Place {
  cell: Cell;
  start: number;
  /** INSIDE: after the label in its own cell. BESIDE: the next cell of the line. BELOW: under it, in the next line. */
  at: "INSIDE" | "BESIDE" | "BELOW";
}

/** The places of the value of one label, the likeliest first. */
export type Labelled = readonly Place[];

/** Colons, and the dots with which slips fill the line up to them. */
const SEPARATORS = /^[\s:.=_-]*/;

/** The places of each label that begins a cell of the line. The label is matched against folded text, so it should begin with `^`. */
export function labelledIn(lines: readonly Line[], index: number, label: RegExp): Labelled[] {
  const line = lines[index];
  const cells = line ? cellsOf(line) : [];
  return cells.flatMap((cell, i): Labelled[] => {
    const match = label.exec(cell.folded);
    if (!match) {
      return [];
    }
    const rest = cell.folded.slice(match[0].length);
    const start = match[0].length + (SEPARATORS.exec(rest)?.[0].length ?? 0);
    if (start < cell.folded.length) {
      return [[{ cell, start, at: "INSIDE" }]];
    }
    const next = cells[i + 1];
    const under = lines[index + 1];
    const below =
      under?.page === cell.page
        ? cellsOf(under).find(({ box }) => overlaps(box, cell.box))
        : undefined;
    const places: Place[] = [];
    if (next) {
      places.push({ cell: next, start: 0, at: "BESIDE" });
    }
    if (below) {
      places.push({ cell: below, start: 0, at: "BELOW" });
    }
    return [places];
  });
}

/** The characters of a cell as a field; its confidence is that of the least certain one. */
export function fieldIn(cell: Cell, start: number, end: number, value: string): Field {
  return {
    value,
    confidence: weakestOf(wordsBetween(cell, start, end)),
    box: boxOf(cell, start, end),
    page: cell.page,
  };
}

/** What is printed once, or several times alike; ABSENT where two differ, for it would be a guess. */
export function onlyValue(found: readonly Field[]): Field {
  const same = (text: string | null): string =>
    text?.toUpperCase().replace(/[^\p{L}\p{N}]/gu, "") ?? "";
  const [surest] = [...found].sort((a, b) => b.confidence - a.confidence);
  const alike = found.every(({ value }) => same(value) === same(surest?.value ?? null));
  return surest && alike ? surest : ABSENT;
}
