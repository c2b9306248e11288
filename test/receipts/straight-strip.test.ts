import { describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { cutOut, decodePicture } from "../../src/receipts/picture.ts";
import { letterMarksOf } from "../../src/receipts/print.ts";
import { straightPart } from "../../src/receipts/straight-strip.ts";
import type { Box } from "../../src/receipts/words.ts";
import { drawn, PROOF } from "./drawn.ts";

const TILT = 2.5;

/** The proof turned, and the box around its line of the date: 40 to 330 across, 86 to 110 down before it was turned. */
async function tilted() {
  const upright = await decodePicture(drawn(PROOF));
  const png = await sharp(drawn(PROOF)).rotate(TILT, { background: "#ffffff" }).png().toBuffer();
  const picture = await decodePicture(png);
  const angle = (TILT * Math.PI) / 180;
  const corners = [
    [40, 130],
    [345, 130],
    [40, 155],
    [345, 155],
  ].map(([x = 0, y = 0]) => {
    const [dx, dy] = [x - upright.width / 2, y - upright.height / 2];
    return {
      x: picture.width / 2 + Math.cos(angle) * dx - Math.sin(angle) * dy,
      y: picture.height / 2 + Math.sin(angle) * dx + Math.cos(angle) * dy,
    };
  });
  const box: Box = [
    Math.min(...corners.map(({ x }) => x)),
    Math.min(...corners.map(({ y }) => y)),
    Math.max(...corners.map(({ x }) => x)),
    Math.max(...corners.map(({ y }) => y)),
  ];
  return { picture, box };
}

describe("straightPart", () => {
  it("levels a row: its letters stand at one height, and fit a lower box", async () => {
    const { picture, box } = await tilted();
    const straight = await straightPart(picture, box, TILT);
    const spread = async (part: typeof picture, within: Box): Promise<number> => {
      const feet = letterMarksOf(await cutOut(part, within)).map(({ y1 }) => y1);
      return Math.max(...feet) - Math.min(...feet);
    };
    const whole: Box = [0, 0, straight.part.width, straight.part.height];
    expect(straight.box[3] - straight.box[1]).toBeLessThan(0.8 * (box[3] - box[1]));
    expect(straight.box[0]).toBeGreaterThan(whole[0]);
    expect(straight.box[2]).toBeLessThan(whole[2]);
    const margin = 6;
    const [x0, y0, x1, y1] = straight.box;
    expect(await spread(straight.part, [x0, y0 - margin, x1, y1 + margin])).toBeLessThan(10);
    expect(await spread(picture, box)).toBeGreaterThan(10);
  });

  it("finds places of the part again on the picture", async () => {
    const { picture, box } = await tilted();
    const straight = await straightPart(picture, box, TILT);
    const [x0, y0, x1, y1] = straight.place(straight.box);
    expect((x0 + x1) / 2).toBeCloseTo((box[0] + box[2]) / 2, 0);
    expect((y0 + y1) / 2).toBeCloseTo((box[1] + box[3]) / 2, 0);
  });

  it("turns nothing of a page that lies straight", async () => {
    const picture = await decodePicture(drawn(PROOF));
    const { part, box, place } = await straightPart(picture, [40, 130, 345, 155], 0);
    expect(part).toMatchObject({ width: 381, height: 101 });
    expect(box.map(Math.round)).toEqual([38, 38, 343, 63]);
    expect(place(box).map(Math.round)).toEqual([40, 130, 345, 155]);
  });
});
