import { readFileSync } from "node:fs";
import { z } from "zod";

/** What the probability of a read day or hour is told from; none of it is what was read. */
export interface Traits {
  /** The log-odds of the confidence of the surest look, by its least certain character. */
  surest: number;
  /** Other looks at the place that gave the same, at most 4. */
  agreeing: number;
  /** Other looks that gave something else, at most 4. */
  against: number;
  /** Identifiers, weekday, second printing that bear it out. */
  witnesses: number;
  /** 1 when a label says what it is the date of. */
  labelled: number;
  /** The hour's ink over the date's, at most 1. */
  evenInk: number;
}

const weights = z.strictObject({
  intercept: z.number(),
  surest: z.number().nonnegative(),
  agreeing: z.number().nonnegative(),
  against: z.number().nonpositive(),
  witnesses: z.number().nonnegative(),
  labelled: z.number().nonnegative(),
  evenInk: z.number().nonnegative(),
});

const probability = z.number().min(0).max(1);

const calibration = z.strictObject({
  day: weights,
  hour: weights,
  /** Of a text layer nothing is misread; what remains is a label misunderstood. */
  textLayer: probability,
  /** The probability from which on a timestamp is accepted, certified by the procedure of `risk-control.ts`. */
  leastProbability: probability,
  /** What that threshold let through of the pages on which it was certified, and the upper bound of the risk. */
  certificate: z.strictObject({
    pages: z.int().nonnegative(),
    layouts: z.int().nonnegative(),
    accepted: z.int().nonnegative(),
    wrong: z.int().nonnegative(),
    risk: probability,
    confidence: probability,
    bound: probability,
  }),
});

/** The weights of a logistic model of one part of the timestamp: more evidence never makes it less probable. */
export type Weights = z.infer<typeof weights>;

/** Fitted by `npm run bench -- receipts-calibrate`. @throws ZodError at the start when the file is not of this shape. */
const CALIBRATION = calibration.parse(
  JSON.parse(readFileSync(new URL("./calibration.json", import.meta.url), "utf8")),
);

/** From this probability on a timestamp is accepted, unless something stricter is asked for. */
export const LEAST_PROBABILITY = CALIBRATION.leastProbability;

export const CERTIFICATE = CALIBRATION.certificate;

export const TEXT_LAYER_PROBABILITY = CALIBRATION.textLayer;

/** The probability that the day is the right one. */
export function dayProbability(traits: Traits): number {
  return probabilityBy(CALIBRATION.day, traits);
}

/** The probability that the hour is the right one, given that the day is. */
export function hourProbability(traits: Traits): number {
  return probabilityBy(CALIBRATION.hour, traits);
}

/** 0 to 1, by a model. */
export function probabilityBy({ intercept, ...by }: Weights, traits: Traits): number {
  const sum =
    intercept +
    by.surest * traits.surest +
    by.agreeing * traits.agreeing +
    by.against * traits.against +
    by.witnesses * traits.witnesses +
    by.labelled * traits.labelled +
    by.evenInk * traits.evenInk;
  return 1 / (1 + Math.exp(-sum));
}
