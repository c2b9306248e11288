import type { Agreement, SecondReading } from "../fields/second-reading.ts";
import type { Traits } from "../probability.ts";

/** What tesseract is never surer of than this: among words read with 90 or more, 2.5 % were wrong. */
const MOST_CONFIDENT = 0.97;

/** How much of the doubt each piece of evidence leaves. */
export const LEFT_BY = {
  SECOND_READING: 0.2,
  OTHER_DATA: 0.1,
  END_TO_END_ID_DAY: 0.05,
  END_TO_END_ID_MOMENT: 0.01,
  END_TO_END_ID_NEAR: 0.2,
  DFE_KEY: 0.5,
  WEEKDAY: 0.2,
  PRINTED_TWICE: 0.5,
};

/** An id that has the very minute is as good as so many looks that agree. */
const MOMENT_COUNTS = 2;

/** Doubt that stays, whatever the words' confidence: no other reading agrees, or one says otherwise. */
export const UNSUPPORTED = 0.2;
export const DISPUTED = 0.5;

/**
 * Of several looks at one place at least one must be as sure as this. They are not independent: of an 8 whose strokes were
 * half gone all of them made a 3, none with more than 0.78.
 */
export const SUREST_LEAST = 0.8;

/** One look that gives another day, itself unsure of it, raises the doubt by so much against three that agree. */
const RAISED_BY_ONE = 5;
const OUTVOTED_BY = 3;

/**
 * Looks beyond the first ones are of the same picture, and what errs once may err again: with them it takes so many that agree,
 * and of both languages' data where any look is against it.
 */
export const AGREEING_OF_MANY = 3;

/** More than so many looks of one opinion say no more. */
const COUNTED = 4;

/** One part of the timestamp, weighed: what doubt is left, by what evidence, and what contradicts it. */
export interface Weighed {
  doubt: number;
  evidence: string[];
  /** The witness against it. */
  contradictedBy: string | undefined;
  /** What its probability is told from. */
  traits: Traits;
}

/** A look at the place, and what it says of what was chosen. */
export interface WeighedAgreement extends Pick<SecondReading, "otherData" | "last"> {
  agreement: Agreement;
}

/** What the words' confidence and the other readings leave of doubt. A text layer is exact. */
export function weighReadings(
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

/** Readings that were outvoted. */
export function outvoted(count: number): WeighedAgreement[] {
  return Array.from({ length: count }, () => ({
    agreement: "DOUBTS",
    otherData: false,
    last: false,
  }));
}

/** The readings without those against, of what the id has. */
export function withoutDissent(
  agreements: readonly WeighedAgreement[],
  isKnown: boolean,
): readonly WeighedAgreement[] {
  return isKnown ? agreements.filter(({ agreement }) => agreement === "AGREES") : agreements;
}

/** What something else on the document says: it leaves so much of the doubt, or contradicts. */
export function witness(weighed: Weighed, agrees: boolean, name: string, left: number): void {
  if (agrees) {
    weighed.doubt *= left;
    weighed.evidence.push(name);
    weighed.traits.witnesses += 1;
  } else {
    weighed.contradictedBy ??= name === "END_TO_END_ID" ? "PIX_END_TO_END" : name;
  }
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

/** How many looks agree, and how many say or suspect something else. */
export function countsOf(agreements: readonly WeighedAgreement[]): {
  agreeing: number;
  against: number;
} {
  const count = (...of: Agreement[]): number =>
    agreements.filter(({ agreement }) => of.includes(agreement)).length;
  return { agreeing: count("AGREES"), against: count("DIFFERS", "DOUBTS", "MINUTE") };
}

/** The log-odds of a confidence, which tesseract does not mean beyond 1 to 99 %. */
export function sureness(confidence: number): number {
  const within = Math.min(0.99, Math.max(0.01, confidence));
  return Math.log(within / (1 - within));
}

/**
 * With more doubt than this leaves no timestamp is accepted, however probable (see `probability.ts`): two agreeing looks and no
 * character read with less than 80 %, or more looks and less sureness. On 80 scans of SROIE it let 59 pass (54 with
 * `SUREST_LEAST`), none wrong; with the data of Portuguese and without looks by other data 0.98 let one wrong year pass.
 */
const LEAST_WITHOUT_DOUBT = 0.992;

/** Whether so little doubt is left that it may be relied upon. */
export function holds(doubt: number): boolean {
  return 1 - doubt >= LEAST_WITHOUT_DOUBT;
}
