import { dateInBrasilia } from "../calendar/brasilia.ts";
import { detectFormat } from "./format.ts";
import { createOcrPool } from "./ocr-pool.ts";
import { UnreadableDocument } from "./ocr-protocol.ts";
import { readDocument } from "./read-document.ts";
import { type ReceiptReading, unreadable } from "./reading.ts";
import type { OcrLanguage } from "./tesseract.ts";

/** What the reader tells of its work: figures and codes, never what stands on a document. */
export interface ReceiptLogger {
  info(details: Record<string, string | number>, message: string): void;
}

export interface ReceiptReaderOptions {
  /** Reading processes; each takes one core and some 200 to 400 MB. */
  workers: number;
  /** A page or document that takes longer goes to a person, and its process is replaced. */
  pageTimeoutMs: number;
  /** A document none of whose pages took too long may still have too many slow ones. Default: five pages' limit. */
  documentTimeoutMs?: number;
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
  /** The probability from which on a timestamp is accepted; by default the certified one (see `probability.ts`). */
  leastProbability?: number | undefined;
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

/** So many pages may take as long as one may. */
const PAGES_AT_THE_LIMIT = 5;

/** The reader of receipts: child processes for the bytes, pure functions for what they mean. */
export function createReceiptReader(options: ReceiptReaderOptions): ReceiptReader {
  const { workers, pageTimeoutMs, memoryMb, language = "por", logger } = options;
  const documentTimeoutMs = options.documentTimeoutMs ?? PAGES_AT_THE_LIMIT * pageTimeoutMs;
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
      if (format === "HEIC") {
        return unreadable("HEIC");
      }
      let reading: ReceiptReading;
      try {
        reading = await pool.lend(
          (session) =>
            readDocument(session, bytes, format, {
              referenceDate,
              documentTimeoutMs,
              language,
              leastProbability: context.leastProbability,
            }),
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
