import { DEFAULT_THRESHOLDS } from "../../../src/reconciliation/thresholds.ts";
import type { CurvePoint } from "./risk-coverage.ts";

const WIDTH = 760;
const HEIGHT = 420;
const FRAME = { left: 84, right: 24, top: 48, bottom: 64 };
const COLOURS = ["#b3261e", "#c77700", "#1b6e3c", "#2456a6"] as const;
/** From here on coverage is shown. */
const LEAST_COVERAGE = 0.5;

/** The risk-coverage curves as an SVG: coverage to the right, risk upwards, a line for each margin, the choice in use ringed. */
export function drawCurve(points: readonly CurvePoint[]): string {
  const most = Math.max(...points.map(({ risk }) => risk), 0.001);
  const x = (coverage: number) =>
    round(
      FRAME.left +
        ((Math.max(coverage, LEAST_COVERAGE) - LEAST_COVERAGE) / (1 - LEAST_COVERAGE)) *
          (WIDTH - FRAME.left - FRAME.right),
    );
  // By the square root, so that one wrong link in thousands is still seen to be more than none.
  const y = (risk: number) =>
    round(HEIGHT - FRAME.bottom - Math.sqrt(risk / most) * (HEIGHT - FRAME.top - FRAME.bottom));
  const lines = [...Map.groupBy(points, ({ margin }) => margin)].flatMap(([margin, curve], at) => {
    const colour = COLOURS[at % COLOURS.length];
    const path = curve.map(({ coverage, risk }) => `${x(coverage)},${y(risk)}`).join(" ");
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...curve.map(
        ({ coverage, risk }) =>
          `<circle cx="${x(coverage)}" cy="${y(risk)}" r="3" fill="${colour}"/>`,
      ),
      `<text x="${FRAME.left + 16 + at * 110}" y="30" fill="${colour}">margin ${margin}</text>`,
    ];
  });
  const risks = [0, most / 16, most / 4, most];
  const axes = [
    ...[0.5, 0.6, 0.7, 0.8, 0.9, 1].map(
      (share) =>
        `<text x="${x(share)}" y="${HEIGHT - FRAME.bottom + 22}" text-anchor="middle">${Math.round(100 * share)} %</text>`,
    ),
    ...risks.map(
      (risk) =>
        `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y(risk)}" y2="${y(risk)}" stroke="#ccc"/><text x="${FRAME.left - 8}" y="${y(risk) + 4}" text-anchor="end">${(100 * risk).toFixed(2)} %</text>`,
    ),
  ];
  const used = points.find(
    ({ score, margin }) =>
      score === DEFAULT_THRESHOLDS.acceptScore && margin === DEFAULT_THRESHOLDS.acceptMargin,
  );
  const ring = used
    ? `<circle cx="${x(used.coverage)}" cy="${y(used.risk)}" r="8" fill="none" stroke="#000" stroke-width="2"/>`
    : "";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">
<title>Risk and coverage of automatic payments</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${[...axes, ...lines, ring].filter((line) => line !== "").join("\n")}
<text x="${WIDTH / 2}" y="${HEIGHT - 14}" text-anchor="middle">coverage: true payments that are linked without a person</text>
<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle">risk: links that are wrong</text>
</svg>
`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
