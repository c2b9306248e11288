import { describe, expect, it } from "@jest/globals";
import { evenLight, hasDarkGround, lightOf } from "../../src/receipts/even-light.ts";
import type { Picture } from "../../src/receipts/picture.ts";

/** Letters' strokes (every eighth column) on paper, lit as `light` says. */
function page(light: (x: number, y: number) => number): Picture {
  const [width, height] = [640, 480];
  const grey = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      grey[y * width + x] = (x % 8 === 0 ? 0.2 : 1) * light(x, y);
    }
  }
  return { grey, width, height };
}

const evened = (picture: Picture): Picture => evenLight(picture, lightOf(picture));

/** Brightest ink and darkest paper. */
function inkAndPaper({ grey, width }: Picture): [number, number] {
  let [ink, paper] = [0, 255];
  for (let at = 0; at < grey.length; at++) {
    const value = grey[at] ?? 0;
    if ((at % width) % 8 === 0) ink = Math.max(ink, value);
    else paper = Math.min(paper, value);
  }
  return [ink, paper];
}

describe("evenLight", () => {
  it("parts ink and paper by one threshold where a shadow did not let it", () => {
    const shadowed = page((x, y) => 250 - 0.2 * x * (y / 480));
    const darker = page((x) => (x < 320 ? 250 : 250 - (x - 320) * 0.4));
    for (const picture of [shadowed, darker]) {
      const [ink, paper] = inkAndPaper(evened(picture));
      expect(paper - ink).toBeGreaterThan(120);
    }
  });

  it("leaves an evenly lit page as it is, and a dark heading dark", () => {
    const even = page(() => 240);
    expect(evened(even)).toBe(even);
    const heading = page((_, y) => (y < 100 ? 60 : 240));
    expect(evened(heading)).toBe(heading);
  });
});

describe("hasDarkGround", () => {
  it("tells a dark heading from a shadow", () => {
    expect(hasDarkGround(lightOf(page((_, y) => (y < 100 ? 60 : 240))))).toBe(true);
    expect(hasDarkGround(lightOf(page((x, y) => 250 - 0.2 * x * (y / 480))))).toBe(false);
  });
});
