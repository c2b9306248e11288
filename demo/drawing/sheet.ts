/**
 * A sheet is what a document looks like, before anything is drawn: marks at places, in pixels of a
 * page of a given size. The same sheet becomes an image (paint.ts) or a PDF with text (print.ts).
 */
export type Piece = {
  text: string;
  /** Named pieces can be damaged: the hour is what receipts lose to stains and folds. */
  name?: "hour";
};

export type TextMark = {
  kind: "text";
  x: number;
  /** The baseline. */
  y: number;
  pieces: Piece[];
  size: number;
  face: "sans" | "mono" | "serif";
  bold: boolean;
  color: string;
  align: "left" | "right" | "center";
};

export type RectangleMark = {
  kind: "rectangle";
  x: number;
  y: number;
  width: number;
  height: number;
  color: string;
};

export type Mark = TextMark | RectangleMark;

export type Sheet = { width: number; height: number; background: string; marks: Mark[] };

type TextStyle = Partial<Pick<TextMark, "size" | "face" | "bold" | "color" | "align">>;

/** Writes on a sheet from top to bottom; each call moves the pen down by what it wrote. */
export type Pen = {
  /** Distance of the pen from the top, in pixels. */
  y: number;
  write(x: number, text: string | Piece[], style?: TextStyle): void;
  /** Writes without moving the pen: for a second column. */
  beside(x: number, text: string | Piece[], style?: TextStyle): void;
  box(x: number, y: number, width: number, height: number, color: string): void;
  rule(color?: string): void;
  skip(pixels: number): void;
  sheet(): Sheet;
};

/** A pen on an empty sheet of `width` pixels; the sheet grows as long as what is written on it. */
export function createPen(
  width: number,
  options: { background?: string; face?: TextMark["face"] },
) {
  const marks: Mark[] = [];
  const margin = 40;
  const pen: Pen = {
    y: margin,
    beside(x, text, style = {}) {
      marks.push({
        kind: "text",
        x,
        y: pen.y + (style.size ?? 26),
        pieces: typeof text === "string" ? [{ text }] : text,
        size: style.size ?? 26,
        face: style.face ?? options.face ?? "sans",
        bold: style.bold ?? false,
        color: style.color ?? "#1c1c1c",
        align: style.align ?? "left",
      });
    },
    write(x, text, style = {}) {
      pen.beside(x, text, style);
      pen.y += Math.round((style.size ?? 26) * 1.45);
    },
    box(x, y, boxWidth, height, color) {
      marks.push({ kind: "rectangle", x, y, width: boxWidth, height, color });
    },
    rule(color = "#c4c4c4") {
      pen.y += 12;
      pen.box(margin, pen.y, width - 2 * margin, 2, color);
      pen.y += 16;
    },
    skip(pixels) {
      pen.y += pixels;
    },
    sheet: () => ({
      width,
      height: pen.y + margin,
      background: options.background ?? "#ffffff",
      marks,
    }),
  };
  return pen;
}
