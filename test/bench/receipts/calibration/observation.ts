import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { probabilityBy, type Weights } from "../../../../src/receipts/probability.ts";
import type { Passed } from "../../../../src/receipts/risk-control.ts";

const traits = z.strictObject({
  surest: z.number(),
  agreeing: z.number(),
  against: z.number(),
  witnesses: z.number(),
  labelled: z.number(),
  evenInk: z.number(),
});

/** One part of a timestamp: what its probability is told from, whether it is right, and whether the evidence lets it pass. */
const part = z.strictObject({ traits, right: z.boolean(), holds: z.boolean() });

/** What was known after so many looks. */
const stage = z.strictObject({
  day: part,
  /** Null when the hour is missing, or not to be relied upon. */
  hour: part.nullable(),
  /** The kind of document requires an hour. */
  needed: z.boolean(),
  contradicted: z.boolean(),
  /** The day alone is what is on the paper, as far as it was read. */
  whole: z.boolean(),
});

const plain = z.strictObject({ confidence: z.number(), right: z.boolean() });

const observation = z.strictObject({
  purpose: z.enum(["CERTIFY", "FIT"]),
  index: z.int(),
  /** Pages of one layout are never both fitted to and certified on. */
  layout: z.int(),
  kind: z.string(),
  language: z.enum(["por", "eng"]),
  /** After the first looks, after further ones, and after all; none when there was no single day to look at. */
  stages: z.array(stage).max(3),
  /** What the rule "word confidence >= 90" accepts, and the first date whatever its confidence; null without any. */
  plain: plain.nullable(),
  plainFirst: plain.nullable(),
});

export type Observation = z.infer<typeof observation>;
export type Stage = z.infer<typeof stage>;
export type Part = z.infer<typeof part>;

/** The weights of day and hour. */
export interface Model {
  day: Weights;
  hour: Weights;
}

/** @throws Error when there is no such file, ZodError when it is none of observations. */
export async function loadObservations(file: string): Promise<Observation[]> {
  const text = gunzipSync(await readFile(file)).toString("utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => observation.parse(JSON.parse(line)));
}

/** What the verdict on a page would be. */
export interface Outcome {
  verdict: "RIGHT" | "WRONG" | "REVIEW";
  /** Of what is accepted, or would be. */
  probability: number;
  withHour: boolean;
}

const REVIEW: Outcome = { verdict: "REVIEW", probability: 0, withHour: false };

/** The verdict on a page by a model and threshold, as `triage` gives it: after the first looks, or after all. */
export function outcomeOf({ stages }: Observation, model: Model, least: number): Outcome {
  let outcome = REVIEW;
  for (const stage of stages) {
    outcome = verdictOn(stage, model, least);
    if (outcome.verdict !== "REVIEW" && (outcome.withHour || stage.whole)) break;
  }
  return outcome;
}

function verdictOn(
  { day, hour, needed, contradicted }: Stage,
  model: Model,
  least: number,
): Outcome {
  const dayIsRight = probabilityBy(model.day, day.traits);
  const bothAreRight = hour ? dayIsRight * probabilityBy(model.hour, hour.traits) : dayIsRight;
  const withHour = hour?.holds === true && bothAreRight >= least;
  const stands = day.holds && dayIsRight >= least && !contradicted && (!needed || withHour);
  const probability = needed || withHour ? bothAreRight : dayIsRight;
  if (!stands) return { ...REVIEW, probability };
  const right = day.right && (!withHour || hour.right);
  return { verdict: right ? "RIGHT" : "WRONG", probability, withHour };
}

/** What a threshold lets through. */
export function passedOf(
  observations: readonly Observation[],
  model: Model,
  least: number,
): Passed {
  const verdicts = observations.map((one) => outcomeOf(one, model, least).verdict);
  const wrong = verdicts.filter((verdict) => verdict === "WRONG").length;
  return {
    least,
    accepted: wrong + verdicts.filter((verdict) => verdict === "RIGHT").length,
    wrong,
  };
}
