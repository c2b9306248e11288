import { createRequire } from "node:module";
import { describe, expect, it } from "@jest/globals";
import { createCanvas, GlobalFonts } from "@napi-rs/canvas";
import { letterHeight } from "../../src/receipts/letter-height.ts";
import { decodePicture, type Picture } from "../../src/receipts/picture.ts";

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

describe("letterHeight", () => {
  it("is that of the capitals, whatever their size", async () => {
    for (const size of [12, 24, 40]) {
      const height = letterHeight(await pageOf(size, 6)) ?? 0;
      expect(height / size).toBeGreaterThan(0.68);
      expect(height / size).toBeLessThan(0.88);
    }
  });

  it("is unknown on a page with few letters", async () => {
    expect(letterHeight(await pageOf(24, 1))).toBeUndefined();
  });
});
