import type { Line } from "../words.ts";
import {
  isHandedOver,
  isTax,
  isWithin,
  MOST_ROUNDED,
  paid,
  paidAsPrinted,
  paidExactly,
  ROUNDING,
  summed,
  type TillAmount,
  taxed,
  taxedWithin,
} from "./till-arithmetic.ts";

/** An amount of a till receipt, and whether the receipt's own arithmetic bears it out. */
export interface TillTotal<Amount> {
  amount: Amount;
  /** Such as: what was given less the change is this amount. */
  borneOut: boolean;
}

/** The word with letters that OCR takes for others in large print ("T07AL", "TOTA!"), or with one lost or wrong ("FOTAL", "TOTL"). */
const TOTAL = String.raw`(?:[T7][O0A][T7][A4H][L1!I]|\S?OTAL|T\S?TAL|TO\S?AL|TOT\S?L|TOTA\S?)`;

const SUBTOTAL = /SUB ?-? ?[T7][O0]/;

/** Best first: what is to be paid, what includes tax and rounding, any total. */
const LABELS = [
  new RegExp(
    String.raw`${TOTAL} ?(?:PAYABLE|DUE|A PAGAR)|(?:AMOUNT|AMT) (?:DUE|PAYABLE|TO (?:BE )?PA[YI]D?)|NETT? (?:AMOUNT|AMT)|(?:GRAND|FINAL|NETT?|ROUNDED) ?${TOTAL}|${TOTAL} (?:AMT |AMOUNT )?(?:AFTER )?(?:ROUND\w*|RND\w*)|ZU ZAHLEN`,
  ),
  new RegExp(
    String.raw`${TOTAL}.*\bINC|\b[A-Z]* ?CLUSIVE|GESAMT|SUMME|VALOR ${TOTAL}|(?<!CHANGE )(?<!\w)DUE\b(?! DATE)`,
  ),
  new RegExp(`(?<![A-Z])${TOTAL}(?:(?![A-Z])|(?=R[MS$]))`),
  SUBTOTAL,
];

/** Totals that are of something else, or before something is added. */
const OTHER_TOTAL =
  /SUB ?-? ?[T7][O0]|EXC[LI1]|\b(?:QTY|QUANTITY|ITEMS?|ITENS|DISC\w*|SAVINGS?|POINTS?|SUPPL\w+|ACCEPTED)\b|[T7]OTAL (?:TAX|GST|SST)\b|(?:TAX|GST|SST) TOTAL|INCLUDED (?:IN|GST)\b|INCLU\w* IN\b|DE IMPOSTOS|TRIBUTOS/;

/** How much a label speaks for an amount, in the order of LABELS; less where a larger one has it, too. */
const LABEL_POINTS = [6, 3, 2, 1.5];
const SMALLER_POINTS = -1.5;

/** How much each kind of arithmetic does; these were chosen on 519 scans of SROIE. */
const ARITHMETIC_POINTS = { paid: 6, paidExactly: 2.5, paidAsPrinted: 2, taxed: 2, summed: 1.5 };
const TWICE_POINTS = 0.5;

/** With less there is no total, only an amount. */
const FEWEST_POINTS = 1.5;

/** So much arithmetic bears an amount out; figures whose point was lost are believed with no less. */
const BORNE_OUT_POINTS = 2;

/** A list with more is no till receipt: nothing is reckoned in it. */
const MOST_AMOUNTS = 300;

/**
 * The total of a till receipt: the amount for which labels and the receipt's own arithmetic speak most (what was given less
 * the change, a net amount with its tax, the sum of the lines, a second printing); of equals the largest, for the smaller ones
 * are of a tax, a group or before it. Where another one is printed below for its rounding, that.
 *
 * @param torn figures that would be amounts if they had a point.
 */
export function tillTotal<Amount extends TillAmount>(
  lines: readonly Line[],
  printed: readonly Amount[],
  torn: readonly Amount[],
): TillTotal<Amount> | undefined {
  const named = new Set(lines.filter((line) => LABELS.some((label) => isTotal(line, label))));
  const torso = new Set(torn.filter(({ line }) => named.has(line)));
  const order = new Map(lines.map((line, index) => [line, index]));
  const at = ({ line }: Amount): number => order.get(line) ?? 0;
  const amounts = [...printed, ...torso].sort((a, b) => at(a) - at(b));
  const positive = amounts.filter(({ centavos }) => centavos > 0n);
  const reckons = positive.length <= MOST_AMOUNTS;
  const labelled = LABELS.map((label) =>
    lines
      .flatMap((line, index) => (isTotal(line, label) ? beside(lines, index, positive) : []))
      .filter(({ centavos }) => !reckons || !isTax(centavos, positive)),
  );
  const arithmetic = reckons ? reckonedIn(lines, amounts) : [];
  const scored = positive.map((amount) => scoreOf(amount, positive, labelled, arithmetic));
  const [best] = scored
    .filter(({ amount, reckoned }) => !torso.has(amount) || reckoned >= BORNE_OUT_POINTS)
    .sort(byPoints);
  if (!best || best.points < FEWEST_POINTS) {
    return undefined;
  }
  const isPaid = best.reckoned >= ARITHMETIC_POINTS.paid;
  const after = isPaid ? undefined : rounded(best.amount, positive, labelled.flat());
  return { amount: after ?? best.amount, borneOut: best.reckoned >= BORNE_OUT_POINTS };
}

interface Reckoned {
  values: ReadonlySet<bigint>;
  points: number;
}

/** What each kind of arithmetic comes to. */
function reckonedIn(lines: readonly Line[], amounts: readonly TillAmount[]): Reckoned[] {
  const positive = amounts.filter(({ centavos }) => centavos > 0n);
  const reckoned = (points: number, ...found: TillAmount[]): Reckoned => ({
    values: new Set(found.map(({ centavos }) => centavos)),
    points,
  });
  return [
    reckoned(ARITHMETIC_POINTS.paid, ...paid(lines, amounts)),
    reckoned(ARITHMETIC_POINTS.paidExactly, ...paidExactly(amounts)),
    reckoned(ARITHMETIC_POINTS.paidAsPrinted, ...paidAsPrinted(positive)),
    reckoned(ARITHMETIC_POINTS.taxed, ...taxed(positive), ...taxedWithin(positive)),
    reckoned(ARITHMETIC_POINTS.summed, ...summed(lines, positive)),
  ];
}

interface Score<Amount> {
  amount: Amount;
  points: number;
  /** The points of the arithmetic alone. */
  reckoned: number;
  /** The label is this printing's own. */
  own: boolean;
}

function scoreOf<Amount extends TillAmount>(
  amount: Amount,
  amounts: readonly Amount[],
  labelled: readonly (readonly Amount[])[],
  arithmetic: readonly Reckoned[],
): Score<Amount> {
  const { centavos, line } = amount;
  const rank = labelled.findIndex((some) => some.some((each) => each.centavos === centavos));
  const alike = labelled[rank] ?? [];
  const reckoned = arithmetic
    .filter(({ values }) => values.has(centavos))
    .reduce((sum, { points }) => sum + points, 0);
  const isTwice = amounts.some((other) => other.centavos === centavos && other.line !== line);
  const points =
    reckoned +
    (LABEL_POINTS[rank] ?? 0) +
    (alike.some((other) => other.centavos > centavos) ? SMALLER_POINTS : 0) +
    (isTwice ? TWICE_POINTS : 0);
  return { amount, points, reckoned, own: alike.includes(amount) };
}

/** The best first; of equals the largest; of its printings the labelled one. */
function byPoints(a: Score<TillAmount>, b: Score<TillAmount>): number {
  const [one, other] = [a.amount.centavos, b.amount.centavos];
  const larger = Number(other > one) - Number(other < one);
  return b.points - a.points || larger || Number(b.own) - Number(a.own);
}

/** The last amount of the line; of a line without one the only amount of the next. */
function beside<Amount extends TillAmount>(
  lines: readonly Line[],
  index: number,
  amounts: readonly Amount[],
): Amount[] {
  const own = amounts.filter(({ line }) => line === lines[index]);
  const next = amounts.filter(({ line }) => line === lines[index + 1] && !isHandedOver(line));
  return own.length > 0 ? own.slice(-1) : next.length === 1 ? next : [];
}

function isTotal({ folded }: Line, label: RegExp): boolean {
  return label.test(folded) && (label === SUBTOTAL || !OTHER_TOTAL.test(folded));
}

/**
 * The amount that is printed below the total for its rounding, by the words for it, by being so much apart as is rounded, or as
 * another total; undefined when the total is that itself, or there is none.
 */
function rounded<Amount extends TillAmount>(
  total: Amount,
  amounts: readonly Amount[],
  totals: readonly Amount[],
): Amount | undefined {
  if (ROUNDING.test(total.line.folded)) {
    return undefined;
  }
  const below = amounts.slice(amounts.indexOf(total) + 1);
  const roundings = below.filter(({ line }) => ROUNDING.test(line.folded));
  const steps = roundings.filter(({ centavos }) => centavos <= MOST_ROUNDED);
  const others = roundings.length > 0 ? below.filter((each) => totals.includes(each)) : [];
  return (
    [...roundings, ...others].find(({ centavos }) => isNear(centavos, total.centavos)) ??
    below.findLast(
      ({ centavos, line }) =>
        steps.some((step) => isApartBy(centavos, total.centavos, step.centavos)) &&
        !OTHER_TOTAL.test(line.folded),
    )
  );
}

function isNear(one: bigint, other: bigint): boolean {
  return one !== other && isWithin(one, other, MOST_ROUNDED);
}

function isApartBy(one: bigint, other: bigint, step: bigint): boolean {
  return one - other === step || other - one === step;
}
