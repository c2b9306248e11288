import type { Line } from "../words.ts";

/** An amount of a till receipt, and whether the receipt's own arithmetic bears it out. */
export interface TillTotal<Amount> {
  amount: Amount;
  /** What was given less the change is this amount. */
  borneOut: boolean;
}

/** Letters that OCR takes for others in the large print of a total: "T07AL", "TOTA!". */
const TOTAL = "[T7][O0A][T7][A4H][L1!I]";

/** Best first: what is to be paid, what includes tax and rounding, any total. */
const LABELS = [
  new RegExp(
    String.raw`${TOTAL} ?(?:PAYABLE|DUE|A PAGAR)|(?:AMOUNT|AMT) (?:DUE|PAYABLE|TO (?:BE )?PA[YI]D?)|NETT? (?:AMOUNT|AMT)|(?:GRAND|FINAL|NETT?|ROUNDED) ?${TOTAL}|${TOTAL} (?:AMT |AMOUNT )?(?:AFTER )?(?:ROUND\w*|RND\w*)|ZU ZAHLEN`,
  ),
  new RegExp(String.raw`${TOTAL}.*\bINC|\b[A-Z]* ?CLUSIVE|GESAMT|SUMME|VALOR ${TOTAL}`),
  new RegExp(`(?<![A-Z])${TOTAL}(?![A-Z])`),
];

/** Totals that are of something else, or before something is added. */
const OTHER_TOTAL =
  /SUB ?-? ?[T7][O0]|EXC[LI1]|\b(?:QTY|QUANTITY|ITEMS?|ITENS|DISC\w*|SAVINGS?|POINTS?|SUPPL\w+|ACCEPTED)\b|[T7]OTAL (?:TAX|GST|SST)\b|(?:TAX|GST|SST) TOTAL|INCLU\w* IN|DE IMPOSTOS|TRIBUTOS/;

const GIVEN =
  /\b(?:CASH|TENDER\w*|RECEIVED|PAID|PAY|ACCEPTED|VISA|MASTER\w*|DINHEIRO|RECEBIDO|PAGO|GEGEBEN|BAR)\b/;
const CHANGE = /\b(?:CHANGE|TROCO|RUCKGELD)\b/;
const ROUNDING = /\bR[O0]UND\w*|\bRND\b|ARREDOND/;

/** No currency is rounded by more than so many cents. */
const MOST_ROUNDED = 5n;

/**
 * The total of a till receipt. What was given less the change is the surest sign, where that is printed as an amount; else a
 * total that the printed rounding leads to; else the largest amount beside the best label.
 */
export function tillTotal<Amount extends { centavos: bigint; line: Line }>(
  lines: readonly Line[],
  amounts: readonly Amount[],
): TillTotal<Amount> | undefined {
  const paid = paidOf(amounts);
  if (paid) {
    return { amount: paid, borneOut: true };
  }
  for (const label of LABELS) {
    const [total] = lines
      .flatMap((line, index) => (isTotal(line, label) ? beside(lines, index, amounts) : []))
      // The smaller ones are of a tax, a group or before it.
      .sort((a, b) => (a.centavos > b.centavos ? -1 : 1));
    if (total) {
      return { amount: rounded(total, amounts) ?? total, borneOut: false };
    }
  }
  return undefined;
}

/** Whether a line tells what was given or given back: where the total itself was not read, such an amount is not it. */
export function isHandedOver({ folded }: Line): boolean {
  return GIVEN.test(folded) || CHANGE.test(folded);
}

/** The last amount of the line; of a line without one the only amount of the next. */
function beside<Amount extends { centavos: bigint; line: Line }>(
  lines: readonly Line[],
  index: number,
  amounts: readonly Amount[],
): Amount[] {
  const own = amounts.filter(({ line }) => line === lines[index]);
  const next = amounts.filter(({ line }) => line === lines[index + 1] && !isHandedOver(line));
  return own.length > 0 ? own.slice(-1) : next.length === 1 ? next : [];
}

function isTotal({ folded }: Line, label: RegExp): boolean {
  return label.test(folded) && !OTHER_TOTAL.test(folded);
}

/** The printed amount that is what was given (by its label, or right above the change) less the change. */
function paidOf<Amount extends { centavos: bigint; line: Line }>(
  amounts: readonly Amount[],
): Amount | undefined {
  for (const [index, back] of amounts.entries()) {
    if (!CHANGE.test(back.line.folded)) {
      continue;
    }
    const given = amounts.filter(
      ({ line }, i) =>
        line !== back.line && (i === index - 1 || (i < index && GIVEN.test(line.folded))),
    );
    for (const note of given) {
      const found = amounts.findLast(
        ({ centavos, line }, i) =>
          centavos === note.centavos - back.centavos && i < index && line !== note.line,
      );
      if (found) {
        return found;
      }
    }
  }
  return undefined;
}

/** The amount that is printed below the total for its rounding; undefined when the total is that itself, or there is none. */
function rounded<Amount extends { centavos: bigint; line: Line }>(
  total: Amount,
  amounts: readonly Amount[],
): Amount | undefined {
  if (ROUNDING.test(total.line.folded)) {
    return undefined;
  }
  const below = amounts.slice(amounts.indexOf(total) + 1);
  const roundings = below.filter(({ line }) => ROUNDING.test(line.folded));
  const steps = roundings.filter(({ centavos }) => centavos <= MOST_ROUNDED);
  return (
    roundings.find(({ centavos }) => isNear(centavos, total.centavos)) ??
    below.findLast(
      ({ centavos, line }) =>
        steps.some((step) => isApartBy(centavos, total.centavos, step.centavos)) &&
        !OTHER_TOTAL.test(line.folded),
    )
  );
}

function isNear(one: bigint, other: bigint): boolean {
  return one !== other && one - other <= MOST_ROUNDED && other - one <= MOST_ROUNDED;
}

function isApartBy(one: bigint, other: bigint, step: bigint): boolean {
  return one - other === step || other - one === step;
}
