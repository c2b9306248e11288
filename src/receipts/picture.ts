import sharp, { type Metadata, type Sharp } from "sharp";
import { UnreadableDocument } from "./ocr-protocol.ts";
import type { Box } from "./words.ts";

/** An upright grey picture: one byte a pixel, row by row. */
export interface Picture {
  grey: Buffer;
  width: number;
  height: number;
}

/** A 50-megapixel telephone picture passes; the 20,000 x 20,000 bomb of 1.2 MB does not. */
export const MAX_PIXELS = 50_000_000;

/** What is kept of a picture: more than this only costs time and memory (tesseract took 346 MB at 35 MP). */
const KEPT_PIXELS = 12_000_000;

/**
 * Decodes a PNG or JPEG into an upright grey picture (EXIF orientation applied, transparency on white). Everything is
 * decoded by sharp, never by tesseract: its pixel limit stops bombs at the header, and it heals slightly broken JPEGs.
 *
 * @throws UnreadableDocument when it has too many pixels, is truncated or is no picture at all.
 */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  const pipeline = sharp(bytes, {
    limitInputPixels: MAX_PIXELS,
    failOn: "truncated",
    sequentialRead: true,
  });
  try {
    const { width, height } = await pipeline.metadata();
    const scale = Math.min(1, Math.sqrt(KEPT_PIXELS / (width * height)));
    const upright = pipeline.autoOrient().flatten({ background: "#ffffff" });
    const kept =
      scale < 1
        ? upright.resize({ width: Math.round(uprightWidth(await pipeline.metadata()) * scale) })
        : upright;
    return await toPicture(kept);
  } catch (error) {
    throw asFault(error);
  }
}

/** Turns RGBA pixels (as a canvas gives them) into a grey picture. */
export async function pictureFromRgba(
  rgba: Uint8ClampedArray,
  width: number,
  height: number,
): Promise<Picture> {
  const raw = sharp(rgba, { raw: { width, height, channels: 4 }, limitInputPixels: MAX_PIXELS });
  return toPicture(raw.flatten({ background: "#ffffff" }));
}

/** The picture resized by a factor and stretched to full contrast, as a PGM file, which tesseract takes in as it is. */
export async function asPgm(picture: Picture, scale: number): Promise<Buffer> {
  const width = Math.max(1, Math.round(picture.width * scale));
  const pipeline = raw(picture).normalise();
  return toPgm(scale === 1 ? pipeline : pipeline.resize({ width, kernel: "cubic" }));
}

/**
 * A part of the picture, enlarged so that it is `height` pixels high, as a PGM file with a white margin; `blur` is the
 * sigma of a softening before, 0 for none.
 */
export async function stripAsPgm(
  picture: Picture,
  box: Box,
  height: number,
  blur: number,
): Promise<Buffer> {
  const left = Math.max(0, Math.floor(box[0]));
  const top = Math.max(0, Math.floor(box[1]));
  const region = {
    left,
    top,
    width: Math.max(1, Math.min(picture.width, Math.ceil(box[2])) - left),
    height: Math.max(1, Math.min(picture.height, Math.ceil(box[3])) - top),
  };
  const part = raw(await toPicture(raw(picture).extract(region)));
  const softened = blur > 0 ? part.blur(blur) : part;
  const enlarged = softened.resize({ height, kernel: "lanczos3" }).normalise();
  return toPgm(
    enlarged.extend({ top: 12, bottom: 12, left: 12, right: 12, background: "#ffffff" }),
  );
}

function raw({ grey, width, height }: Picture): Sharp {
  return sharp(grey, { raw: { width, height, channels: 1 } });
}

async function toPicture(pipeline: Sharp): Promise<Picture> {
  const { data, info } = await pipeline
    .toColourspace("b-w")
    .raw({ depth: "uchar" })
    .toBuffer({ resolveWithObject: true });
  return { grey: data, width: info.width, height: info.height };
}

async function toPgm(pipeline: Sharp): Promise<Buffer> {
  const { grey, width, height } = await toPicture(pipeline);
  return Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), grey]);
}

/** EXIF orientations 5 to 8 turn the picture by a quarter. */
function uprightWidth({ width, height, orientation }: Metadata): number {
  return (orientation ?? 1) >= 5 ? height : width;
}

/** sharp tells its errors apart by text only. */
function asFault(error: unknown): UnreadableDocument {
  const message = error instanceof Error ? error.message : "";
  return new UnreadableDocument(
    /exceeds pixel limit/i.test(message) ? "TOO_MANY_PIXELS" : "BROKEN_IMAGE",
  );
}
