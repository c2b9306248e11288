import { parseBoletoLine } from "../identifiers/boleto.ts";
import { withCheckedLines } from "./checked-lines.ts";
import { amountLines, findAmount } from "./fields/amount.ts";
import { findParties } from "./fields/cnpj.ts";
import { orderOfDates } from "./fields/date-order.ts";
import { findDueDate } from "./fields/due-date.ts";
import { carriesDfeKey, dfeKeyOf, findIdentifiers, pixInstantOf } from "./fields/identifiers.ts";
import type { SecondReading } from "./fields/second-reading.ts";
import {
  draftTimestamp,
  type Strip,
  type TimestampCandidate,
  timestampCandidates,
} from "./fields/timestamp.ts";
import { kindOf } from "./kind.ts";
import type { StripLook } from "./ocr-protocol.ts";
import {
  ABSENT,
  type Field,
  type ReceiptKind,
  type ReceiptReading,
  unreadable,
} from "./reading.ts";
import { triage } from "./triage.ts";
import type { Line, PageText } from "./words.ts";

/** Independent looks at the strip with the date and hour, besides the reading of the whole page. */
const SECOND_LOOKS: StripLook[] = ["ENLARGED", "SMOOTHED"];

/** An amount read with less is read again, smoothed first: noise turns digits into others. */
const SURE_AMOUNT = 0.9;
const LINES_READ_AGAIN = 4;
const AMOUNT_LOOKS: StripLook[] = ["SMOOTHED", "ENLARGED"];

/** Reads a place of a page again; a line for each look, without those that gave nothing. */
export type LookAgain = (
  place: Pick<Strip, "page" | "box">,
  looks: readonly StripLook[],
) => Promise<Line[]>;

/**
 * What the pages say, and whether it can be relied upon. Pure but for `lookAgain`, which reads the place of the chosen
 * timestamp, of an amount that is not sure, and of identifiers whose check digits fail, once more.
 */
export async function interpret(
  pages: readonly PageText[],
  referenceDate: string,
  lookAgain: LookAgain,
): Promise<ReceiptReading> {
  const asRead = pages.flatMap((page) => page.lines);
  const sizes = pages.map(({ width, height }) => ({ width, height }));
  if (asRead.length === 0) {
    return { ...unreadable("NO_TEXT"), pages: sizes };
  }
  const lines = await withCheckedLines(asRead, referenceDate, async (line, look) =>
    pages[line.page]?.method === "OCR" ? (await lookAgain(line, [look]))[0] : undefined,
  );
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
      amount: await sureAmount(lines, pages, kind, boleto?.amount, lookAgain),
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

/** The amount; where the picture gave none, or an unsure one, the lines that must bear it are read again. */
async function sureAmount(
  lines: readonly Line[],
  pages: readonly PageText[],
  kind: ReceiptKind,
  witness: bigint | undefined,
  lookAgain: LookAgain,
): Promise<Field> {
  const first = findAmount(lines, kind, witness);
  if (first.confidence >= SURE_AMOUNT) {
    return first;
  }
  const unsure = amountLines(lines, kind)
    .filter((line) => pages[line.page]?.method === "OCR")
    .slice(0, LINES_READ_AGAIN);
  const readings = [first];
  for (const look of AMOUNT_LOOKS) {
    const again = new Map<Line, Line | undefined>();
    for (const line of unsure) {
      again.set(line, (await lookAgain(line, [look]))[0]);
    }
    readings.push(
      findAmount(
        lines.map((line) => again.get(line) ?? line),
        kind,
        witness,
      ),
    );
  }
  return mostAgreed(readings);
}

/** The value that most readings gave, the surest of those; with little confidence if they differ. */
function mostAgreed(readings: readonly Field[]): Field {
  const found = readings.filter(({ value }) => value !== null);
  const votes = (field: Field): number => found.filter(({ value }) => value === field.value).length;
  const [best] = [...found].sort((a, b) => votes(b) - votes(a) || b.confidence - a.confidence);
  if (!best) {
    return ABSENT;
  }
  const disputed = found.some(({ value }) => value !== best.value);
  return disputed ? { ...best, confidence: Math.min(best.confidence, 0.5) } : best;
}
