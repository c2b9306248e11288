/*
 * A cell that begins like a formula is run by spreadsheets, whatever wrote the file (CSV injection). The
 * usual guard, which OWASP describes, is an apostrophe before it.
 */

const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/** Puts the apostrophe before what would run; one that is there already gets another, so that none is lost. */
export function withGuard(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** Takes off what withGuard put on, so that a mended file says what it said before. */
export function withoutGuard(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell;
}
