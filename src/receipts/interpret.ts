import { parseBoletoLine } from "../identifiers/boleto.ts";
import { parseBrCode } from "../identifiers/br-code.ts";
import { withCheckedLines } from "./checked-lines.ts";
import { withDatedLines } from "./dated-lines.ts";
import { identifiersInBarcodes } from "./fields/barcode-identifiers.ts";
import { findParties } from "./fields/cnpj.ts";
import { type OrderEvidence, offsetOf, orderOfDates } from "./fields/date-order.ts";
import { isOfAnother, requiresHour } from "./fields/date-role.ts";
import { findDocumentNumber } from "./fields/document-number.ts";
import { findDueDate } from "./fields/due-date.ts";
import {
  findIdentifiers,
  otherInstantsOf,
  ownKeyOf,
  pixIdOf,
  withoutRepeats,
} from "./fields/identifiers.ts";
import { findPartyNames } from "./fields/party-names.ts";
import type { SecondReading } from "./fields/second-reading.ts";
import {
  draftTimestamp,
  hasLostItsDay,
  type Strip,
  type TimestampCandidate,
  type TimestampDraft,
  timestampCandidates,
} from "./fields/timestamp.ts";
import { kindOf } from "./kind.ts";
import { withLikelierHour } from "./likelier-hour.ts";
import { type LookAgain, onceAgain, type PagesAgain, type ReadAgain } from "./look-again.ts";
import { placeOfHour, stripsWith, withFoundHour } from "./missing-hour.ts";
import type { PageLook, StripLook } from "./ocr-protocol.ts";
import {
  ABSENT,
  type ReceiptIdentifier,
  type ReceiptKind,
  type ReceiptReading,
  unreadable,
} from "./reading.ts";
import { amountOf } from "./sure-amount.ts";
import {
  FIRST_LOOKS,
  FURTHER_LOOKS,
  LAST_LOOKS,
  readTimestampAgain,
  withLikelierDay,
  withZerosSeen,
} from "./timestamp-looks.ts";
import { type Triage, triage } from "./triage.ts";
import type { TimestampEvidence } from "./weighing/timestamp-evidence.ts";
import type { Line, PageText } from "./words.ts";

export interface InterpretOptions {
  /** 'YYYY-MM-DD': no document is of a later day. */
  referenceDate: string;
  /** The zone of a document that does not tell its country, "-03:00"; undefined when it may be from anywhere. */
  home: string | undefined;
  lookAgain: LookAgain;
  readAgain: ReadAgain;
  /** The probability from which on a timestamp is accepted; the certified one unless something else is asked for. */
  leastProbability?: number | undefined;
  /** No line is read again for the amount: calibration asks for the timestamp alone. */
  timestampAlone?: boolean | undefined;
  /** Is told the evidence of each verdict on the way to the last: calibration looks on. */
  observe?: ((evidence: TimestampEvidence) => void) | undefined;
}

/** What the lines of a document say, before the timestamp is weighed. */
interface Account {
  lines: Line[];
  identifiers: ReceiptIdentifier[];
  kind: ReceiptKind;
  order: OrderEvidence | undefined;
  draft: TimestampDraft;
  /** Days that a label says are none of the payment or issue. */
  otherDays: string[];
}

/**
 * What the pages say, and whether it can be relied upon. Pure but for the looks at places of the pages, which are taken where
 * they can change the outcome: at the chosen timestamp, an amount that is not sure, identifiers whose check digits fail, and
 * whole pages on which no date or no amount was found.
 */
export async function interpret(
  pages: readonly PageText[],
  options: InterpretOptions,
): Promise<ReceiptReading> {
  const { referenceDate, lookAgain } = options;
  const asRead = pages.flatMap((page) => page.lines);
  const sizes = pages.map(({ width, height }) => ({ width, height }));
  if (asRead.length === 0) {
    return { ...unreadable("NO_TEXT"), pages: sizes };
  }
  const first = await accountOf(asRead, pages, options);
  const readAgain = onceAgain(pages, options.readAgain);
  const { account, foundBy } = await datedAccount(first, pages, options, readAgain);
  const { lines, identifiers, kind, order, draft } = account;
  const page = pages[draft.chosen?.strips[0]?.page ?? 0];
  const method = pages.some((each) => each.method === "OCR") ? "OCR" : "TEXT_LAYER";
  const key = ownKeyOf(kind, identifiers);
  const typedLine = identifiers.find(({ kind: name, valid }) => name === "BOLETO_LINE" && valid);
  const boleto = typedLine && parseBoletoLine(typedLine.value, referenceDate);
  const brCode = identifiers.find(({ kind: name, valid }) => name === "BR_CODE" && valid);
  // What is to be paid by a Pix is also what a boleto with both is of.
  const told = boleto?.amount ?? (brCode && parseBrCode(brCode.value)?.amount);
  const { timestamp, verdict, reasons } = await weighed(
    {
      kind,
      method: page?.method ?? method,
      draft,
      order,
      secondReadings: [],
      pixInstant: kind === "PIX_PROOF" ? pixIdOf(identifiers)?.instant : undefined,
      pixMayBe: kind === "PIX_PROOF" ? otherInstantsOf(identifiers) : [],
      keyMonth: key?.yearMonth,
      offset: offsetOf(order, options.home),
      referenceDate,
    },
    lines,
    foundBy,
    options,
  );
  const amount = options.timestampAlone
    ? ABSENT
    : await amountOf(first.lines, pages, kind, told, lookAgain, readAgain);
  return {
    kind,
    method,
    pages: sizes,
    fields: {
      timestamp,
      amount,
      ...findParties(lines, kind, key?.issuer),
      ...findPartyNames(lines),
      documentNumber: findDocumentNumber(lines, kind, identifiers, key?.number),
      dueDate: findDueDate(lines, order, boleto?.dueDate),
      identifiers,
    },
    verdict,
    reasons,
  };
}

async function accountOf(
  asRead: readonly Line[],
  pages: readonly PageText[],
  options: InterpretOptions,
  otherDays: readonly string[] = [],
): Promise<Account> {
  const { referenceDate } = options;
  const lines = await withCheckedLines(asRead, referenceDate, lookAtLine(pages, options));
  return accountOfLines(lines, pages, referenceDate, otherDays);
}

/** @param otherDays days that another reading of the pages found with a label of something else: this one may have lost it. */
function accountOfLines(
  lines: Line[],
  pages: readonly PageText[],
  referenceDate: string,
  otherDays: readonly string[] = [],
): Account {
  const barcodes = pages.flatMap((page) => page.barcodes);
  const identifiers = withoutRepeats([
    ...identifiersInBarcodes(barcodes, referenceDate),
    ...findIdentifiers(lines, referenceDate),
  ]);
  const kind = kindOf(lines, identifiers);
  const order = orderOfDates(lines);
  const candidates = timestampCandidates(lines, order);
  const possible = candidates.filter(({ dates }) => !dates.some((day) => otherDays.includes(day)));
  return {
    lines,
    identifiers,
    kind,
    order,
    draft: draftTimestamp(possible, kind, referenceDate, hasLostItsDay(lines)),
    otherDays: candidates.flatMap(({ role, dates }) => (isOfAnother(role) ? dates : [])),
  };
}

/** One look at a line of a page that was read from its picture. */
function lookAtLine(
  pages: readonly PageText[],
  { lookAgain }: InterpretOptions,
): (line: Line, look: StripLook) => Promise<Line | undefined> {
  return async (line, look) =>
    pages[line.page]?.method === "OCR" ? (await lookAgain(line, [look]))[0] : undefined;
}

/**
 * The account of the first reading; where that found no date, with the lines read again that must bear one, or else of another
 * reading of the pages. The first when none of them finds any.
 */
async function datedAccount(
  first: Account,
  pages: readonly PageText[],
  options: InterpretOptions,
  readAgain: PagesAgain,
): Promise<{ account: Account; foundBy: PageLook }> {
  if (isDated(first)) {
    return { account: first, foundBy: "FIRST" };
  }
  const lines = await withDatedLines(first.lines, lookAtLine(pages, options));
  const closer = accountOfLines(lines, pages, options.referenceDate);
  if (isDated(closer)) {
    return { account: closer, foundBy: "FIRST" };
  }
  let otherDays = closer.otherDays;
  for (const look of ["SECOND", "CLEANED"] as const) {
    const again = await accountOf(await readAgain(look), pages, options, otherDays);
    if (again.draft.chosen || again.kind === "SCHEDULING") {
      return { account: again, foundBy: look };
    }
    otherDays = [...otherDays, ...again.otherDays];
  }
  return { account: first, foundBy: "FIRST" };
}

/** Whether nothing more is to be found by looking for a date. */
function isDated({ kind, draft }: Account): boolean {
  return draft.chosen !== undefined || draft.ambiguousDates.length > 0 || kind === "SCHEDULING";
}

/** The verdict after as many looks as it takes: three of them suffice for most. */
async function weighed(
  evidence: TimestampEvidence,
  lines: readonly Line[],
  foundBy: PageLook,
  { lookAgain, leastProbability, observe }: InterpretOptions,
): Promise<Triage> {
  const verdictOn = (all: TimestampEvidence): Triage => {
    observe?.(all);
    return triage(all, leastProbability);
  };
  const { chosen } = evidence.draft;
  if (!chosen || evidence.method !== "OCR") {
    return verdictOn(evidence);
  }
  const { order, referenceDate } = evidence;
  const look = (strips: readonly Strip[], looks: readonly StripLook[]): Promise<SecondReading[]> =>
    readTimestampAgain(strips, foundBy, looks, lookAgain);
  if (chosen.dates.length > 1) {
    const looks = [...FIRST_LOOKS, ...FURTHER_LOOKS, ...LAST_LOOKS];
    const readings = await look(chosen.strips, looks);
    const seen = withZerosSeen(evidence.draft, readings, order, referenceDate);
    return verdictOn({ ...evidence, draft: seen.draft, secondReadings: seen.readings });
  }
  const place = placeOfMissingHour(evidence, chosen, lines);
  const strips = place ? stripsWith(place, chosen) : chosen.strips;
  const withAll = (so: TimestampEvidence, readings: readonly SecondReading[]): TimestampEvidence =>
    withLikelierHour(
      place ? withFoundHour(so, place, readings) : { ...so, secondReadings: readings },
    );
  const removable = place ? DOUBTS_WITH_PLACE : DOUBTS;
  let input = withLikelier(evidence, await look(strips, FIRST_LOOKS), withAll);
  const outcome = verdictOn(input);
  if (!isInDoubt(outcome, input, removable)) {
    return outcome;
  }
  input = withAll(input, [...input.secondReadings, ...(await look(strips, FURTHER_LOOKS))]);
  const outcomeOfAll = verdictOn(input);
  // An hour that is not the page's own takes more looks than others.
  const isLooks = (input.draft.chosen?.outvotedHours ?? 0) > 0;
  if (!isLooks && !isUnsupported(input, removable)) {
    return outcomeOfAll;
  }
  const last = withLikelierDay(input, await look(strips, LAST_LOOKS));
  const readings = [...input.secondReadings, ...last.readings];
  return verdictOn(withAll({ ...input, draft: last.draft }, readings));
}

/** Where the hour must stand that the page did not give but must have. */
function placeOfMissingHour(
  { kind, draft }: TimestampEvidence,
  chosen: TimestampCandidate,
  lines: readonly Line[],
): Strip | undefined {
  const isMissing =
    requiresHour(kind) && chosen.time === undefined && draft.ambiguousTimes.length === 0;
  return isMissing ? placeOfHour(lines, chosen) : undefined;
}

/** The evidence with the day and the hour that the looks make likelier. */
function withLikelier(
  evidence: TimestampEvidence,
  looked: readonly SecondReading[],
  withAll: (so: TimestampEvidence, readings: readonly SecondReading[]) => TimestampEvidence,
): TimestampEvidence {
  const { draft, readings } = withLikelierDay(evidence, looked);
  return withAll({ ...evidence, draft }, readings);
}

/** Reasons that more looks may remove; the second where there is a place to look for the hour. */
const DOUBTS = ["TIMESTAMP_LOW_CONFIDENCE"];
const DOUBTS_WITH_PLACE = [...DOUBTS, "HOUR_MISSING"];

/** Whether a timestamp would be refused at any threshold, because too little speaks for it. */
function isUnsupported(evidence: TimestampEvidence, removable: readonly string[]): boolean {
  const { verdict, reasons } = triage(evidence, 0);
  return verdict === "MANUAL_REVIEW" && reasons.every(({ code }) => removable.includes(code));
}

/** Whether more readings may do something: they add certainty to what is read, and refute nothing. */
function isInDoubt(
  { verdict, reasons, timestamp }: Triage,
  { draft }: TimestampEvidence,
  removable: readonly string[],
): boolean {
  return verdict === "ACCEPTED"
    ? timestamp.precision === "day" && draft.precision !== "day"
    : reasons.every(({ code }) => removable.includes(code));
}
