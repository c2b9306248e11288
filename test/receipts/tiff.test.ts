import { describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { tiffOf } from "../../src/receipts/tiff.ts";

describe("tiffOf", () => {
  it("is a file that others open, pixel by pixel the same", async () => {
    const grey = Buffer.from(Array.from({ length: 7 * 5 }, (_, i) => i * 7));
    const { data, info } = await sharp(tiffOf({ grey, width: 7, height: 5 }))
      .toColourspace("b-w")
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 7, height: 5, channels: 1 });
    expect([...data]).toEqual([...grey]);
  });
});
