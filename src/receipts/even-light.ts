import type { Picture } from "./picture.ts";

/** The paper's brightness is looked for in so many squares across. */
const SQUARES_ACROSS = 32;

/** In each square the brightness that only this share of its pixels exceeds is the paper's: a photograph has noise. */
const PAPER_RANK = 0.85;

/** Every so many pixels, across and down, are looked at: 150 and more of a square. */
const STRIDE = 2;

/** A square darker than this share of the paper is no shadow but a dark ground with light letters: left as it is. */
const DARKEST_SHADOW = 0.42;

/** Unless the paper differs by this share between squares, the picture is evenly lit already. */
const UNEVEN = 0.1;

/** The brightness of the paper over a page, square by square. */
export interface Light {
  squares: Float32Array;
  columns: number;
  rows: number;
  /** Of a square, in pixels. */
  size: number;
  /** The paper's brightness where it is lit. */
  paper: number;
}

/** How a page is lit. */
export function lightOf(picture: Picture): Light {
  const { width, height } = picture;
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
  return { squares, columns, rows, size, paper: sorted[Math.floor(sorted.length * 0.9)] ?? 255 };
}

/** Whether some of a page is darker than a shadow makes it: there may be light letters on it. */
export function hasDarkGround({ squares, paper }: Light): boolean {
  return squares.some((value) => value < DARKEST_SHADOW * paper);
}

/**
 * Takes shadows off a page: each pixel is divided by the brightness of the paper around it. Tesseract tells ink from paper
 * by one threshold for the whole page, and takes what lies in a shadow for ink.
 *
 * @returns the same picture when it is evenly lit.
 */
export function evenLight(
  picture: Picture,
  { squares, columns, rows, size, paper }: Light,
): Picture {
  const { grey, width, height } = picture;
  const lit = (value: number): number => (value < DARKEST_SHADOW * paper ? paper : value);
  const darker = squares.filter((value) => lit(value) < (1 - UNEVEN) * paper).length;
  if (paper === 0 || darker < 0.02 * squares.length) {
    return picture;
  }
  const light = smoothed(squares.map(lit), columns, rows);
  const even = Buffer.alloc(grey.length);
  const across = placesBetween(width, size, columns);
  const down = placesBetween(height, size, rows);
  for (let y = 0; y < height; y++) {
    const line = lineOfLight(light, down, y, columns);
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const local = mix(line, across, x);
      even[at] = Math.min(255, ((grey[at] ?? 0) * 255) / Math.max(1, local));
    }
  }
  return { grey: even, width, height };
}

/** For each place of a row or column: the two squares whose middles it lies between, and how far it is to the second. */
interface Places {
  first: Uint16Array;
  second: Uint16Array;
  share: Float32Array;
}

function placesBetween(length: number, size: number, count: number): Places {
  const places: Places = {
    first: new Uint16Array(length),
    second: new Uint16Array(length),
    share: new Float32Array(length),
  };
  for (let place = 0; place < length; place++) {
    const at = Math.min(count - 1, Math.max(0, (place + 0.5) / size - 0.5));
    const first = Math.floor(at);
    places.first[place] = first;
    places.second[place] = Math.min(count - 1, first + 1);
    places.share[place] = at - first;
  }
  return places;
}

/** The light of the squares' columns at one row of pixels. */
function lineOfLight(light: Float32Array, down: Places, y: number, columns: number): Float32Array {
  const above = (down.first[y] ?? 0) * columns;
  const below = (down.second[y] ?? 0) * columns;
  const share = down.share[y] ?? 0;
  return Float32Array.from(
    { length: columns },
    (_, column) =>
      (light[above + column] ?? 0) * (1 - share) + (light[below + column] ?? 0) * share,
  );
}

function mix(values: Float32Array, { first, second, share }: Places, place: number): number {
  const part = share[place] ?? 0;
  return (values[first[place] ?? 0] ?? 0) * (1 - part) + (values[second[place] ?? 0] ?? 0) * part;
}

function paperOf({ grey, width, height }: Picture, x0: number, y0: number, size: number): number {
  const counts = new Uint32Array(256);
  let pixels = 0;
  for (let y = y0; y < Math.min(height, y0 + size); y += STRIDE) {
    for (let x = x0; x < Math.min(width, x0 + size); x += STRIDE) {
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
