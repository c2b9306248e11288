import { type Box, type Line, lineOf, type Word, wordsBetween } from "../words.ts";

/** Words of a line that stand together, apart from the next ones by a gap: the label or the value of a form. */
export type Cell = Line;

/** A gap of more than this share of the letters' height parts two cells; a space is a third of it or less. */
const GAP = 1.5;

/** Each figure of a table asks for the cells above it: they are worked out once for each line. */
const known = new WeakMap<Line, Cell[]>();

/** The cells of a line, from left to right. */
export function cellsOf(line: Line): readonly Cell[] {
  const cells = known.get(line) ?? partedByGaps(line);
  known.set(line, cells);
  return cells;
}

function partedByGaps(line: Line): Cell[] {
  const cells: Word[][] = [];
  for (const word of line.words) {
    const cell = cells.at(-1);
    const previous = cell?.at(-1);
    const height = word.box[3] - word.box[1];
    if (cell && previous && word.box[0] - previous.box[2] < GAP * height) {
      cell.push(word);
    } else {
      cells.push([word]);
    }
  }
  return cells.map((words) => lineOf(words, line.page));
}

/**
 * The text that labels what stands in the line from `start` on: what precedes it in the line; and, where a form puts
 * labels above values, the cell without figures that stands over it (of at most two lines up).
 */
export function labelsOf(
  lines: readonly Line[],
  index: number,
  start: number,
  end: number,
): { before: string; above: string } {
  const line = lines[index];
  if (!line) {
    return { before: "", above: "" };
  }
  const box = boxOf(line, start, end);
  for (let i = index - 1; i >= Math.max(0, index - 2); i--) {
    const candidate = lines[i];
    if (!candidate || candidate.page !== line.page) {
      break;
    }
    const over = cellsOf(candidate).filter(
      (cell) => overlaps(cell.box, box) && !/\d\d/.test(cell.text),
    );
    if (over.length > 0) {
      return {
        before: line.folded.slice(0, start),
        above: over.map((cell) => cell.folded).join(" "),
      };
    }
  }
  return { before: line.folded.slice(0, start), above: "" };
}

/** The box of the words that a range of the line's text touches. */
export function boxOf(line: Line, start: number, end: number): Box {
  const words = wordsBetween(line, start, end);
  return words.length > 0 ? lineOf(words, line.page).box : line.box;
}

/** Whether two boxes share some of their width. */
export function overlaps(a: Box, b: Box): boolean {
  return a[0] < b[2] && b[0] < a[2];
}
