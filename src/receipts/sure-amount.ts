import { amountLines, findAmount } from "./fields/amount.ts";
import type { LookAgain, PagesAgain } from "./look-again.ts";
import type { StripLook } from "./ocr-protocol.ts";
import { ABSENT, type Field, type ReceiptKind } from "./reading.ts";
import type { Line, PageText } from "./words.ts";

/** An amount read with less is read again, smoothed first: noise turns digits into others. */
const SURE_AMOUNT = 0.9;
const LINES_READ_AGAIN = 4;

/** No surer is an amount that another look does not bear out; another reading of the page may be. */
const DISPUTED_AMOUNT = 0.5;
const AMOUNT_LOOKS: StripLook[] = ["SMOOTHED", "ENLARGED"];

/** The amount of the first reading, or else of another one of the pages. */
export async function amountOf(
  lines: readonly Line[],
  pages: readonly PageText[],
  kind: ReceiptKind,
  witness: bigint | undefined,
  lookAgain: LookAgain,
  readAgain: PagesAgain,
): Promise<Field> {
  const amount = await sureAmount(lines, pages, kind, witness, lookAgain);
  if (amount.value !== null && amount.confidence > DISPUTED_AMOUNT) {
    return amount;
  }
  const second = findAmount(await readAgain("SECOND"), kind, witness);
  return second.confidence > amount.confidence ? second : amount;
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
  return disputed ? { ...best, confidence: Math.min(best.confidence, DISPUTED_AMOUNT) } : best;
}
