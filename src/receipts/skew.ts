import type { Letters } from "./print.ts";

/**
 * Tesseract itself follows lines that run less askew than 3 degrees; but a strip across a page cuts pieces off three rows at 2. Of 158
 * drawn pages that had been refused 41 were accepted with 3, and 49 with this.
 */
const LEAST_DEGREES = 0.7;

/** Beyond it a page lies on its side, which is another matter. */
const MOST_DEGREES = 15;

const COARSE_STEP = 0.5;
const FINE_STEP = 0.1;

/** A turn must bring feet of letters together so much better than none does. */
const BETTER = 1.25;

/** By how many degrees a page must be turned back to be read: 0 when its lines run downhill by too little to matter. */
export function skewOf(letters: Letters | undefined): number {
  const tilt = tiltOf(letters);
  return Math.abs(tilt) < LEAST_DEGREES ? 0 : tilt;
}

/**
 * By how many degrees a page's lines run downhill to the right: 0 when that is not clear.
 *
 * The feet of the letters of one line stand at one height once the page is turned rightly, so they fall into few, full rows.
 */
export function tiltOf(letters: Letters | undefined): number {
  if (letters === undefined) {
    return 0;
  }
  const feet = letters.marks.map(({ x0, x1, y1 }) => ({ x: (x0 + x1) / 2, y: y1 }));
  const row = Math.max(1, letters.height / 4);
  const score = (degrees: number): number => fullness(feet, degrees, row);
  const coarse = best(-MOST_DEGREES, MOST_DEGREES, COARSE_STEP, score);
  const fine = best(coarse - COARSE_STEP, coarse + COARSE_STEP, FINE_STEP, score);
  return score(fine) < BETTER * score(0) ? 0 : fine;
}

/** The sum of the squares of how many feet stand in each row of the page turned back. */
function fullness(feet: readonly { x: number; y: number }[], degrees: number, row: number): number {
  const slope = Math.tan((degrees * Math.PI) / 180);
  const rows = new Map<number, number>();
  for (const { x, y } of feet) {
    const at = Math.round((y - x * slope) / row);
    rows.set(at, (rows.get(at) ?? 0) + 1);
  }
  let sum = 0;
  for (const count of rows.values()) sum += count * count;
  return sum;
}

function best(from: number, to: number, step: number, score: (degrees: number) => number): number {
  let [found, highest] = [0, -1];
  for (let degrees = from; degrees <= to + step / 2; degrees += step) {
    const value = score(degrees);
    if (value > highest) [found, highest] = [degrees, value];
  }
  return found;
}
