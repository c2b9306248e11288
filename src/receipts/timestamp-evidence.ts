import { dateInBrasilia } from "../calendar/brasilia.ts";
import { asMeant } from "./fields/as-meant.ts";
import type { OrderEvidence } from "./fields/date-order.ts";
import { findDates, weekdayOf } from "./fields/dates.ts";
import {
  type Agreement,
  agreesOnDate,
  agreesOnTime,
  hasOfLaterYear,
  hasWhole,
  type SecondReading,
  surenessOnDate,
} from "./fields/second-reading.ts";
import type { PrintedInk, TimestampCandidate, TimestampDraft } from "./fields/timestamp.ts";
import type { Traits } from "./probability.ts";
import type { ReceiptKind, TimestampPrecision } from "./reading.ts";

/**
 * With more doubt than this leaves no timestamp is accepted, however probable (see `probability.ts`): two agreeing looks and no
 * character read with less than 80 %, or more looks and less sureness. On 80 scans of SROIE it let 59 pass (54 with
 * `SUREST_LEAST`), none wrong; with the data of Portuguese and without looks by other data 0.98 let one wrong year pass.
 */
const LEAST_WITHOUT_DOUBT = 0.992;

/** What tesseract is never surer of than this: among words read with 90 or more, 2.5 % were wrong. */
const MOST_CONFIDENT = 0.97;

/** How much of the doubt each piece of evidence leaves. */
const LEFT_BY = {
  SECOND_READING: 0.2,
  OTHER_DATA: 0.1,
  END_TO_END_ID_DAY: 0.05,
  END_TO_END_ID_MOMENT: 0.01,
  END_TO_END_ID_NEAR: 0.2,
  DFE_KEY: 0.5,
  WEEKDAY: 0.2,
  PRINTED_TWICE: 0.5,
};

/** Of a harmed hour a look guessed with 0.41 what the id had. */
const KNOWN_LEAST = 0.5;

/** An id that has the very minute is as good as so many looks that agree. */
const MOMENT_COUNTS = 2;

/** Doubt that stays, whatever the words' confidence: no other reading agrees, or one says otherwise. */
const UNSUPPORTED = 0.2;
const DISPUTED = 0.5;

/**
 * Of several looks at one place at least one must be as sure as this. They are not independent: of an 8 whose strokes were
 * half gone all of them made a 3, none with more than 0.78.
 */
const SUREST_LEAST = 0.8;

/**
 * Of a face whose zeros are read as 8 tesseract is never sure which of both it sees; where only one day can be meant that
 * changes nothing. So many looks, and not one against them, need be no surer than this.
 */
const SUREST_LEAST_STROKED = 0.7;
const AGREEING_STROKED = 6;

/** One look that gives another day, itself unsure of it, raises the doubt by so much against three that agree. */
const RAISED_BY_ONE = 5;
const OUTVOTED_BY = 3;

/**
 * Looks beyond the first ones are of the same picture, and what errs once may err again: with them it takes so many that agree,
 * and of both languages' data where any look is against it.
 */
const AGREEING_OF_MANY = 3;

/** An id is made up to 12 hours before the payment (BCB); clocks and slow confirmations take minutes. */
const ID_BEFORE_MINUTES = 12 * 60;
const SAME_MOMENT_MINUTES = 5;
const CLOCK_SLACK_MINUTES = 2;

/**
 * Ink of the hour's digits over that of the date's beside them (see `inkRatio`). On 125 drawn pages it lay between 0.77 and 1.23,
 * twice at less; on those hours of which half of each digit was gone, and that were read as another hour, between 0.57 and 0.77.
 */
const INK_LEAST = 0.8;
const INK_MOST = 1.3;

/**
 * Of an hour that all looks read alike and the page surely, so much. Of 20 hours of which half of each digit was gone none was read
 * with more than 0.93.
 */
const INK_LEAST_SURE = 0.65;
const SURE_HOUR = 0.94;

/** And so much of one that a Pix's id has. */
const INK_LEAST_KNOWN = 0.7;
const CONTRAST_LEAST = 0.75;
const CONTRAST_LEAST_SURE = 0.5;

/** Everything that the verdict on the timestamp rests on. */
export interface TimestampEvidence {
  kind: ReceiptKind;
  /** How the page of the timestamp was read. */
  method: "OCR" | "TEXT_LAYER";
  draft: TimestampDraft;
  order: OrderEvidence | undefined;
  secondReadings: readonly SecondReading[];
  /** When the only valid Pix end-to-end id on the document was made. */
  pixInstant: Date | undefined;
  /** When else it may have been made, if an 8 of it is a zero with a stroke. */
  pixMayBe: readonly Date[];
  /** 'YYYY-MM' of the document's own key: of a DF-e, or of an NFS-e, which is one by its nature. */
  keyMonth: string | undefined;
  /** The zone of printed hours that name none, "-03:00"; undefined when it is not known. */
  offset: string | undefined;
  /** 'YYYY-MM-DD': the document cannot be of a later day. */
  referenceDate: string;
}

/** One part of the timestamp, weighed: what doubt is left, by what evidence, and what contradicts it. */
export interface Weighed {
  doubt: number;
  evidence: string[];
  /** The witness against it. */
  contradictedBy: string | undefined;
  /** What its probability is told from. */
  traits: Traits;
}

/** Weighs the day: readings, Pix id, key, weekday, a second printing; nothing may be of a day to come. */
export function weighDate(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): Weighed {
  const isKnown = isOfMoment(input, chosen, day);
  const looked = input.secondReadings.map(
    (reading): WeighedAgreement => ({
      agreement: agreesOnDate(reading, day, input.order, input.referenceDate, chosen.zeros),
      otherData: reading.otherData,
      last: reading.last,
    }),
  );
  const agreements = withoutDissent([...looked, ...outvoted(chosen.outvoted)], isKnown);
  const weighed = weighReadings(input.method, chosen.dateConfidence, agreements, isKnown);
  const surest = Math.max(
    chosen.dateConfidence,
    ...input.secondReadings.map((reading) => surenessOnDate(reading, day, chosen.zeros)),
  );
  const { agreeing, against } = countsOf(looked);
  const isStroked = chosen.zeros === "ANYWHERE" && agreeing >= AGREEING_STROKED && against === 0;
  const leastSure = isStroked ? SUREST_LEAST_STROKED : SUREST_LEAST;
  if (input.method === "OCR" && !isKnown && surest < leastSure) {
    weighed.doubt = Math.max(weighed.doubt, UNSUPPORTED);
  }
  const isOfLaterYear = input.secondReadings.some((reading) =>
    hasOfLaterYear(reading, day, input.referenceDate, chosen.zeros),
  );
  if (isOfLaterYear && !isKnown && input.method === "OCR") {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  if (!isKnown && /[12]8$/.test(day) && showsStrokedZeros(input)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  const isWhole = input.secondReadings.some((reading) => hasWhole(reading, day, chosen.zeros));
  if (chosen.shortened && !isWhole && input.method === "OCR" && !oneDigitUsual(input)) {
    weighed.doubt = Math.max(weighed.doubt, UNSUPPORTED);
  }
  if (chosen.orderEvidence !== undefined) {
    weighed.evidence.push(chosen.orderEvidence);
  }
  if (day > input.referenceDate) {
    weighed.contradictedBy = "REFERENCE_DATE";
  }
  if (input.keyMonth !== undefined) {
    witness(weighed, day.startsWith(input.keyMonth), "DFE_KEY", LEFT_BY.DFE_KEY);
  }
  if (chosen.weekday !== undefined) {
    witness(weighed, weekdayOf(day) === chosen.weekday, "WEEKDAY", LEFT_BY.WEEKDAY);
  }
  if (input.pixInstant !== undefined && !mayBeOfMoment(input, chosen, day)) {
    const first = dateInBrasilia(input.pixInstant);
    const last = dateInBrasilia(new Date(input.pixInstant.getTime() + ID_BEFORE_MINUTES * 60_000));
    const left = isKnown ? LEFT_BY.END_TO_END_ID_MOMENT : LEFT_BY.END_TO_END_ID_DAY;
    witness(weighed, day === first || day === last, "END_TO_END_ID", left);
  }
  if (input.draft.printings > 1) {
    witness(weighed, true, "PRINTED_TWICE", LEFT_BY.PRINTED_TWICE);
  }
  weighed.traits.surest = sureness(surest);
  weighed.traits.labelled = chosen.role === "NONE" ? 0 : 1;
  return weighed;
}

/** Weighs the hour: readings, ink, Pix id. */
export function weighHour(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
  precision: "minute" | "second",
): Weighed {
  const isKnown = isOfMoment(input, chosen, day);
  const weighed = weighPrintedHour(input, chosen, precision, isKnown);
  const minutes = minutesAfterId(input, chosen, day);
  if (minutes === undefined || isHarmed(input, chosen) || mayBeOfMoment(input, chosen, day)) {
    return weighed;
  }
  if (minutes < -CLOCK_SLACK_MINUTES || minutes > ID_BEFORE_MINUTES + SAME_MOMENT_MINUTES) {
    weighed.contradictedBy = "PIX_END_TO_END";
  } else if (minutes >= 0 && minutes <= SAME_MOMENT_MINUTES && !isKnown) {
    witness(weighed, true, "END_TO_END_ID", LEFT_BY.END_TO_END_ID_NEAR);
  } else if (isKnown) {
    witness(weighed, true, "END_TO_END_ID", LEFT_BY.END_TO_END_ID_MOMENT);
  } else if (input.method === "OCR") {
    // It may have been made hours before, and clocks differ. It may as well be a misread hour: a person looks.
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  return weighed;
}

/** Whether the id would have the minute, were an 8 of it a zero: then it says nothing. */
function mayBeOfMoment(
  { pixMayBe, ...input }: TimestampEvidence,
  chosen: TimestampCandidate,
  day: string,
): boolean {
  return pixMayBe.some((pixInstant) => minutesAfterId({ ...input, pixInstant }, chosen, day) === 0);
}

/** How many minutes the printed hour is after the id was made; undefined without an hour or an id. */
function minutesAfterId(
  input: Pick<TimestampEvidence, "pixInstant" | "offset">,
  chosen: TimestampCandidate,
  day: string,
): number | undefined {
  if (input.pixInstant === undefined || chosen.time === undefined) {
    return undefined;
  }
  const printed = new Date(asWritten(input, day, chosen, "minute"));
  return (printed.getTime() - input.pixInstant.getTime()) / 60_000;
}

/**
 * Whether the id has the very minute that was read. Then what else was read of it is a misreading: another hour, or another day,
 * would have to be misread into just that one. A minute beside it may be: a 46 was read as 45, three times and surely. And an id with
 * an 8 that may be a zero is misread where the hour is, too.
 */
export function isOfMoment(
  input: Pick<TimestampEvidence, "pixInstant" | "pixMayBe" | "offset">,
  chosen: TimestampCandidate,
  day: string,
): boolean {
  return (
    minutesAfterId(input, chosen, day) === 0 &&
    input.pixMayBe.length === 0 &&
    chosen.timeConfidence >= KNOWN_LEAST
  );
}

/** The hour by what stands on the paper alone. */
function weighPrintedHour(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  precision: "minute" | "second",
  isKnown: boolean,
): Weighed {
  const agreements = [
    ...hourAgreements(input, chosen).map(
      ({ agreement, ...look }): WeighedAgreement => ({
        agreement: agreement === "MINUTE" && precision === "minute" ? "AGREES" : agreement,
        ...look,
      }),
    ),
    ...outvoted(chosen.outvotedHours),
  ];
  const weighed = weighReadings(
    input.method,
    chosen.timeConfidence,
    withoutDissent(agreements, isKnown),
    isKnown,
  );
  if (isHarmed(input, chosen)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  const isOpen = /^[01]8|:\d8/.test(chosen.time?.time.slice(0, 5) ?? "");
  if (!isKnown && isOpen && showsStrokedZeros(input)) {
    weighed.doubt = Math.max(weighed.doubt, DISPUTED);
  }
  weighed.traits.evenInk = evenInk(chosen);
  return weighed;
}

/**
 * Whether a look has an 8 in the date that can only be a zero, though the page gave none: then any 8 may be one, that all looks see
 * alike. Of a 10:28 all looks made 18:28, and one of them made 81 of the month.
 */
function showsStrokedZeros({ method, secondReadings }: TimestampEvidence): boolean {
  return (
    method === "OCR" &&
    secondReadings.some(
      ({ line, holds }) =>
        line !== undefined &&
        holds.includes("DATE") &&
        findDates(asMeant(line), "WHERE_IMPOSSIBLE").some(({ stroked }) => stroked),
    )
  );
}

/** Readings that were outvoted. */
function outvoted(count: number): WeighedAgreement[] {
  return Array.from({ length: count }, () => ({
    agreement: "DOUBTS",
    otherData: false,
    last: false,
  }));
}

/** The readings without those against, of what the id has. */
function withoutDissent(
  agreements: readonly WeighedAgreement[],
  isKnown: boolean,
): readonly WeighedAgreement[] {
  return isKnown ? agreements.filter(({ agreement }) => agreement === "AGREES") : agreements;
}

/** Whether the digits of the hour have much less, or more, ink than those of the date, or are much paler. */
function isHarmed(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const { timeInk, dateInk } = chosen;
  if (timeInk.length === 0 || dateInk.length === 0) {
    return false;
  }
  const amount = inkRatio(timeInk, dateInk);
  const contrast =
    mean(timeInk.map((ink) => ink.contrast)) / mean(dateInk.map((ink) => ink.contrast));
  const isSure = isSurelyRead(input, chosen);
  const least = isSure
    ? INK_LEAST_SURE
    : isSurelyKnown(input, chosen)
      ? INK_LEAST_KNOWN
      : INK_LEAST;
  return (
    amount < least ||
    amount > INK_MOST ||
    contrast < (isSure ? CONTRAST_LEAST_SURE : CONTRAST_LEAST)
  );
}

/** Whether an hour that was not badly read is the one that the id has. */
function isSurelyKnown(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const [day] = chosen.dates;
  return (
    day !== undefined && chosen.timeConfidence >= SUREST_LEAST && isOfMoment(input, chosen, day)
  );
}

/** Whether the page has the hour surely, and looks of both data have it, and none another. */
function isSurelyRead(input: TimestampEvidence, chosen: TimestampCandidate): boolean {
  const agreements = hourAgreements(input, chosen);
  const agreeing = agreements.filter(
    ({ agreement }) => agreement === "AGREES" || agreement === "MINUTE",
  );
  return (
    chosen.timeConfidence >= SURE_HOUR &&
    chosen.outvotedHours === 0 &&
    agreeing.some(({ otherData }) => otherData) &&
    agreeing.some(({ otherData }) => !otherData) &&
    agreeing.length >= AGREEING_OF_MANY &&
    agreements.every(({ agreement }) => agreement !== "DIFFERS")
  );
}

/** How much of the ink that the date has the hour has, of at most as much: 1 where that is not known. */
function evenInk({ timeInk, dateInk }: TimestampCandidate): number {
  return timeInk.length === 0 || dateInk.length === 0 ? 1 : Math.min(1, inkRatio(timeInk, dateInk));
}

/**
 * The ink of the hour over that of the date. Amounts are of squares of the boxes' heights; strokes between a date's numbers may
 * reach far beyond its digits, so its box, where it is the taller one, tells nothing of their height: the hour's does for both.
 */
function inkRatio(timeInk: readonly PrintedInk[], dateInk: readonly PrintedInk[]): number {
  const heightOf = (ink: readonly PrintedInk[]): number => mean(ink.map(({ height }) => height));
  const amountOf = (ink: readonly PrintedInk[]): number => mean(ink.map(({ amount }) => amount));
  const lower = Math.min(1, heightOf(timeInk) / heightOf(dateInk));
  return (lower ** 2 * amountOf(timeInk)) / amountOf(dateInk);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface WeighedAgreement extends Pick<SecondReading, "otherData" | "last"> {
  agreement: Agreement;
}

/** What the words' confidence and the other readings leave of doubt. A text layer is exact. */
function weighReadings(
  method: "OCR" | "TEXT_LAYER",
  confidence: number,
  agreements: readonly WeighedAgreement[],
  isKnown: boolean,
): Weighed {
  if (method === "TEXT_LAYER") {
    return {
      doubt: 0,
      evidence: ["TEXT_LAYER"],
      contradictedBy: undefined,
      traits: traitsOf(1, []),
    };
  }
  const agreeing = agreements.filter(({ agreement }) => agreement === "AGREES");
  const others = agreeing.filter(({ otherData }) => otherData).length;
  const same = agreeing.length - others;
  const first = 1 - Math.min(MOST_CONFIDENT, Math.max(0, confidence));
  let doubt = first * LEFT_BY.SECOND_READING ** same * LEFT_BY.OTHER_DATA ** others;
  const isOfMany = !isKnown && agreements.some(({ last }) => last);
  const isOfBoth = (same > 0 && others > 0) || countsOf(agreements).against === 0;
  const least = isOfMany ? AGREEING_OF_MANY : isKnown ? 0 : 1;
  if (agreeing.length < least || (isOfMany && !isOfBoth)) {
    doubt = Math.max(doubt, UNSUPPORTED);
  }
  if (agreements.some(({ agreement }) => agreement === "DIFFERS" || agreement === "MINUTE")) {
    doubt = Math.max(doubt, DISPUTED);
  }
  const doubting = agreements.filter(({ agreement }) => agreement === "DOUBTS").length;
  if (doubting > 0) {
    const outvoted = doubting === 1 && agreeing.length >= OUTVOTED_BY;
    doubt = outvoted ? doubt * RAISED_BY_ONE : Math.max(doubt, DISPUTED);
  }
  const evidence = [
    ...(same > 0 ? ["SECOND_READING"] : []),
    ...(others > 0 ? ["OTHER_LANGUAGE_DATA"] : []),
  ];
  const traits = traitsOf(confidence, agreements);
  traits.agreeing = Math.min(COUNTED, traits.agreeing + (isKnown ? MOMENT_COUNTS : 0));
  return { doubt, evidence, contradictedBy: undefined, traits };
}

function traitsOf(confidence: number, agreements: readonly WeighedAgreement[]): Traits {
  const { agreeing, against } = countsOf(agreements);
  return {
    surest: sureness(confidence),
    agreeing: Math.min(COUNTED, agreeing),
    against: Math.min(COUNTED, against),
    witnesses: 0,
    labelled: 1,
    evenInk: 1,
  };
}

function countsOf(agreements: readonly WeighedAgreement[]): { agreeing: number; against: number } {
  const count = (...of: Agreement[]): number =>
    agreements.filter(({ agreement }) => of.includes(agreement)).length;
  return { agreeing: count("AGREES"), against: count("DIFFERS", "DOUBTS", "MINUTE") };
}

/** More than so many looks of one opinion say no more. */
const COUNTED = 4;

/** The log-odds of a confidence, which tesseract does not mean beyond 1 to 99 %. */
function sureness(confidence: number): number {
  const within = Math.min(0.99, Math.max(0.01, confidence));
  return Math.log(within / (1 - within));
}

function witness(weighed: Weighed, agrees: boolean, name: string, left: number): void {
  if (agrees) {
    weighed.doubt *= left;
    weighed.evidence.push(name);
    weighed.traits.witnesses += 1;
  } else {
    weighed.contradictedBy ??= name === "END_TO_END_ID" ? "PIX_END_TO_END" : name;
  }
}

/**
 * Seconds on which the readings differ, or that the paper alone does not make sure, are left out: an end-to-end id
 * speaks for the minute only.
 */
export function reliedPrecision(
  input: TimestampEvidence,
  chosen: TimestampCandidate,
  dateDoubt: number,
): TimestampPrecision {
  const precision = isZoned(input, chosen) ? (input.draft.precision ?? "day") : "day";
  if (precision !== "second") {
    return precision;
  }
  const sure = holds(dateDoubt + weighPrintedHour(input, chosen, "second", false).doubt);
  return sure ? "second" : "minute";
}

/** An hour of an unknown zone is no instant: such a document keeps its day alone. */
function isZoned({ offset }: TimestampEvidence, { time }: TimestampCandidate): boolean {
  return (time?.offset ?? offset) !== undefined;
}

function hourAgreements(input: TimestampEvidence, chosen: TimestampCandidate): WeighedAgreement[] {
  const time = chosen.time?.time;
  return time === undefined
    ? []
    : input.secondReadings.map((reading) => ({
        agreement: agreesOnTime(reading, time, {
          oneDigitHour: oneDigitUsual(input),
          zeros: chosen.zeros,
        }),
        otherData: reading.otherData,
        last: reading.last,
      }));
}

/** Brazilian documents print two digits of the day and of the hour. */
export function oneDigitUsual({ order }: Pick<TimestampEvidence, "order">): boolean {
  return order?.evidence !== "PORTUGUESE_DOCUMENT";
}

/** With the zone that the hour names, else that of the document's country. */
export function asWritten(
  { offset }: Pick<TimestampEvidence, "offset">,
  day: string,
  { time }: TimestampCandidate,
  precision: TimestampPrecision,
): string {
  const zone = time?.offset ?? offset;
  if (precision === "day" || time === undefined || zone === undefined) {
    return day;
  }
  const clock = precision === "minute" ? `${time.time.slice(0, 5)}:00` : time.time;
  return `${day}T${clock}${zone}`;
}

/** Whether so little doubt is left that it may be relied upon. */
export function holds(doubt: number): boolean {
  return 1 - doubt >= LEAST_WITHOUT_DOUBT;
}
