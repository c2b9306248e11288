import { dateInBrasilia } from "../calendar/brasilia.ts";
import { type DocumentFormat, detectFormat } from "./format.ts";
import { interpret, type LookAgain } from "./interpret.ts";
import { createOcrPool, type OcrSession } from "./ocr-pool.ts";
import { UnreadableDocument } from "./ocr-protocol.ts";
import { type ReceiptReading, unreadable } from "./reading.ts";
import type { OcrLanguage } from "./tesseract.ts";
import { type Box, type Line, lineOf, linesOf, type PageText } from "./words.ts";

/** What the reader tells of its work: figures and codes, never what stands on a document. */
export interface ReceiptLogger {
  info(details: Record<string, string | number>, message: string): void;
}

export interface ReceiptReaderOptions {
  /** Reading processes; each takes one core and some 200 to 400 MB. */
  workers: number;
  /** A page or document that takes longer goes to a person, and its process is replaced. */
  pageTimeoutMs: number;
  /** Resident memory of one process before it is ended. */
  memoryMb: number;
  /** Default "por". */
  language?: OcrLanguage;
  logger?: ReceiptLogger;
  /** For the date after which no document can be, when a reading names none. */
  clock?: () => Date;
}

export interface ReadingContext {
  /** 'YYYY-MM-DD': today, or when the document was handed in. No document is of a later day. */
  referenceDate?: string;
  signal?: AbortSignal;
}

export interface ReceiptReader {
  /**
   * Reads one document. Whatever the bytes are, the answer is a reading; what cannot be read is MANUAL_REVIEW with the
   * reason UNREADABLE and its cause.
   *
   * @throws when the OCR engine cannot be started, the reader is closed, or the signal aborts.
   */
  read(bytes: Uint8Array, context?: ReadingContext): Promise<ReceiptReading>;
  /** Ends all processes. */
  close(): Promise<void>;
}

/** The reader of receipts: child processes for the bytes, pure functions for what they mean. */
export function createReceiptReader(options: ReceiptReaderOptions): ReceiptReader {
  const { workers, pageTimeoutMs, memoryMb, language = "por", logger } = options;
  const clock = options.clock ?? (() => new Date());
  const pool = createOcrPool({ workers, pageTimeoutMs, memoryMb, language });
  return {
    async read(bytes, context = {}) {
      const started = performance.now();
      const referenceDate = context.referenceDate ?? dateInBrasilia(clock());
      const format = detectFormat(bytes);
      if (format === undefined) {
        return unreadable(bytes.length === 0 ? "EMPTY" : "UNKNOWN_FORMAT");
      }
      let reading: ReceiptReading;
      try {
        reading = await pool.lend(
          (session) => readDocument(session, bytes, format, referenceDate),
          context.signal,
        );
      } catch (error) {
        if (!(error instanceof UnreadableDocument)) {
          throw error;
        }
        reading = unreadable(error.fault);
      }
      logger?.info(
        {
          format,
          kind: reading.kind,
          method: reading.method,
          pages: reading.pages.length,
          verdict: reading.verdict,
          reasons: reading.reasons.map(({ code }) => code).join(" "),
          milliseconds: Math.round(performance.now() - started),
        },
        "receipt read",
      );
      return reading;
    },
    close: () => pool.close(),
  };
}

async function readDocument(
  session: OcrSession,
  bytes: Uint8Array,
  format: DocumentFormat,
  referenceDate: string,
): Promise<ReceiptReading> {
  const opened = await session.open(bytes, format);
  const pages: PageText[] = [];
  for (let index = 0; index < opened.pages; index++) {
    const { lines, ...page } = await session.page(index);
    pages.push({ ...page, lines: lines.flatMap((words) => linesOf(words, index)) });
  }
  return interpret(pages, referenceDate, (strip, looks) => lookAgain(session, pages, strip, looks));
}

async function lookAgain(
  session: OcrSession,
  pages: readonly PageText[],
  { page, box }: Parameters<LookAgain>[0],
  looks: Parameters<LookAgain>[1],
): Promise<Line[]> {
  const lines: Line[] = [];
  for (const look of looks) {
    const { words } = await session.strip(page, widened(box, pages[page]), look);
    if (words.length > 0) {
      lines.push(lineOf(words, page));
    }
  }
  return lines;
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
