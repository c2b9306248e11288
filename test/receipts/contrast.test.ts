import { describe, expect, it } from "@jest/globals";
import { cleaned, stretched } from "../../src/receipts/contrast.ts";
import type { Picture } from "../../src/receipts/picture.ts";

const row = (...grey: number[]): Picture => ({
  grey: Buffer.from(grey),
  width: grey.length,
  height: 1,
});

describe("stretched", () => {
  it("makes the darkest black and the lightest white", () => {
    expect([...stretched(row(50, 100, 150)).grey]).toEqual([0, 128, 255]);
  });

  it("is not led astray by one pixel in a thousand", () => {
    const page = row(...Array.from({ length: 1000 }, (_, i) => (i === 0 ? 0 : 100 + (i % 2) * 50)));
    expect([...stretched(page).grey.subarray(1, 3)]).toEqual([255, 0]);
  });

  it("leaves alone what has full contrast already, and what has none", () => {
    const full = row(0, 255);
    expect(stretched(full).grey).toBe(full.grey);
    const blank = row(200, 200);
    expect(stretched(blank).grey).toBe(blank.grey);
  });
});

describe("cleaned", () => {
  it("takes off what is light, and keeps what is dark apart", () => {
    expect([...cleaned(row(0, 60, 120, 170, 200, 255)).grey]).toEqual([0, 90, 180, 255, 255, 255]);
  });
});
