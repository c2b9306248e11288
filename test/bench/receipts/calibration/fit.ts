import { probabilityBy, type Traits, type Weights } from "../../../../src/receipts/probability.ts";
import type { Observation, Part } from "./observation.ts";

/** One part of a timestamp, and whether it was read rightly. */
export interface Example extends Pick<Part, "traits" | "right"> {
  layout: number;
}

/** The days of some pages, after each stage of looking; and the hours whose day is right, for their probability is given that. */
export function examplesOf(observations: readonly Observation[]): {
  day: Example[];
  hour: Example[];
} {
  const day: Example[] = [];
  const hour: Example[] = [];
  for (const { layout, stages } of observations) {
    for (const stage of stages) {
      day.push({ layout, ...stage.day });
      if (stage.hour && stage.day.right) hour.push({ layout, ...stage.hour });
    }
  }
  return { day, hour };
}

/** Which way each trait may speak. */
const SIGNS: Record<keyof Traits, 1 | -1> = {
  surest: 1,
  agreeing: 1,
  against: -1,
  witnesses: 1,
  labelled: 1,
  evenInk: 1,
};

const NAMES = ["surest", "agreeing", "against", "witnesses", "labelled", "evenInk"] as const;

/** So strongly are weights drawn to 0, in examples: few of those that were read are wrong. */
const RIDGE = 0.1;
const STEPS = 1500;

/**
 * A logistic model with weights that may speak one way only, by projected gradient with Nesterov's momentum on the log loss.
 *
 * @param used the traits that the model may look at.
 */
export function fitLogistic(
  seen: readonly Example[],
  used: readonly (keyof Traits)[] = NAMES,
  ridge = RIDGE,
): Weights {
  const examples = [...seen, typical(seen, false), typical(seen, true)];
  const scales = NAMES.map((name) =>
    Math.max(1e-6, ...examples.map(({ traits }) => Math.abs(traits[name]))),
  );
  const rows = examples.map(({ traits }) =>
    NAMES.map((name, i) => traits[name] / (scales[i] ?? 1)),
  );
  const free = NAMES.map((name) => used.includes(name));
  let weights = [0, ...NAMES.map(() => 0)];
  let ahead = weights;
  const rate = 4 / (examples.length * (NAMES.length + 1));
  for (let step = 1; step <= STEPS; step += 1) {
    const gradient = ahead.map((weight, i) => (i === 0 ? 0 : ridge * weight));
    for (const [i, row] of rows.entries()) {
      const error = logistic(dot(ahead, row)) - (examples[i]?.right ? 1 : 0);
      gradient[0] = (gradient[0] ?? 0) + error;
      for (const [j, value] of row.entries())
        gradient[j + 1] = (gradient[j + 1] ?? 0) + error * value;
    }
    const next = ahead.map((weight, i) => {
      const moved = weight - rate * (gradient[i] ?? 0);
      const name = NAMES[i - 1];
      if (name === undefined) return moved;
      return free[i - 1] && moved * SIGNS[name] > 0 ? moved : 0;
    });
    const momentum = (step - 1) / (step + 2);
    ahead = next.map((weight, i) => weight + momentum * (weight - (weights[i] ?? 0)));
    weights = next;
  }
  const of = (name: keyof Traits): number => {
    const at = NAMES.indexOf(name);
    return rounded((weights[at + 1] ?? 0) / (scales[at] ?? 1));
  };
  return {
    intercept: rounded(weights[0] ?? 0),
    surest: of("surest"),
    agreeing: of("agreeing"),
    against: of("against"),
    witnesses: of("witnesses"),
    labelled: of("labelled"),
    evenInk: of("evenInk"),
  };
}

/** One more example than were seen, right or wrong, with their mean traits: where none was wrong, the next may be (Laplace). */
function typical(seen: readonly Example[], right: boolean): Example {
  const mean = (name: keyof Traits): number =>
    seen.reduce((sum, { traits }) => sum + traits[name], 0) / Math.max(1, seen.length);
  return {
    layout: -1,
    right,
    traits: {
      surest: mean("surest"),
      agreeing: mean("agreeing"),
      against: mean("against"),
      witnesses: mean("witnesses"),
      labelled: mean("labelled"),
      evenInk: mean("evenInk"),
    },
  };
}

/** Something that gives the probability of an example. */
export type Predictor = (traits: Traits) => number;

/** Models by name, each with the way to fit it. */
export const CANDIDATES: Record<string, (examples: readonly Example[]) => Predictor> = {
  "logistic, all traits": (examples) => logisticPredictor(fitLogistic(examples)),
  "logistic, confidence alone": (examples) => logisticPredictor(fitLogistic(examples, ["surest"])),
  "isotonic, confidence alone": (examples) => isotonic(examples, ({ surest }) => surest),
  "isotonic, looks that agree less those that do not": (examples) =>
    isotonic(examples, ({ agreeing, against }) => agreeing - against),
  "the share of right ones": (examples) => {
    const share = (examples.filter(({ right }) => right).length + 1) / (examples.length + 2);
    return () => share;
  },
};

function logisticPredictor(weights: Weights): Predictor {
  return (traits) => probabilityBy(weights, traits);
}

/** Pools adjacent violators: the non-decreasing step function with the least squared error (Ayer and others, 1955). */
function isotonic(examples: readonly Example[], score: (traits: Traits) => number): Predictor {
  const sorted = examples
    .map(({ traits, right }) => ({ at: score(traits), right: right ? 1 : 0 }))
    .sort((one, other) => one.at - other.at);
  const pools: { at: number; right: number; count: number }[] = [];
  for (const { at, right } of sorted) {
    pools.push({ at, right, count: 1 });
    for (;;) {
      const [before, last] = pools.slice(-2);
      if (
        !before ||
        !last ||
        (before.at !== last.at && before.right / before.count < last.right / last.count)
      )
        break;
      pools.splice(-2, 2, {
        at: before.at,
        right: before.right + last.right,
        count: before.count + last.count,
      });
    }
  }
  // One of each kind more, so that no probability is 0 or 1.
  return (traits) => {
    const pool = pools.findLast(({ at }) => at <= score(traits)) ?? pools[0];
    return pool ? (pool.right + 1) / (pool.count + 2) : 0.5;
  };
}

const FOLDS = 5;

/** The mean log loss of a model on layouts that it was not fitted to (five folds of layouts). */
export function crossValidated(
  examples: readonly Example[],
  train: (examples: readonly Example[]) => Predictor,
): number {
  const layouts = [...new Set(examples.map(({ layout }) => layout))].sort((a, b) => a - b);
  const foldOf = new Map(layouts.map((layout, i) => [layout, i % FOLDS]));
  let loss = 0;
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const predict = train(examples.filter(({ layout }) => foldOf.get(layout) !== fold));
    for (const { layout, traits, right } of examples) {
      if (foldOf.get(layout) !== fold) continue;
      const p = Math.min(1 - 1e-6, Math.max(1e-6, predict(traits)));
      loss -= Math.log(right ? p : 1 - p);
    }
  }
  return loss / examples.length;
}

function dot([intercept = 0, ...weights]: readonly number[], row: readonly number[]): number {
  return row.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), intercept);
}

function logistic(sum: number): number {
  return 1 / (1 + Math.exp(-sum));
}

function rounded(weight: number): number {
  return Math.round(weight * 10_000) / 10_000;
}
