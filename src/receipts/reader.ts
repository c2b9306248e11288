import { dateInBrasilia } from "../calendar/brasilia.ts";
import { parseBoletoLine } from "../identifiers/boleto.ts";
import { amountLines, findAmount } from "./fields/amount.ts";
import { findParties } from "./fields/cnpj.ts";
import { orderOfDates } from "./fields/date-order.ts";
import { findDueDate } from "./fields/due-date.ts";
import { carriesDfeKey, dfeKeyOf, findIdentifiers, pixInstantOf } from "./fields/identifiers.ts";
import type { SecondReading } from "./fields/second-reading.ts";
import {
  draftTimestamp,
  type TimestampCandidate,
  timestampCandidates,
} from "./fields/timestamp.ts";
import { type DocumentFormat, detectFormat } from "./format.ts";
import { kindOf } from "./kind.ts";
import { createOcrPool, type OcrSession } from "./ocr-pool.ts";
import { type StripLook, UnreadableDocument } from "./ocr-protocol.ts";
import {
  ABSENT,
  type Field,
  NO_TIMESTAMP,
  type ReceiptKind,
  type ReceiptReading,
} from "./reading.ts";
import type { OcrLanguage } from "./tesseract.ts";
import { triage } from "./triage.ts";
import { type Box, type Line, lineOf, type PageText } from "./words.ts";

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

/** Independent looks at the strip with the date and hour, besides the reading of the whole page. */
const SECOND_LOOKS: StripLook[] = ["ENLARGED", "SMOOTHED"];

/** An amount read with less is read once more; so many lines at the most. */
const SURE_AMOUNT = 0.9;
const LINES_READ_AGAIN = 4;

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
    pages.push({ ...page, lines: lines.map((words) => lineOf(words, index)) });
  }
  return interpret(pages, referenceDate, (strip, looks) => lookAgain(session, pages, strip, looks));
}

/** Reads a place of a page again; a line for each look, without those that gave nothing. */
export type LookAgain = (
  place: Pick<Strip, "page" | "box">,
  looks: readonly StripLook[],
) => Promise<Line[]>;

/**
 * What the pages say, and whether it can be relied upon. Pure but for `lookAgain`, which reads the place of the chosen
 * timestamp, and of an amount that is not sure, once more.
 */
export async function interpret(
  pages: readonly PageText[],
  referenceDate: string,
  lookAgain: LookAgain,
): Promise<ReceiptReading> {
  const lines = pages.flatMap((page) => page.lines);
  const sizes = pages.map(({ width, height }) => ({ width, height }));
  if (lines.length === 0) {
    return { ...unreadable("NO_TEXT"), pages: sizes };
  }
  const identifiers = findIdentifiers(lines, referenceDate);
  const kind = kindOf(lines, identifiers);
  const order = orderOfDates(lines);
  const draft = draftTimestamp(timestampCandidates(lines, order), kind);
  const page = pages[draft.chosen?.strips[0]?.page ?? 0];
  const method = pages.some((each) => each.method === "OCR") ? "OCR" : "TEXT_LAYER";
  const key = carriesDfeKey(kind) ? dfeKeyOf(identifiers) : undefined;
  const typedLine = identifiers.find(({ kind: name, valid }) => name === "BOLETO_LINE" && valid);
  const boleto = typedLine && parseBoletoLine(typedLine.value, referenceDate);
  const { timestamp, verdict, reasons } = triage({
    kind,
    method: page?.method ?? method,
    draft,
    order,
    secondReadings:
      draft.chosen && page?.method === "OCR"
        ? await readTimestampAgain(draft.chosen, lookAgain)
        : [],
    pixInstant: kind === "PIX_PROOF" ? pixInstantOf(identifiers) : undefined,
    keyMonth: key?.yearMonth,
    referenceDate,
  });
  return {
    kind,
    method,
    pages: sizes,
    fields: {
      timestamp,
      amount: await sureAmount(pages, kind, boleto?.amount, lookAgain),
      ...findParties(lines, kind, key?.issuer),
      dueDate: findDueDate(lines, order, boleto?.dueDate),
      identifiers,
    },
    verdict,
    reasons,
  };
}

async function readTimestampAgain(
  candidate: TimestampCandidate,
  lookAgain: LookAgain,
): Promise<SecondReading[]> {
  const readings: SecondReading[] = [];
  for (const strip of candidate.strips) {
    for (const line of await lookAgain(strip, SECOND_LOOKS)) {
      readings.push({ holds: strip.holds, line });
    }
  }
  return readings;
}

/** The amount; where the picture gave none, or an unsure one, the lines that must bear it are read once more. */
async function sureAmount(
  pages: readonly PageText[],
  kind: ReceiptKind,
  witness: bigint | undefined,
  lookAgain: LookAgain,
): Promise<Field> {
  const lines = pages.flatMap((page) => page.lines);
  const first = findAmount(lines, kind, witness);
  if (first.confidence >= SURE_AMOUNT) {
    return first;
  }
  const again = new Map<Line, Line>();
  for (const line of amountLines(lines, kind).slice(0, LINES_READ_AGAIN)) {
    const [read] = pages[line.page]?.method === "OCR" ? await lookAgain(line, ["ENLARGED"]) : [];
    if (read) {
      again.set(line, read);
    }
  }
  const second = findAmount(
    lines.map((line) => again.get(line) ?? line),
    kind,
    witness,
  );
  if (second.value === first.value) {
    return second.confidence > first.confidence ? second : first;
  }
  // Two readings, two amounts: the surer one, but no longer sure.
  const surer = second.confidence > first.confidence ? second : first;
  return first.value === null ? second : { ...surer, confidence: Math.min(surer.confidence, 0.5) };
}

async function lookAgain(
  session: OcrSession,
  pages: readonly PageText[],
  { page, box }: Pick<Strip, "page" | "box">,
  looks: readonly StripLook[],
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

function unreadable(cause: string): ReceiptReading {
  return {
    kind: "UNKNOWN",
    method: "OCR",
    pages: [],
    fields: {
      timestamp: NO_TIMESTAMP,
      amount: ABSENT,
      cnpj: ABSENT,
      takerCnpj: ABSENT,
      dueDate: ABSENT,
      identifiers: [],
    },
    verdict: "MANUAL_REVIEW",
    reasons: [{ code: "UNREADABLE", severity: "REVIEW", evidence: { cause } }],
  };
}
