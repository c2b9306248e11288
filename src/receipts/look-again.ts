import type { Strip } from "./fields/timestamp.ts";
import type { PageLook, StripLook } from "./ocr-protocol.ts";
import type { Line, PageText } from "./words.ts";

/** Whole pages cost most: of a document without a date or an amount no more are read twice. */
const PAGES_READ_AGAIN = 2;

/** Reads a place of a page again; a line for each look, without those that gave nothing. */
export type LookAgain = (
  place: Pick<Strip, "page" | "box"> & { cleaned?: boolean },
  looks: readonly StripLook[],
) => Promise<Line[]>;

/** Reads a whole page once more, otherwise than the first time. */
export type ReadAgain = (page: number, look: Exclude<PageLook, "FIRST">) => Promise<Line[]>;

/** The first pages, read otherwise than the first time. */
export type PagesAgain = (look: Exclude<PageLook, "FIRST">) => Promise<Line[]>;

/** Reads the first pages once more by each look, when it is asked for first; what is no picture, and later pages, stay as they are. */
export function onceAgain(pages: readonly PageText[], readAgain: ReadAgain): PagesAgain {
  const known = new Map<PageLook, Promise<Line[]>>();
  const read: PagesAgain = async (look) => {
    const lines: Line[] = [];
    for (const [index, page] of pages.entries()) {
      const readable = page.method === "OCR" && index < PAGES_READ_AGAIN;
      lines.push(...(readable ? await readAgain(index, look) : page.lines));
    }
    return lines;
  };
  return (look) => {
    const again = known.get(look) ?? read(look);
    known.set(look, again);
    return again;
  };
}
