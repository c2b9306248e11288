import { describe, expect, it } from "@jest/globals";
import { createCanvas } from "@napi-rs/canvas";
import { decodePicture } from "../../src/receipts/picture.ts";
import { fittedToRow } from "../../src/receipts/text-row.ts";
import type { Box } from "../../src/receipts/words.ts";

/** A rule, the words, and the heads of the next line at the lower edge. */
async function strip(words: string) {
  const canvas = createCanvas(300, 100);
  const context = canvas.getContext("2d");
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, 300, 100);
  context.fillStyle = "#000000";
  context.fillRect(0, 10, 300, 3);
  context.font = "30px sans-serif";
  context.fillText(words, 20, 64);
  context.fillText("11:49:00", 20, 112);
  return decodePicture(canvas.toBuffer("image/png"));
}

describe("fittedToRow", () => {
  const whole: Box = [0, 0, 300, 100];

  it("cuts a box down to the words in it", async () => {
    const [x0, top, x1, bottom] = await fittedToRow(await strip("03/02/2018"), whole);
    expect([x0, x1]).toEqual([0, 300]);
    expect(top).toBeGreaterThan(15);
    expect(top).toBeLessThan(42);
    expect(bottom).toBeGreaterThan(64);
    expect(bottom).toBeLessThan(85);
  });

  it("leaves alone what fits, and what has hardly a letter", async () => {
    const fitting: Box = [0, 32, 300, 74];
    expect(await fittedToRow(await strip("03/02/2018"), fitting)).toEqual(fitting);
    expect(await fittedToRow(await strip("!"), whole)).toEqual(whole);
  });
});
