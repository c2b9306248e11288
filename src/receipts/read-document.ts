import { asItLay } from "./as-it-lay.ts";
import { BRASILIA_OFFSET } from "./fields/date-order.ts";
import type { ReadableFormat } from "./format.ts";
import { type InterpretOptions, interpret } from "./interpret.ts";
import type { LookAgain } from "./look-again.ts";
import type { OcrSession } from "./ocr-pool.ts";
import { type PageReply, STRAIGHT_LOOKS, UnreadableDocument } from "./ocr-protocol.ts";
import type { ReceiptReading } from "./reading.ts";
import type { OcrLanguage } from "./tesseract.ts";
import { type Box, type Line, lineOf, linesOf, type PageText } from "./words.ts";

export interface ReadDocumentOptions {
  /** 'YYYY-MM-DD': no document is of a later day. */
  referenceDate: string;
  /** No further page is begun after so long: a person looks at the document. */
  documentTimeoutMs: number;
  language: OcrLanguage;
  leastProbability?: number | undefined;
  timestampAlone?: InterpretOptions["timestampAlone"];
  observe?: InterpretOptions["observe"];
}

/**
 * Reads all pages of one document with a reading process lent for it, and interprets them.
 *
 * @throws UnreadableDocument with what the document is, or did.
 */
export async function readDocument(
  session: OcrSession,
  bytes: Uint8Array,
  format: ReadableFormat,
  options: ReadDocumentOptions,
): Promise<ReceiptReading> {
  const { referenceDate, documentTimeoutMs, language, leastProbability } = options;
  const started = performance.now();
  const opened = await session.open(bytes, format);
  const pages: PageText[] = [];
  const straightened: PageReply["straightened"][] = [];
  for (let index = 0; index < opened.pages; index++) {
    if (performance.now() - started > documentTimeoutMs) {
      throw new UnreadableDocument("DOCUMENT_TIMEOUT");
    }
    const { lines, straightened: lay, ...page } = await session.page(index, "FIRST");
    straightened.push(lay);
    pages.push({ ...page, lines: lines.flatMap((words) => linesOf(words, index)) });
  }
  const reading = await interpret(pages, {
    referenceDate,
    // An English document may be from anywhere.
    home: language === "por" ? BRASILIA_OFFSET : undefined,
    leastProbability,
    timestampAlone: options.timestampAlone,
    observe: options.observe,
    lookAgain: (strip, looks) => lookAgain(session, pages, strip, looks),
    async readAgain(index, look) {
      const { lines } = await session.page(index, look);
      return lines.flatMap((words) => linesOf(words, index));
    },
  });
  return asItLay(reading, straightened);
}

async function lookAgain(
  session: OcrSession,
  pages: readonly PageText[],
  { page, box, cleaned = false }: Parameters<LookAgain>[0],
  looks: Parameters<LookAgain>[1],
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const look of looks) {
    const { words } = await session.strip(
      page,
      STRAIGHT_LOOKS.includes(look) ? box : widened(box, pages[page]),
      look,
      { fitted: isTall(box, pages[page]), cleaned },
    );
    if (words.length > 0) {
      lines.push(lineOf(words, page));
    }
  }
  return lines;
}

/** Of words that are so much taller than is usual on their page tesseract took more than their letters for them. */
const TALL = 1.3;

function isTall(box: Box, page: PageText | undefined): boolean {
  const heights = (page?.lines ?? [])
    .flatMap(({ words }) => words.map((word) => word.box[3] - word.box[1]))
    .sort((a, b) => a - b);
  const usual = heights[Math.floor(heights.length / 2)];
  return usual !== undefined && box[3] - box[1] > TALL * usual;
}

/** With a margin of a third of its height above and below, and half of it at the sides. */
function widened(box: Box, page: PageText | undefined): Box {
  const height = box[3] - box[1];
  return [
    Math.max(0, box[0] - height / 2),
    Math.max(0, box[1] - height / 3),
    Math.min(page?.width ?? box[2], box[2] + height / 2),
    Math.min(page?.height ?? box[3], box[3] + height / 3),
  ];
}
