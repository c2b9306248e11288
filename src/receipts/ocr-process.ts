import type { Worker } from "tesseract.js";
import { decodeBarcodes } from "./barcodes.ts";
import { endWithParent } from "./end-with-parent.ts";
import { evenLight, hasDarkGround, lightOf } from "./even-light.ts";
import type { ReadableFormat } from "./format.ts";
import { inkOf } from "./ink.ts";
import {
  type OcrRequest,
  type OpenedReply,
  type PageLook,
  type PageReply,
  type ProcessMessage,
  type StripLook,
  type StripReply,
  UnreadableDocument,
} from "./ocr-protocol.ts";
import { MAX_PAGES, openPdf, type PdfDocument, renderPage, textLayer } from "./pdf.ts";
import {
  asTiff,
  cutOut,
  cutStrip,
  decodePicture,
  type Finish,
  type Picture,
  pagesOfPicture,
  turned,
} from "./picture.ts";
import { areaOf, type Letters, lettersOf } from "./print.ts";
import { skewOf, tiltOf } from "./skew.ts";
import { type StraightPart, straightPart } from "./straight-strip.ts";
import { type OcrLanguage, recognise, startTesseract } from "./tesseract.ts";
import { fittedToRow } from "./text-row.ts";
import type { Box, Word } from "./words.ts";

/**
 * The process that touches untrusted bytes: decoding, PDF and tesseract all happen here and nowhere else. It holds one
 * document at a time and one tesseract. It has no deadline of its own: the pool (`ocr-pool.ts`) kills it. It is started
 * with the language as its argument and an empty environment.
 */

/** The page as tesseract sees it has at least about this many pixels across, and letters of about this height. */
const WIDTH_MIN = 800;
const LETTER_MIN = 18;
const PIXELS_MAX = 6_000_000;
const ENLARGE_MAX = 2.5;

/** A sheet of which less is printed is read without its margins, whose specks lead tesseract astray. */
const MOST_OF_A_PAGE = 0.6;

/** How pages are read, and at which scale; all but the first with the other language's data. */
const PAGE_LOOKS: Record<PageLook, Finish & { scale: number; other: boolean }> = {
  FIRST: { scale: 1, blur: 0, clean: false, other: false },
  SECOND: { scale: 0.85, blur: 0.7, clean: false, other: true },
  CLEANED: { scale: 1, blur: 0.7, clean: true, other: true },
};

/** A document of 20 pages of small print has some 80,000 characters. */
const CHARACTERS_MAX = 100_000;

/** How a strip is made. */
interface Treatment extends Partial<Finish> {
  /** In pixels. */
  height: number;
  /** Whether it is read with the other language's data. */
  other: boolean;
  /** Of a strip that is turned: the margin left around its words, in heights of them. */
  margins?: { beside: number; above: number };
}

/**
 * With the margins of the other looks a row that was hardly turned is what they have read already, and would bear them out as if it
 * were another reading: of a scan of SROIE 05-05-2216 was so read twice, and its 2018 accepted as 2016. It is not read again.
 */
const WIDE = { beside: 1 / 2, above: 1 / 3 };
const LEAST_TILT = 0.4;
const TIGHT = { beside: 1 / 3, above: 1 / 6 };

const LOOKS: Record<StripLook, Treatment> = {
  ENLARGED: { height: 64, other: false },
  SMOOTHED: { height: 48, blur: 1.2, other: false },
  OTHER_DATA: { height: 56, other: true },
  OTHER_DATA_SMOOTHED: { height: 44, blur: 0.9, other: true },
  STRAIGHT: { height: 48, blur: 1.2, other: false, margins: WIDE },
  STRAIGHT_TIGHT: { height: 48, blur: 0.5, other: false, margins: TIGHT },
  OTHER_DATA_STRAIGHT: { height: 40, blur: 0.6, other: true, margins: WIDE },
  OTHER_DATA_TIGHT: { height: 48, blur: 0.5, other: true, margins: TIGHT },
  CLEANED: { height: 48, blur: 0.8, clean: true, other: false },
  OTHER_DATA_CLEANED: { height: 56, blur: 0.8, clean: true, other: true },
};

/** A page's picture, with the factor from the page's units to pixels. */
interface PagePicture {
  picture: Picture;
  scale: number;
  straightened: PageReply["straightened"];
  letters: Letters | undefined;
  /** Whether some of its letters may be light ones on a dark ground. */
  lightLetters: boolean;
  /** By how many degrees its lines still run downhill; measured when it is first asked for. */
  tilt?: number;
}

interface OpenDocument {
  pdf: PdfDocument | undefined;
  /** The file, when it is a picture. */
  bytes: Uint8Array | undefined;
  /** Of the pages read so far. */
  characters: number;
  pictures: Map<number, PagePicture>;
}

let open: OpenDocument = nothing();

function nothing(): OpenDocument {
  return { pdf: undefined, bytes: undefined, characters: 0, pictures: new Map() };
}

async function openDocument(bytes: Uint8Array, format: ReadableFormat): Promise<OpenedReply> {
  await open.pdf?.loadingTask.destroy();
  open = nothing();
  if (format === "PDF") {
    open.pdf = await openPdf(bytes);
    return { pages: open.pdf.numPages };
  }
  const pages = await pagesOfPicture(bytes, format);
  if (pages > MAX_PAGES) {
    throw new UnreadableDocument("TOO_MANY_PAGES");
  }
  open.bytes = bytes;
  return { pages };
}

async function readPage(worker: Worker, index: number, look: PageLook): Promise<PageReply> {
  if (open.pdf && look === "FIRST") {
    const page = await open.pdf.getPage(index + 1);
    const { width, height } = page.getViewport({ scale: 1 });
    const lines = await textLayer(page, index);
    if (lines) {
      open.characters += lines.reduce((sum, line) => sum + line.text.length, 0);
      if (open.characters > CHARACTERS_MAX) {
        throw new UnreadableDocument("TOO_MUCH_TEXT");
      }
      return {
        width,
        height,
        straightened: null,
        method: "TEXT_LAYER",
        lines: lines.map((line) => line.words),
        barcodes: [],
      };
    }
    page.cleanup();
  }
  const page = await pictureOf(index);
  const { picture, scale, straightened } = page;
  const { scale: size, other, ...finish } = PAGE_LOOKS[look];
  const { part, left, top, enlarged } = await printedPart(page);
  const seen = enlarged * size;
  const tiff = await asTiff(part, seen, finish);
  const reader = other ? await otherWorker() : worker;
  const lines = await recognise(reader, tiff, "BLOCK", page.lightLetters);
  const place = (box: Box): Box => [
    left + box[0] / seen,
    top + box[1] / seen,
    left + box[2] / seen,
    top + box[3] / seen,
  ];
  const barcodes = look === "FIRST" ? await decodeBarcodes(picture) : [];
  return {
    width: picture.width / scale,
    height: picture.height / scale,
    straightened,
    method: "OCR",
    barcodes: barcodes.map((code) => ({ ...code, box: scaled(code.box, 1 / scale) })),
    lines: lines.map((words) =>
      words.map((word) => ({
        ...word,
        box: scaled(place(word.box), 1 / scale),
        ...inkIn(picture, place(word.box), word.text),
      })),
    ),
  };
}

async function readStrip(
  worker: Worker,
  request: Extract<OcrRequest, { type: "strip" }>,
): Promise<StripReply> {
  const page = await pictureOf(request.page);
  const { height, blur = 0, clean = false, other, margins } = LOOKS[request.look];
  if (margins === WIDE && Math.abs(tiltOfPage(page)) < LEAST_TILT) {
    return { words: [] };
  }
  const wanted = scaled(request.box, page.scale);
  const { part, box, place } = margins
    ? await straightened(page, wanted, margins)
    : { part: page.picture, box: wanted, place: (same: Box) => same };
  const fitting = request.fitted ? await fittedToRow(part, box) : box;
  const strip = await cutStrip(part, fitting, height, { blur, clean: clean || request.cleaned });
  const reader = other ? await otherWorker() : worker;
  const words = (await recognise(reader, strip.tiff, "LINE", page.lightLetters)).flat();
  return {
    words: words.map((word) => ({
      ...word,
      box: scaled(place(strip.place(word.box)), 1 / page.scale),
      ...inkIn(part, strip.place(word.box), word.text),
    })),
  };
}

/** How a word is printed, where it has digits. */
function inkIn(picture: Picture, box: Box, text: string): Pick<Word, "ink"> {
  return /\d/.test(text) ? { ink: inkOf(picture, box, text) } : {};
}

function tiltOfPage(page: PagePicture): number {
  page.tilt ??= tiltOf(page.letters);
  return page.tilt;
}

/** The words of a box turned until their row is level, and a box with margins around them. */
async function straightened(
  page: PagePicture,
  words: Box,
  { beside, above }: NonNullable<Treatment["margins"]>,
): Promise<StraightPart> {
  const straight = await straightPart(page.picture, words, tiltOfPage(page));
  const [x0, y0, x1, y1] = straight.box;
  const height = y1 - y0;
  const [x, y] = [beside * height, above * height];
  return { ...straight, box: [x0 - x, y0 - y, x1 + x, y1 + y] };
}

/** The page's picture, drawn or decoded once. */
async function pictureOf(index: number): Promise<PagePicture> {
  const known = open.pictures.get(index);
  if (known) {
    return known;
  }
  const drawn = open.pdf
    ? await renderPage(await open.pdf.getPage(index + 1))
    : { picture: await decodePicture(open.bytes ?? new Uint8Array(), index), scale: 1 };
  const light = lightOf(drawn.picture);
  const even = evenLight(drawn.picture, light);
  const lightLetters = hasDarkGround(light);
  const letters = lettersOf(even);
  const skew = skewOf(letters);
  const { width, height } = even;
  const lay = { width: width / drawn.scale, height: height / drawn.scale, degrees: -skew };
  const page =
    skew === 0
      ? { ...drawn, lightLetters, picture: even, letters, straightened: null }
      : { ...drawn, lightLetters, ...(await straightenedPage(even, skew)), straightened: lay };
  open.pictures.set(index, page);
  return page;
}

async function straightenedPage(
  askew: Picture,
  skew: number,
): Promise<Pick<PagePicture, "picture" | "letters">> {
  const picture = await turned(askew, -skew);
  return { picture, letters: lettersOf(picture) };
}

/** The part of a page that is printed, and how much larger tesseract sees it: small print is enlarged. */
async function printedPart({
  picture,
  letters,
}: PagePicture): Promise<{ part: Picture; left: number; top: number; enlarged: number }> {
  const whole: Box = [0, 0, picture.width, picture.height];
  const [x0, y0, x1, y1] = letters ? areaOf(letters, picture) : whole;
  const isMostOfIt = (x1 - x0) * (y1 - y0) > MOST_OF_A_PAGE * picture.width * picture.height;
  const [left, top] = isMostOfIt ? [0, 0] : [Math.floor(x0), Math.floor(y0)];
  const part = isMostOfIt ? picture : await cutOut(picture, [left, top, x1, y1]);
  const wanted = Math.max(1, WIDTH_MIN / part.width, LETTER_MIN / (letters?.height ?? LETTER_MIN));
  const most = Math.sqrt(PIXELS_MAX / (part.width * part.height));
  return { part, left, top, enlarged: Math.min(wanted, ENLARGE_MAX, most) };
}

function scaled(box: Box, factor: number): Box {
  return [box[0] * factor, box[1] * factor, box[2] * factor, box[3] * factor];
}

function answer(
  worker: Worker,
  request: OcrRequest,
): Promise<OpenedReply | PageReply | StripReply> {
  switch (request.type) {
    case "open":
      return openDocument(request.bytes, request.format);
    case "page":
      return readPage(worker, request.page, request.look);
    case "strip":
      return readStrip(worker, request);
  }
}

async function reply(worker: Worker, request: OcrRequest): Promise<ProcessMessage> {
  const { id } = request;
  try {
    return { type: "done", id, value: await answer(worker, request) };
  } catch (error) {
    if (error instanceof UnreadableDocument) {
      return { type: "unreadable", id, fault: error.fault };
    }
    return { type: "failed", id, cause: error instanceof Error ? error.name : "unknown" };
  }
}

function send(message: ProcessMessage): void {
  process.send?.(message);
}

// A pool that was killed must not leave its processes behind.
process.on("disconnect", () => process.exit(0));
endWithParent();

const language = process.argv[2];
let other: Promise<Worker> | undefined;

/** Started when it is first needed: most documents do not. */
function otherWorker(): Promise<Worker> {
  other ??= startTesseract(language === "eng" ? "por" : "eng");
  return other;
}

if (language === "por" || language === "eng" || language === "por+eng") {
  await serve(language);
} else {
  send({ type: "unusable", cause: "unknown language" });
}

async function serve(chosen: OcrLanguage): Promise<void> {
  try {
    const worker = await startTesseract(chosen);
    process.on("message", async (request: OcrRequest) => send(await reply(worker, request)));
    send({ type: "ready" });
  } catch (error) {
    send({ type: "unusable", cause: error instanceof Error ? error.message : String(error) });
  }
}
