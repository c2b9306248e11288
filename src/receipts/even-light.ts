import type { Picture } from "./picture.ts";

/** The paper's brightness is looked for in so many squares across. */
const SQUARES_ACROSS = 32;

/** In each square the brightness that only this share of its pixels exceeds is the paper's: a photograph has noise. */
const PAPER_RANK = 0.85;

/** A square darker than this share of the paper is no shadow but a dark ground with light letters: left as it is. */
const DARKEST_SHADOW = 0.42;

/** Unless the paper differs by this share between squares, the picture is evenly lit already. */
const UNEVEN = 0.1;

/**
 * Takes shadows off a page: each pixel is divided by the brightness of the paper around it. Tesseract tells ink from paper
 * by one threshold for the whole page, and takes what lies in a shadow for ink.
 *
 * @returns the same picture when it is evenly lit.
 */
export function evenLight(picture: Picture): Picture {
  const { grey, width, height } = picture;
  const size = Math.max(8, Math.ceil(width / SQUARES_ACROSS));
  const columns = Math.ceil(width / size);
  const rows = Math.ceil(height / size);
  const squares = new Float32Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      squares[row * columns + column] = paperOf(picture, column * size, row * size, size);
    }
  }
  const sorted = squares.toSorted();
  const paper = sorted[Math.floor(sorted.length * 0.9)] ?? 255;
  const lightOf = (value: number): number => (value < DARKEST_SHADOW * paper ? paper : value);
  const darker = squares.filter((value) => lightOf(value) < (1 - UNEVEN) * paper).length;
  if (paper === 0 || darker < 0.02 * squares.length) {
    return picture;
  }
  const light = smoothed(squares.map(lightOf), columns, rows);
  const even = Buffer.alloc(grey.length);
  for (let y = 0; y < height; y++) {
    const [top, below, down] = between(y, size, rows);
    for (let x = 0; x < width; x++) {
      const [left, right, across] = between(x, size, columns);
      const above =
        (light[top * columns + left] ?? paper) * (1 - across) +
        (light[top * columns + right] ?? paper) * across;
      const under =
        (light[below * columns + left] ?? paper) * (1 - across) +
        (light[below * columns + right] ?? paper) * across;
      const local = above * (1 - down) + under * down;
      const at = y * width + x;
      even[at] = Math.min(255, ((grey[at] ?? 0) * 255) / Math.max(1, local));
    }
  }
  return { grey: even, width, height };
}

function paperOf({ grey, width, height }: Picture, x0: number, y0: number, size: number): number {
  const counts = new Uint32Array(256);
  let pixels = 0;
  for (let y = y0; y < Math.min(height, y0 + size); y++) {
    for (let x = x0; x < Math.min(width, x0 + size); x++) {
      const value = grey[y * width + x] ?? 255;
      counts[value] = (counts[value] ?? 0) + 1;
      pixels++;
    }
  }
  let seen = 0;
  for (const [value, count] of counts.entries()) {
    seen += count;
    if (seen >= pixels * PAPER_RANK) {
      return value;
    }
  }
  return 255;
}

/** Means of three by three squares. */
function smoothed(squares: Float32Array, columns: number, rows: number): Float32Array {
  return squares.map((_, index) => {
    const column = index % columns;
    const row = Math.floor(index / columns);
    let [sum, count] = [0, 0];
    for (let y = Math.max(0, row - 1); y <= Math.min(rows - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(columns - 1, column + 1); x++) {
        sum += squares[y * columns + x] ?? 0;
        count++;
      }
    }
    return sum / count;
  });
}

/** The squares whose middles a place lies between, and how far it is towards the second. */
function between(place: number, size: number, count: number): [number, number, number] {
  const at = Math.min(count - 1, Math.max(0, (place + 0.5) / size - 0.5));
  const first = Math.floor(at);
  return [first, Math.min(count - 1, first + 1), at - first];
}
