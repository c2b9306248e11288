// Draws what a terminal showed, as SVG: node docs/images/terminal.ts < captured.txt > docs/images/demo.svg
// The text comes from a real run, e.g. `tmux capture-pane -p`.
import { text } from "node:stream/consumers";

const FONT_SIZE = 13;
const CHARACTER = 7.8;
const LINE = 18;
const MARGIN = 18;
const BAR = 30;

const lines = (await text(process.stdin)).trimEnd().split("\n");
const columns = Math.max(...lines.map((line) => [...line].length));
const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
const height = BAR + lines.length * LINE + MARGIN;

// Spaces that do not break, since SVG's readers differ over whether they keep a run of the others.
const escaped = (line: string) =>
  line
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(" ", "\u00a0");

/** The prompt and the progress bars stand out; the rest is as plain as in the terminal. */
function coloured(line: string): string {
  if (line.startsWith("$ ")) return `<tspan fill="#7ee787">$</tspan>${escaped(line.slice(1))}`;
  return escaped(line).replace(/(\s=+)(-*\s)/, '<tspan fill="#58a6ff">$1</tspan>$2');
}

// The length of each line is fixed, so that columns stay in line whatever font there is.
const drawn = lines.flatMap((line, at) =>
  line.trim() === ""
    ? []
    : [
        `<text x="${MARGIN}" y="${BAR + (at + 1) * LINE - 5}" textLength="${([...line].length * CHARACTER).toFixed(1)}" lengthAdjust="spacingAndGlyphs">${coloured(line)}</text>`,
      ],
);
const dots = ["#ff5f56", "#ffbd2e", "#27c93f"].map(
  (fill, at) => `<circle cx="${MARGIN + at * 18}" cy="15" r="5.5" fill="${fill}"/>`,
);

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<title>Terminal</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${dots.join("\n")}
<g fill="#c9d1d9" font-family="ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">
${drawn.join("\n")}
</g>
</svg>
`);
