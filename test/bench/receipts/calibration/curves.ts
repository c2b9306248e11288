import { type Share, shareOf } from "../../../../src/receipts/share.ts";
import type { Chart, Point, Series } from "./chart.ts";
import { type Model, type Observation, type Outcome, outcomeOf } from "./observation.ts";

/** Something that was read of a page, with how sure its reader was. */
export interface Claim {
  sure: number;
  right: boolean;
}

/** What the reader says of pages on which it read a day, be it accepted or not, by the whole of its evidence. */
export function claimsOf(observations: readonly Observation[], model: Model): Claim[] {
  return observations.flatMap(({ stages, ...page }) => {
    const last = stages.at(-1);
    if (!last) return [];
    // As if nothing stood against it, for then each claim is judged.
    const free = {
      ...last,
      contradicted: false,
      needed: false,
      day: { ...last.day, holds: true },
    };
    const hour = last.hour && { ...last.hour, holds: true };
    const { verdict, probability } = outcomeOf({ ...page, stages: [{ ...free, hour }] }, model, 0);
    return [{ sure: probability, right: verdict === "RIGHT" }];
  });
}

/** What the reader accepts, nothing refused by the threshold. */
export function acceptedOf(observations: readonly Observation[], model: Model): Claim[] {
  return observations
    .map((one): Outcome => outcomeOf(one, model, 0))
    .filter(({ verdict }) => verdict !== "REVIEW")
    .map(({ verdict, probability }) => ({ sure: probability, right: verdict === "RIGHT" }));
}

/** What the rule that looks at words' confidence says: the first date. */
export function plainClaimsOf(observations: readonly Observation[]): Claim[] {
  return observations.flatMap(({ plainFirst }) =>
    plainFirst ? [{ sure: plainFirst.confidence, right: plainFirst.right }] : [],
  );
}

const BINS = 8;
/** The lower end of logarithmic axes: what is less stands there. */
const FLOOR = 0.0005;

/** Told against found shares of wrong ones, in bins of as many claims. */
export function reliabilityChart(ours: readonly Claim[], plain: readonly Claim[]): Chart {
  const axis = { from: FLOOR, to: 1, ticks: [0.001, 0.01, 0.1, 1], logarithmic: true };
  return {
    title: "Reliability: pages in layouts that the model was not fitted to",
    x: { ...axis, label: "told: probability that the timestamp is wrong" },
    y: { ...axis, label: "found: share of wrong ones (95 % interval)" },
    series: [
      { name: "the reader's probability", color: "#1f5fa8", points: bins(ours), joined: false },
      {
        name: "words' confidence, first date",
        color: "#c2571a",
        points: bins(plain),
        joined: false,
      },
    ],
    guide: { from: { x: FLOOR, y: FLOOR }, to: { x: 1, y: 1 }, label: "calibrated" },
  };
}

function bins(claims: readonly Claim[]): Point[] {
  const sorted = [...claims].sort((one, other) => one.sure - other.sure);
  return Array.from({ length: BINS }, (_, i) =>
    sorted.slice((i * sorted.length) / BINS, ((i + 1) * sorted.length) / BINS),
  ).flatMap((bin) => {
    if (bin.length === 0) return [];
    const { count, of, least, most }: Share = shareOf(
      bin.filter(({ right }) => !right).length,
      bin.length,
    );
    const told = bin.reduce((sum, { sure }) => sum + 1 - sure, 0) / bin.length;
    return [{ x: told, y: count / of, least, most }];
  });
}

/** How many are accepted, and how many of those are wrong, at each threshold. */
export function riskCoverageChart(
  curves: readonly { name: string; color: string; claims: readonly Claim[] }[],
  pages: number,
  risk: number,
): Chart {
  return {
    title: "Risk and coverage: pages in layouts that the model was not fitted to",
    x: {
      label: "accepted, of all pages",
      from: 0,
      to: 1,
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
      logarithmic: false,
    },
    y: {
      label: "wrong, of the accepted",
      from: FLOOR,
      to: 1,
      ticks: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
      logarithmic: true,
    },
    series: curves.map(
      ({ name, color, claims }): Series => ({
        name,
        color,
        points: curveOf(claims, pages),
        joined: true,
      }),
    ),
    guide: { from: { x: 0, y: risk }, to: { x: 1, y: risk }, label: "promised" },
  };
}

function curveOf(claims: readonly Claim[], pages: number): Point[] {
  const sorted = [...claims].sort((one, other) => other.sure - one.sure);
  let wrong = 0;
  return sorted.flatMap(({ sure, right }, i) => {
    if (!right) wrong += 1;
    // Claims of one sureness are accepted together.
    return sorted[i + 1]?.sure === sure ? [] : [{ x: (i + 1) / pages, y: wrong / (i + 1) }];
  });
}
