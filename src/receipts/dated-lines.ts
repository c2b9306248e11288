import { findDates } from "./fields/dates.ts";
import type { StripLook } from "./ocr-protocol.ts";
import type { Line } from "./words.ts";

/** Lines that must bear a date, by its label or by how it looks: "DOM4/2012 10:52", "144un2017". */
const LABEL = /\b(?:DATE|DATA|DATUM|EMISSAO|EMITIDO|REALIZADO|EFETUADO|PAGO EM)\b|\bD[A-Z]TE ?:/;
const LIKE_A_DATE =
  /\d{1,2} ?[/.-] ?[\dA-Z]{1,3} ?[/.-] ?[\dA-Z]{2,4}|\d[/-]\d{2,4}\b|\d\.\d{4}\b|\d{1,2}[ /.-]?[A-Z0-9]{3}[ /.-]?20\d\d|\d\d:\d\d/;

const LOOKS: StripLook[] = ["SMOOTHED", "ENLARGED", "STRAIGHT"];

/** So many lines are read again at the most: each look costs some 70 ms. */
const MOST_LINES = 4;

/**
 * Reads again each line that must bear a date but has none, and takes the first new reading that has one. What is found so is a
 * candidate like any other: its place is looked at again.
 *
 * @param lookAgain one look at a line; undefined when it gives nothing.
 */
export async function withDatedLines(
  lines: readonly Line[],
  lookAgain: (line: Line, look: StripLook) => Promise<Line | undefined>,
): Promise<Line[]> {
  const wanting = lines.filter((line) => isLikeDated(line) && findDates(line.folded).length === 0);
  // What is both labelled and looks like one first.
  wanting.sort((a, b) => Number(isLabelled(b)) - Number(isLabelled(a)));
  const better = new Map<Line, Line>();
  for (const line of wanting.slice(0, MOST_LINES)) {
    for (const look of LOOKS) {
      const again = await lookAgain(line, look);
      if (again && findDates(again.folded).length > 0) {
        better.set(line, again);
        break;
      }
    }
  }
  return lines.map((line) => better.get(line) ?? line);
}

function isLabelled({ folded }: Line): boolean {
  return LABEL.test(folded);
}

function isLikeDated(line: Line): boolean {
  return /\d/.test(line.folded) && (isLabelled(line) || LIKE_A_DATE.test(line.folded));
}
