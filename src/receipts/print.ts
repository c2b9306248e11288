import type { Picture } from "./picture.ts";
import { around, type Box } from "./words.ts";

/** Marks outside of these heights, in pixels, are specks, rules and pictures. */
const LEAST = 5;
const MOST = 120;

/** Fewer letters than this say nothing about a page. */
const FEWEST = 40;

/** A page of small print has some 6,000; what has so many more is noise, in which nothing is to be measured. */
const TOO_MANY = 200_000;

/** A mark with so many others around it is part of a text; specks and stains stand apart. */
const NEIGHBOURS = 3;

/** How far around, and how much paper is left beyond the text, in heights of a letter. */
const AROUND = 3;

/** The letters of a page, by its connected dark marks. */
export interface Letters {
  marks: Place[];
  /** Their median height, pixels. */
  height: number;
}

/** Where a mark is, in pixels. */
export interface Place {
  x0: number;
  x1: number;
  y0: number;
  y1: number;
}

interface Mark extends Place {
  /** The mark that this one was found to be a part of. */
  joined: Mark | undefined;
}

interface Run {
  start: number;
  end: number;
  mark: Mark;
}

/** The printed part of a page: what holds all of its letters, with a margin. */
export function areaOf({ marks, height }: Letters, size: Pick<Picture, "width" | "height">): Box {
  const reach = AROUND * height;
  const [x0, y0, x1, y1] = around(
    withNeighbours(marks, reach).map((mark) => [mark.x0, mark.y0, mark.x1, mark.y1]),
  );
  return [
    Math.max(0, x0 - reach),
    Math.max(0, y0 - reach),
    Math.min(size.width, x1 + reach),
    Math.min(size.height, y1 + reach),
  ];
}

/** The marks of a picture that have the shape of letters. */
export function letterMarksOf(picture: Picture): Place[] {
  return marksOf(picture).filter((mark) => mark.joined === undefined && isLetter(mark));
}

/** The letters of a page; undefined when they are too few to say anything. */
export function lettersOf(picture: Picture): Letters | undefined {
  const marks = letterMarksOf(picture);
  if (marks.length < FEWEST) {
    return undefined;
  }
  const heights = marks.map(({ y0, y1 }) => y1 - y0).sort((a, b) => a - b);
  return { marks, height: heights[Math.floor(heights.length / 2)] ?? MOST };
}

/** Marks with others near, looked for on a grid. */
function withNeighbours(marks: readonly Place[], reach: number): Place[] {
  const cellOf = ({ x0, y0 }: Place): [number, number] => [
    Math.floor(x0 / reach),
    Math.floor(y0 / reach),
  ];
  const counts = new Map<string, number>();
  for (const mark of marks) {
    const key = cellOf(mark).join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return marks.filter((mark) => {
    const [column, row] = cellOf(mark);
    let near = -1;
    for (let y = row - 1; y <= row + 1; y++) {
      for (let x = column - 1; x <= column + 1; x++) {
        near += counts.get(`${x},${y}`) ?? 0;
      }
    }
    return near >= NEIGHBOURS;
  });
}

function marksOf({ grey, width, height }: Picture): Mark[] {
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
        if (marks.length > TOO_MANY) {
          return [];
        }
      }
      mark.x0 = Math.min(mark.x0, start);
      mark.x1 = Math.max(mark.x1, end);
      mark.y1 = y + 1;
      runs.push({ start, end, mark });
    }
    above = runs;
  }
  return marks;
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
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i] ?? 0;
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
