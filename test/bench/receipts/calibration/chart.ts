/** A point, with how far its value may be off. */
export interface Point {
  x: number;
  y: number;
  least?: number;
  most?: number;
}

export interface Series {
  name: string;
  color: string;
  points: readonly Point[];
  /** Joined by a line; else each stands for itself. */
  joined: boolean;
}

/** An axis of shares; a logarithmic one has its 0 at the lower end. */
export interface Axis {
  label: string;
  from: number;
  to: number;
  ticks: readonly number[];
  logarithmic: boolean;
}

export interface Chart {
  title: string;
  x: Axis;
  y: Axis;
  series: readonly Series[];
  /** A line that the points are to lie on, or below: its two ends. */
  guide: { from: Point; to: Point; label: string };
}

const WIDTH = 720;
const HEIGHT = 480;
const LEFT = 80;
const RIGHT = 24;
const TOP = 48;
const BOTTOM = 64;

/** A chart as SVG, with nothing in it that another program would have to draw. */
export function svgOf({ title, x, y, series, guide }: Chart): string {
  const across = (value: number): number => LEFT + placed(x, value) * (WIDTH - LEFT - RIGHT);
  const up = (value: number): number =>
    HEIGHT - BOTTOM - placed(y, value) * (HEIGHT - TOP - BOTTOM);
  const parts = [
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    text(WIDTH / 2, 26, title, "middle", 16),
    ...x.ticks.flatMap((tick) => [
      line(across(tick), up(y.from), across(tick), up(y.to), "#e6e6e6"),
      text(across(tick), HEIGHT - BOTTOM + 20, percent(tick), "middle"),
    ]),
    ...y.ticks.flatMap((tick) => [
      line(across(x.from), up(tick), across(x.to), up(tick), "#e6e6e6"),
      text(LEFT - 8, up(tick) + 4, percent(tick), "end"),
    ]),
    text(WIDTH / 2, HEIGHT - 14, x.label, "middle"),
    `<text transform="translate(18 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" font-size="13">${escaped(y.label)}</text>`,
    line(
      across(guide.from.x),
      up(guide.from.y),
      across(guide.to.x),
      up(guide.to.y),
      "#888888",
      "5 4",
    ),
    text(across(guide.to.x) - 6, up(guide.to.y) - 6, guide.label, "end"),
  ];
  series.forEach(({ name, color, points, joined }, index) => {
    if (joined) {
      const path = points
        .map((point) => `${number(across(point.x))},${number(up(point.y))}`)
        .join(" ");
      parts.push(`<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>`);
    }
    for (const point of points) {
      if (point.least !== undefined && point.most !== undefined) {
        parts.push(line(across(point.x), up(point.least), across(point.x), up(point.most), color));
      }
      if (!joined) {
        parts.push(
          `<circle cx="${number(across(point.x))}" cy="${number(up(point.y))}" r="4" fill="${color}"/>`,
        );
      }
    }
    parts.push(
      `<rect x="${LEFT + 12}" y="${TOP + 8 + index * 20}" width="12" height="12" fill="${color}"/>`,
      text(LEFT + 30, TOP + 18 + index * 20, name, "start"),
    );
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" fill="#222222">\n<title>${escaped(title)}</title>\n${parts.join("\n")}\n</svg>\n`;
}

/** 0 at the axis's beginning, 1 at its end; what lies beyond stands at the end. */
function placed({ from, to, logarithmic }: Axis, value: number): number {
  const within = Math.min(to, Math.max(from, value));
  return logarithmic
    ? Math.log(within / from) / Math.log(to / from)
    : (within - from) / (to - from);
}

function line(x1: number, y1: number, x2: number, y2: number, color: string, dashes = ""): string {
  const dashed = dashes === "" ? "" : ` stroke-dasharray="${dashes}"`;
  return `<line x1="${number(x1)}" y1="${number(y1)}" x2="${number(x2)}" y2="${number(y2)}" stroke="${color}"${dashed}/>`;
}

function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end",
  size = 13,
): string {
  return `<text x="${number(x)}" y="${number(y)}" text-anchor="${anchor}" font-size="${size}">${escaped(content)}</text>`;
}

function number(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(3))} %`;
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
