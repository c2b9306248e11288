import type { Picture } from "./picture.ts";

/** Marks outside of these heights, in pixels, are specks, rules and pictures. */
const LEAST = 5;
const MOST = 120;

/** Fewer letters than this say nothing about a page. */
const FEWEST = 40;

interface Mark {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
  /** The mark that this one was found to be a part of. */
  joined: Mark | undefined;
}

interface Run {
  start: number;
  end: number;
  mark: Mark;
}

/** The median height of a page's letters in pixels, from its connected dark marks; undefined when it has too few. */
export function letterHeight({ grey, width, height }: Picture): number | undefined {
  const threshold = inkThreshold(grey);
  const marks: Mark[] = [];
  let above: Run[] = [];
  for (let y = 0; y < height; y++) {
    const runs: Run[] = [];
    let next = 0;
    for (const [start, end] of darkRuns(grey, y * width, width, threshold)) {
      while (next < above.length && (above[next]?.end ?? 0) < start) {
        next++;
      }
      let mark: Mark | undefined;
      for (let i = next; i < above.length && (above[i]?.start ?? width) <= end; i++) {
        const other = above[i]?.mark;
        mark = other && (mark ? join(whole(mark), whole(other)) : whole(other));
      }
      if (!mark) {
        mark = { x0: start, x1: end, y0: y, y1: y + 1, joined: undefined };
        marks.push(mark);
      }
      mark.x0 = Math.min(mark.x0, start);
      mark.x1 = Math.max(mark.x1, end);
      mark.y1 = y + 1;
      runs.push({ start, end, mark });
    }
    above = runs;
  }
  const heights = marks
    .filter((mark) => mark.joined === undefined && isLetter(mark))
    .map(({ y0, y1 }) => y1 - y0)
    .sort((a, b) => a - b);
  return heights.length < FEWEST ? undefined : heights[Math.floor(heights.length / 2)];
}

function isLetter({ x0, x1, y0, y1 }: Mark): boolean {
  const height = y1 - y0;
  const width = x1 - x0;
  return height >= LEAST && height <= MOST && width <= 2 * height && width >= height / 8;
}

function whole(mark: Mark): Mark {
  let top = mark;
  while (top.joined) {
    top = top.joined;
  }
  return top;
}

function join(mark: Mark, other: Mark): Mark {
  if (mark !== other) {
    other.joined = mark;
    mark.x0 = Math.min(mark.x0, other.x0);
    mark.x1 = Math.max(mark.x1, other.x1);
    mark.y0 = Math.min(mark.y0, other.y0);
    mark.y1 = Math.max(mark.y1, other.y1);
  }
  return mark;
}

function* darkRuns(
  grey: Buffer,
  from: number,
  width: number,
  threshold: number,
): Generator<[number, number]> {
  let start = -1;
  for (let x = 0; x <= width; x++) {
    const dark = x < width && (grey[from + x] ?? 255) < threshold;
    if (dark && start < 0) {
      start = x;
    } else if (!dark && start >= 0) {
      yield [start, x];
      start = -1;
    }
  }
}

/** The threshold that parts ink and paper best (Otsu, IEEE Transactions on Systems, Man, and Cybernetics 9, 1979). */
function inkThreshold(grey: Buffer): number {
  const counts = new Float64Array(256);
  for (const value of grey) {
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const sumAll = counts.reduce((sum, count, value) => sum + count * value, 0);
  let [best, threshold, dark, sumDark] = [-1, 128, 0, 0];
  for (const [value, count] of counts.entries()) {
    dark += count;
    sumDark += count * value;
    const light = grey.length - dark;
    if (dark > 0 && light > 0) {
      const apart = sumDark / dark - (sumAll - sumDark) / light;
      const variance = dark * light * apart * apart;
      if (variance > best) {
        [best, threshold] = [variance, value + 1];
      }
    }
  }
  return threshold;
}
