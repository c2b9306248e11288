import { printedCnpjs } from "./fields/cnpj.ts";
import { findIdentifiers } from "./fields/identifiers.ts";
import type { StripLook } from "./ocr-protocol.ts";
import type { Line } from "./words.ts";

/** Lines that must bear something with check digits (or a strict shape), by how they look. */
const CNPJ_LINE = /CNP[J)I]|[\dA-Z]{2}[.,][\dA-Z]{3}[.,][\dA-Z]{3}\s?[/1I]/;
const LONG_WORD = /\b[ED][0-9A-Z]{27,34}\b/;
/** A Pix's id in which spaces were seen. */
const BROKEN_ID = /\b[ED](?=(?: ?[0-9A-Z]){27,34}\b)(?=(?:[A-Z ]*[0-9]){12})[0-9A-Z]{3,}/;
/** Digits and separators apart: with one class for both, a line of 50 digits took minutes to be refused. */
/** A key has 44 digits, a typed line 47 or 48. */
const LONG_NUMBER_DIGITS = 40;

/** Noise is what makes most of them fail, so the smoothed look comes first. */
const LOOKS: StripLook[] = ["SMOOTHED", "ENLARGED"];

/** An id has no check digits that would tell what is wrong, but it is the best witness: the other data may have it. */
const LOOKS_AT_ID: StripLook[] = [...LOOKS, "OTHER_DATA"];

/** So many lines are read again at the most: each look costs some 50 ms. */
const MOST_LINES = 6;

/**
 * Reads again each line that must bear a CNPJ or an identifier but has none that holds, and takes the new reading if one
 * holds in that: its check digits make sure that nothing is guessed.
 *
 * @param lookAgain one look at a line; undefined when it gives nothing.
 */
export async function withCheckedLines(
  lines: readonly Line[],
  referenceDate: string,
  lookAgain: (line: Line, look: StripLook) => Promise<Line | undefined>,
): Promise<Line[]> {
  const wanting = lines.filter((line) => wants(line) && !bears(line, referenceDate));
  const better = new Map<Line, Line>();
  for (const line of wanting.slice(0, MOST_LINES)) {
    for (const look of isLikeId(line) ? LOOKS_AT_ID : LOOKS) {
      const again = await lookAgain(line, look);
      if (again && bears(again, referenceDate)) {
        better.set(line, again);
        break;
      }
    }
  }
  return lines.map((line) => better.get(line) ?? line);
}

function wants({ folded }: Line): boolean {
  const digits = folded.replace(/\D/g, "").length;
  return CNPJ_LINE.test(folded) || isLikeId({ folded }) || digits >= LONG_NUMBER_DIGITS;
}

function isLikeId({ folded }: Pick<Line, "folded">): boolean {
  return LONG_WORD.test(folded) || BROKEN_ID.test(folded);
}

function bears(line: Line, referenceDate: string): boolean {
  return (
    printedCnpjs([line], "UNKNOWN").length > 0 ||
    findIdentifiers([line], referenceDate).some(({ valid }) => valid)
  );
}
