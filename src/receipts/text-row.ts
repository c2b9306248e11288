import { cutOut, type Picture } from "./picture.ts";
import { letterMarksOf, type Place } from "./print.ts";
import type { Box } from "./words.ts";

/** A row with fewer letters may be a stamp or specks. */
const FEWEST = 3;

/** Of a box that fits its words the letters fill more. */
const MUCH_OF_THE_BOX = 0.5;

/** Left above and below the letters, in heights of them. */
const MARGIN = 1 / 3;

/** Marks that overlap by less of the smaller one's height stand in two rows. */
const SAME_ROW = 0.4;

/**
 * The box cut down to the row of letters in it, where tesseract made it much too tall: by a rule above the words, or by the next
 * line's heads. A box that fits stays as it is.
 */
export async function fittedToRow(picture: Picture, box: Box): Promise<Box> {
  const part = await cutOut(picture, box);
  const whole = letterMarksOf(part).filter(({ y0, y1 }) => y0 > 0 && y1 < part.height);
  const [row] = rowsOf(whole).sort((a, b) => widthOf(b) - widthOf(a));
  if (!row || row.length < FEWEST) {
    return box;
  }
  const top = Math.min(...row.map(({ y0 }) => y0));
  const bottom = Math.max(...row.map(({ y1 }) => y1));
  if (bottom - top > MUCH_OF_THE_BOX * part.height) {
    return box;
  }
  const margin = MARGIN * (bottom - top);
  const [x0, y0, x1, y1] = box;
  return [x0, Math.max(y0, y0 + top - margin), x1, Math.min(y1, y0 + bottom + margin)];
}

/** Marks that stand beside each other. */
function rowsOf(marks: readonly Place[]): Place[][] {
  const rows: { y0: number; y1: number; marks: Place[] }[] = [];
  for (const mark of [...marks].sort((a, b) => a.y0 + a.y1 - b.y0 - b.y1)) {
    const row = rows.at(-1);
    const shared = row ? Math.min(row.y1, mark.y1) - Math.max(row.y0, mark.y0) : 0;
    if (row && shared >= SAME_ROW * Math.min(row.y1 - row.y0, mark.y1 - mark.y0)) {
      row.marks.push(mark);
      row.y0 = Math.min(row.y0, mark.y0);
      row.y1 = Math.max(row.y1, mark.y1);
    } else {
      rows.push({ y0: mark.y0, y1: mark.y1, marks: [mark] });
    }
  }
  return rows.map((row) => row.marks);
}

function widthOf(row: readonly Place[]): number {
  return row.reduce((sum, { x0, x1 }) => sum + x1 - x0, 0);
}
