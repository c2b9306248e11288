import { describe, expect, it } from "@jest/globals";
import sharp from "sharp";
import { asItLay } from "../../src/receipts/as-it-lay.ts";
import { decodePicture } from "../../src/receipts/picture.ts";
import { lettersOf } from "../../src/receipts/print.ts";
import { NO_TIMESTAMP, unreadable } from "../../src/receipts/reading.ts";
import { skewOf, tiltOf } from "../../src/receipts/skew.ts";
import { drawn, PROOF } from "./drawn.ts";

const lettersOfTurned = async (degrees: number) =>
  lettersOf(
    await decodePicture(
      await sharp(drawn(PROOF)).rotate(degrees, { background: "#ffffff" }).png().toBuffer(),
    ),
  );

describe("skewOf", () => {
  it.each([-9, -4, -1, 2, 4, 9])("tells that a page was turned by %i degrees", async (degrees) => {
    expect(skewOf(await lettersOfTurned(degrees))).toBeCloseTo(degrees, 0);
  });

  it.each([0, 0.4])("leaves alone a page that was turned by %f degrees", async (degrees) => {
    expect(skewOf(await lettersOfTurned(degrees))).toBe(0);
  });

  it.each([-2, 0, 1.5])("tells a tilt of %f degrees all the same", async (degrees) => {
    expect(tiltOf(await lettersOfTurned(degrees))).toBeCloseTo(degrees, 0);
  });

  it("says nothing of a page with hardly a letter", async () => {
    expect(skewOf(lettersOf(await decodePicture(drawn(["Recibo"]))))).toBe(0);
  });
});

describe("asItLay", () => {
  it("turns boxes back about the middle of the page", () => {
    const reading = unreadable("NO_TEXT");
    const read = {
      ...reading,
      pages: [{ width: 200, height: 100 }],
      fields: {
        ...reading.fields,
        timestamp: { ...NO_TIMESTAMP, box: [100, 0, 200, 50], page: 0 },
      },
    } satisfies typeof reading;
    const { pages, fields } = asItLay(read, [{ width: 100, height: 200, degrees: 90 }]);
    expect(pages).toEqual([{ width: 100, height: 200 }]);
    expect(fields.timestamp.box?.map((edge) => Math.round(edge) + 0)).toEqual([0, 0, 50, 100]);
    expect(asItLay(read, [null])).toEqual(read);
  });
});
