import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  getDocument,
  OPS,
  type PDFDocumentProxy,
  type PDFPageProxy,
  Util,
  VerbosityLevel,
} from "pdfjs-dist/legacy/build/pdf.mjs";
import { UnreadableDocument } from "./ocr-protocol.ts";
import { MAX_PIXELS, type Picture, pictureFromRgba } from "./picture.ts";
import { type Line, linesFromWords, type Word } from "./words.ts";

// pdf.js makes its own pictures and paths with the @napi-rs/canvas that it finds; one of another version refuses them.
const require = createRequire(createRequire(import.meta.url).resolve("pdfjs-dist/package.json"));
const { createCanvas }: typeof import("@napi-rs/canvas") = require("@napi-rs/canvas");
const assets = dirname(require.resolve("pdfjs-dist/package.json"));

export type PdfDocument = PDFDocumentProxy;
export type PdfPage = PDFPageProxy;

/** Receipts, notes and bills have a handful of pages. A longer document is not read in part: a person looks at it. */
export const MAX_PAGES = 20;

/** 216 dpi: on a page of the usual size some 1,785 x 2,526 pixels, with letters of 20 to 30. */
const RENDER_SCALE = 3;

/** A page may claim to be 5 metres wide. */
const RENDERED_PIXELS = 8_000_000;

/** Fewer characters than this are a page number or a watermark over a scan, not a text layer. */
const TEXT_LAYER_CHARACTERS = 40;

/** A picture over more of the page than this share is a scan, and the text over it some other program's OCR. */
const SCAN_SHARE = 0.5;

/**
 * Opens a PDF.
 *
 * @throws UnreadableDocument when it is encrypted, broken, empty or longer than MAX_PAGES.
 */
export async function openPdf(bytes: Uint8Array): Promise<PdfDocument> {
  let document: PdfDocument;
  try {
    document = await getDocument({
      // A copy: pdf.js takes the buffer over.
      data: Uint8Array.from(bytes),
      verbosity: VerbosityLevel.ERRORS,
      // Without it a picture of 20,000 x 20,000 takes 3.9 GB.
      maxImageSize: MAX_PIXELS,
      enableXfa: false,
      useSystemFonts: false,
      standardFontDataUrl: join(assets, "standard_fonts/"),
      cMapUrl: join(assets, "cmaps/"),
      wasmUrl: join(assets, "wasm/"),
    }).promise;
  } catch (error) {
    const encrypted = error instanceof Error && error.name === "PasswordException";
    throw new UnreadableDocument(encrypted ? "ENCRYPTED_PDF" : "BROKEN_PDF");
  }
  if (document.numPages < 1 || document.numPages > MAX_PAGES) {
    await document.loadingTask.destroy();
    throw new UnreadableDocument(document.numPages < 1 ? "NO_PAGES" : "TOO_MANY_PAGES");
  }
  return document;
}

/**
 * The lines of the page's text layer, boxes in points from the top left; undefined when the page must be read from
 * its picture: no text, invisible text, or text that lies on a scan.
 */
export async function textLayer(page: PdfPage, index: number): Promise<Line[] | undefined> {
  const words = await textWords(page);
  const characters = words.reduce((sum, word) => sum + word.text.length, 0);
  if (characters < TEXT_LAYER_CHARACTERS || (await isScan(page))) {
    return undefined;
  }
  return linesFromWords(words, index);
}

/** Draws the page on white; the scale says how many pixels a point became. */
export async function renderPage(page: PdfPage): Promise<{ picture: Picture; scale: number }> {
  const { width, height } = page.getViewport({ scale: 1 });
  const scale = Math.min(RENDER_SCALE, Math.sqrt(RENDERED_PIXELS / (width * height)));
  const viewport = page.getViewport({ scale });
  const canvas = createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  const context = canvas.getContext("2d");
  await page.render({ canvas: null, canvasContext: context, viewport }).promise;
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { picture: await pictureFromRgba(data, canvas.width, canvas.height), scale };
}

async function textWords(page: PdfPage): Promise<Word[]> {
  const viewport = page.getViewport({ scale: 1 });
  const { items } = await page.getTextContent();
  return joinFragments(
    items.flatMap((item) => {
      if (!("str" in item) || item.str.trim() === "") {
        return [];
      }
      const [a, b, , , x, y] = Util.transform(viewport.transform, item.transform);
      // Text that runs up the margin is no part of a line.
      return Math.abs(b) > Math.abs(a) / 10 ? [] : wordsOf(item.str, x, y, item.width, item.height);
    }),
  );
}

/** Words of one run of text; its characters are taken as equally wide, since pdf.js gives only the whole width. */
function wordsOf(run: string, x: number, baseline: number, width: number, height: number): Word[] {
  const text = run.normalize("NFC");
  const advance = width / text.length;
  return Array.from(text.matchAll(/\S+/g), (match) => ({
    text: match[0],
    confidence: 1,
    weakest: 1,
    box: [
      x + match.index * advance,
      baseline - height,
      x + (match.index + match[0].length) * advance,
      baseline + height * 0.2,
    ],
  }));
}

/** Some programs draw a word in pieces: pieces that touch on one baseline are one word. */
function joinFragments(words: Word[]): Word[] {
  const joined: Word[] = [];
  for (const word of words) {
    const previous = joined.at(-1);
    const touch = (word.box[3] - word.box[1]) * 0.1;
    if (
      previous &&
      previous.box[3] === word.box[3] &&
      Math.abs(word.box[0] - previous.box[2]) < touch
    ) {
      previous.text += word.text;
      previous.box = [previous.box[0], previous.box[1], word.box[2], word.box[3]];
    } else {
      joined.push({ ...word });
    }
  }
  return joined;
}

/** Whether the page draws invisible text or a picture over most of it. */
async function isScan(page: PdfPage): Promise<boolean> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = page.view;
  const pageArea = (x1 - x0) * (y1 - y0);
  const stack: number[][] = [];
  let matrix = [1, 0, 0, 1, 0, 0];
  for (const [i, operator] of fnArray.entries()) {
    const args: unknown = argsArray[i];
    if (operator === OPS.save || operator === OPS.paintFormXObjectBegin) {
      stack.push(matrix);
    }
    if (operator === OPS.restore || operator === OPS.paintFormXObjectEnd) {
      matrix = stack.pop() ?? [1, 0, 0, 1, 0, 0];
    } else if (operator === OPS.transform) {
      matrix = multiplied(matrix, args);
    } else if (operator === OPS.paintFormXObjectBegin) {
      matrix = multiplied(matrix, Array.isArray(args) ? args[0] : null);
    } else if (operator === OPS.setTextRenderingMode) {
      if (Array.isArray(args) && args[0] === INVISIBLE_TEXT) {
        return true;
      }
    } else if (PICTURE_OPERATORS.has(operator)) {
      // A picture fills the unit square of its coordinates.
      const [a = 0, b = 0, c = 0, d = 0] = matrix;
      if (Math.abs(a * d - b * c) > SCAN_SHARE * pageArea) {
        return true;
      }
    }
  }
  return false;
}

/** Text rendering mode 3: neither filled nor stroked (ISO 32000-1, 9.3.6); so scanners hide their own OCR's text. */
const INVISIBLE_TEXT = 3;

const PICTURE_OPERATORS = new Set([
  OPS.paintImageXObject,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
]);

function multiplied(matrix: number[], by: unknown): number[] {
  const factors =
    Array.isArray(by) || ArrayBuffer.isView(by) ? Array.from(Object.values(by), Number) : [];
  return factors.length === 6 ? Util.transform(matrix, factors) : matrix;
}
