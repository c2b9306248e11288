import { createRequire } from "node:module";
import { describe, expect, it } from "@jest/globals";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";

import { decodePicture, type Picture } from "../../src/receipts/picture.ts";
import { areaOf, lettersOf } from "../../src/receipts/print.ts";

const require = createRequire(import.meta.url);
GlobalFonts.registerFromPath(require.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"), "Receipt");

function pageOf(size: number, lines: number): Promise<Picture> {
  const canvas = createCanvas(900, 600);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, 900, 600);
  context.fillStyle = "#222";
  context.fillRect(20, 580, 860, 3);
  context.font = `${size}px Receipt`;
  for (let line = 0; line < lines; line++) {
    context.fillText("COMPROVANTE 1234 DE PAGAMENTO", 20, 50 + line * 60);
  }
  return decodePicture(canvas.toBuffer("image/png"));
}

describe("lettersOf", () => {
  it("knows the height of the letters, whatever it is", async () => {
    for (const size of [12, 24, 40]) {
      const height = lettersOf(await pageOf(size, 6))?.height ?? 0;
      expect(height / size).toBeGreaterThan(0.68);
      expect(height / size).toBeLessThan(0.88);
    }
  });

  it("knows where the text stands, and takes no speck for one", async () => {
    const page = await pageOf(12, 4);
    page.grey.fill(0, 500 * 900 + 880, 500 * 900 + 886);
    const letters = lettersOf(page);
    const [x0, y0, x1, y1] = letters ? areaOf(letters, page) : [];
    expect(x0).toBe(0);
    expect(y0).toBeLessThan(40);
    expect(x1).toBeGreaterThan(240);
    expect(x1).toBeLessThan(400);
    expect(y1).toBeGreaterThan(232);
    expect(y1).toBeLessThan(300);
  });

  it("is unknown on a page with few letters", async () => {
    expect(lettersOf(await pageOf(24, 1))).toBeUndefined();
  });
});
