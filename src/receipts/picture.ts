import sharp, { type Metadata, type Region, type Sharp } from "sharp";
import { cleaned, stretched } from "./contrast.ts";
import type { ReadableFormat } from "./format.ts";
import { UnreadableDocument } from "./ocr-protocol.ts";
import { tiffOf } from "./tiff.ts";
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
 * How many pages a picture file has: a TIFF may have several; the frames of an animated WebP are no pages.
 *
 * @throws UnreadableDocument when its header has too many pixels, or is broken.
 */
export async function pagesOfPicture(bytes: Uint8Array, format: ReadableFormat): Promise<number> {
  if (format !== "TIFF") {
    return 1;
  }
  try {
    return (await sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata()).pages ?? 1;
  } catch (error) {
    throw asFault(error);
  }
}

/**
 * Decodes a page of a PNG, JPEG, WebP or TIFF into an upright grey picture (EXIF orientation applied, transparency on white). Everything is
 * decoded by sharp, never by tesseract: its pixel limit stops bombs at the header, and it heals slightly broken JPEGs.
 *
 * @throws UnreadableDocument when it has too many pixels, is truncated or is no picture at all.
 */
export async function decodePicture(bytes: Uint8Array, page = 0): Promise<Picture> {
  const pipeline = sharp(bytes, {
    page,
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

/** The picture turned by so many degrees clockwise about its middle, on white: larger, so that nothing is cut off. */
export async function turned(picture: Picture, degrees: number): Promise<Picture> {
  return toPicture(raw(picture).rotate(degrees, { background: "#ffffff" }));
}

/** A part of the picture. */
export async function cutOut(picture: Picture, box: Box): Promise<Picture> {
  return toPicture(raw(picture).extract(regionOf(picture, box)));
}

/** How a picture is made ready to be read. */
export interface Finish {
  /** The sigma of a blur; 0 for none. */
  blur: number;
  /** Whether what is light is taken off (see `cleaned`). */
  clean: boolean;
}

/** The picture resized by a factor and stretched to full contrast, as a file that tesseract takes in as it is. */
export async function asTiff(
  picture: Picture,
  scale: number,
  { blur, clean }: Finish,
): Promise<Buffer> {
  if (scale === 1 && blur === 0) {
    return finished(picture, clean);
  }
  const width = Math.max(1, Math.round(picture.width * scale));
  const sized = raw(picture).resize({ width, kernel: "linear" });
  return finished(await toPicture(blur > 0 ? sized.blur(blur) : sized), clean);
}

function finished(picture: Picture, clean: boolean): Buffer {
  const full = stretched(picture);
  return tiffOf(clean ? cleaned(full) : full);
}

/** White round a strip: tesseract misses letters that touch the edge. */
const STRIP_MARGIN = 12;

/** A part of a picture made ready to be read by itself, and how to find its places again on the picture. */
export interface Strip {
  tiff: Buffer;
  /** A box on the strip as one on the picture. */
  place(box: Box): Box;
}

/** Cuts a part out and enlarges it to a height in pixels. */
export async function cutStrip(
  picture: Picture,
  box: Box,
  height: number,
  { blur, clean }: Finish,
): Promise<Strip> {
  const { left, top, ...region } = regionOf(picture, box);
  const scale = height / region.height;
  const width = Math.max(1, Math.round(region.width * scale));
  const margin = STRIP_MARGIN;
  const framed = raw(await cutOut(picture, box))
    .resize({ width, height, fit: "fill", kernel: "lanczos3" })
    .extend({ top: margin, bottom: margin, left: margin, right: margin, background: "#ffffff" });
  const tiff = finished(await toPicture(blur > 0 ? framed.blur(blur) : framed), clean);
  const x = (at: number): number => left + (at - margin) / scale;
  const y = (at: number): number => top + (at - margin) / scale;
  return { tiff, place: ([x0, y0, x1, y1]) => [x(x0), y(y0), x(x1), y(y1)] };
}

function regionOf(picture: Picture, box: Box): Region {
  const left = Math.min(picture.width - 1, Math.max(0, Math.floor(box[0])));
  const top = Math.min(picture.height - 1, Math.max(0, Math.floor(box[1])));
  return {
    left,
    top,
    width: Math.max(1, Math.min(picture.width, Math.ceil(box[2])) - left),
    height: Math.max(1, Math.min(picture.height, Math.ceil(box[3])) - top),
  };
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
