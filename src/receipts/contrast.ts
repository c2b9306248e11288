import type { Picture } from "./picture.ts";

/** So many pixels, at either end, may be lost to black or white. */
const CLIPPED = 0.01;

/** The picture stretched to full contrast: its darkest hundredth becomes black and its lightest white. */
export function stretched({ grey, width, height }: Picture): Picture {
  const counts = new Uint32Array(256);
  for (let i = 0; i < grey.length; i++) {
    const value = grey[i] ?? 0;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  const clipped = CLIPPED * grey.length;
  const black = firstBeyond(counts, clipped);
  const white = 255 - firstBeyond(counts.toReversed(), clipped);
  if (white <= black || (black === 0 && white === 255)) {
    return { grey, width, height };
  }
  // A clamped array rounds, and cuts off what lies beyond 0 and 255.
  const shades = Uint8ClampedArray.from(
    { length: 256 },
    (_, value) => ((value - black) * 255) / (white - black),
  );
  const full = Buffer.allocUnsafe(grey.length);
  for (let i = 0; i < grey.length; i++) {
    full[i] = shades[grey[i] ?? 0] ?? 0;
  }
  return { grey: full, width, height };
}

/** What is lighter than this share of white becomes white. */
const LIGHT = 2 / 3;

/** The picture without what is light: noise, a fold's line, a watermark. Pale print goes with it. */
export function cleaned({ grey, width, height }: Picture): Picture {
  const clean = new Uint8ClampedArray(grey.length);
  for (let i = 0; i < grey.length; i++) {
    clean[i] = (grey[i] ?? 0) / LIGHT;
  }
  return { grey: Buffer.from(clean.buffer), width, height };
}

function firstBeyond(counts: Uint32Array, few: number): number {
  let seen = 0;
  for (const [value, count] of counts.entries()) {
    seen += count;
    if (seen > few) return value;
  }
  return 255;
}
