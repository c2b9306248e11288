import type { Picture } from "./picture.ts";
import type { Box } from "./words.ts";

/** How a word is printed: what a stain, a fold, an erasure or faded paper changes. */
export interface Ink {
  /** Area of the strokes in squares of the letters' height, over what its characters usually have: about 1. */
  amount: number;
  /** Between the paper and the darkest strokes, 0 to 1. */
  contrast: number;
}

/** Stroke area of a character in squares of the line's height, measured on DejaVu Sans and Sans Mono. */
const USUAL_INK: Record<string, number> = {
  "0": 0.2,
  "1": 0.15,
  "2": 0.17,
  "3": 0.18,
  "4": 0.18,
  "5": 0.18,
  "6": 0.2,
  "7": 0.13,
  "8": 0.22,
  "9": 0.2,
  "/": 0.09,
  ":": 0.04,
  ".": 0.02,
  ",": 0.03,
  "-": 0.03,
};

const USUAL_LETTER = 0.17;

/**
 * Measures a word of a grey picture. Dark on light is taken for granted: light letters on a dark ground come out as
 * whatever they do, alike for all words beside each other, which is all that is compared.
 */
export function inkOf(picture: Picture, box: Box, text: string): Ink {
  const x0 = Math.max(0, Math.floor(box[0]));
  const y0 = Math.max(0, Math.floor(box[1]));
  const x1 = Math.min(picture.width, Math.ceil(box[2]));
  const y1 = Math.min(picture.height, Math.ceil(box[3]));
  const counts = new Uint32Array(256);
  for (let y = y0; y < y1; y++) {
    for (let x = x0; x < x1; x++) {
      const value = picture.grey[y * picture.width + x] ?? 255;
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }
  const pixels = Math.max(1, (x1 - x0) * (y1 - y0));
  const paper = percentile(counts, pixels * 0.85);
  const stroke = percentile(counts, pixels * 0.03);
  let dark = 0;
  for (const [value, count] of counts.entries()) {
    dark += count * Math.min(1, Math.max(0, (paper - value) / Math.max(1, paper - stroke)));
  }
  const height = Math.max(1, y1 - y0);
  const usual = Array.from(text, (character) => USUAL_INK[character] ?? USUAL_LETTER);
  return {
    amount: dark / (height * height * usual.reduce((sum, each) => sum + each, 0)),
    contrast: (paper - stroke) / 255,
  };
}

function percentile(counts: Uint32Array, rank: number): number {
  let seen = 0;
  for (const [value, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) {
      return value;
    }
  }
  return 255;
}
