import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Canvas, createCanvas, GlobalFonts, type SKRSContext2D } from "@napi-rs/canvas";
import type { Sheet, TextMark } from "./sheet.ts";

/** Where a named piece was painted: x0, y0, x1, y1 in pixels. */
export type Box = [number, number, number, number];

/** A painted sheet, and where its named pieces stand. */
export type Painting = { canvas: Canvas; hour: Box | undefined; background: string };

const files = {
  sans: "DejaVuSans.ttf",
  sansBold: "DejaVuSans-Bold.ttf",
  mono: "DejaVuSansMono.ttf",
  monoBold: "DejaVuSansMono-Bold.ttf",
  serif: "DejaVuSerif.ttf",
  serifBold: "DejaVuSerif-Bold.ttf",
};

/** The fonts come from npm, so that the drawings do not depend on what the machine has installed. */
function registerFonts() {
  const root = dirname(createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json"));
  for (const [name, file] of Object.entries(files)) {
    const family = `demo-${name}`;
    if (!GlobalFonts.has(family)) GlobalFonts.registerFromPath(join(root, "ttf", file), family);
  }
}

/** Paints a sheet at one pixel per unit. */
export function paint(sheet: Sheet): Painting {
  registerFonts();
  const canvas = createCanvas(sheet.width, sheet.height);
  const context = canvas.getContext("2d");
  context.fillStyle = sheet.background;
  context.fillRect(0, 0, sheet.width, sheet.height);
  let hour: Box | undefined;
  for (const mark of sheet.marks) {
    context.fillStyle = mark.color;
    if (mark.kind === "rectangle") context.fillRect(mark.x, mark.y, mark.width, mark.height);
    else hour = paintText(context, mark) ?? hour;
  }
  return { canvas, hour, background: sheet.background };
}

function paintText(context: SKRSContext2D, mark: TextMark): Box | undefined {
  context.font = `${mark.size}px demo-${mark.face}${mark.bold ? "Bold" : ""}`;
  const widths = mark.pieces.map((piece) => context.measureText(piece.text).width);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const shift = mark.align === "left" ? 0 : mark.align === "right" ? total : total / 2;
  let x = mark.x - shift;
  let hour: Box | undefined;
  mark.pieces.forEach((piece, index) => {
    context.fillText(piece.text, x, mark.y);
    const width = widths[index] ?? 0;
    if (piece.name === "hour") hour = [x, mark.y - mark.size * 0.8, x + width, mark.y + 2];
    x += width;
  });
  return hour;
}
