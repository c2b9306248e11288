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
  /** What was given less the change is this amount. */
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

/** What speaks for an amount, and how much: of labels the best, of arithmetic each kind once. */
const POINTS = {
  LABELS: [6, 3, 2, 1.5],
  PAID: 6,
  PAID_EXACTLY: 2.5,
  PAID_AS_PRINTED: 2,
  TAXED: 2,
  SUMMED: 1.5,
  TWICE: 0.5,
  SMALLER: 1.5,
};

/** With less there is no total, only an amount. */
const FEWEST_POINTS = 1.5;

/**
 * The total of a till receipt: the amount for which labels and the receipt's own arithmetic speak most (what was given less
 * the change, a net amount with its tax, the sum of the lines, a second printing); of equals the largest, for the smaller ones
 * are of a tax, a group or before it. One that is rounded below is that.
 */
export function tillTotal<Amount extends TillAmount>(
  lines: readonly Line[],
  printed: readonly Amount[],
  torn: readonly Amount[],
): TillTotal<Amount> | undefined {
  const isOfTotal = ({ line }: Amount): boolean => LABELS.some((label) => isTotal(line, label));
  const torso = torn.filter(isOfTotal);
  const amounts = torso.length === 0 ? printed : inOrder(lines, [...printed, ...torso]);
  const positive = amounts.filter(({ centavos }) => centavos > 0n);
  const labelled = LABELS.map((label) =>
    lines.flatMap((line, index) =>
      isTotal(line, label)
        ? beside(lines, index, positive).filter(({ centavos }) => !isTax(centavos, positive))
        : [],
    ),
  );
  const arithmetic: [Amount[], number][] = [
    [paid(lines, amounts), POINTS.PAID],
    [paidExactly(amounts), POINTS.PAID_EXACTLY],
    [paidAsPrinted(positive), POINTS.PAID_AS_PRINTED],
    [[...taxed(positive), ...taxedWithin(positive)], POINTS.TAXED],
    [summed(lines, positive), POINTS.SUMMED],
  ];
  const has = (some: readonly Amount[], { centavos }: Amount): boolean =>
    some.some((each) => each.centavos === centavos);
  const scored = positive.flatMap((amount) => {
    const rank = labelled.findIndex((some) => has(some, amount));
    const largest = (labelled[rank] ?? []).every(({ centavos }) => centavos <= amount.centavos);
    const borneOut = arithmetic.reduce(
      (sum, [some, points]) => sum + (has(some, amount) ? points : 0),
      0,
    );
    const twice = positive.some(
      (other) => other.centavos === amount.centavos && other.line !== amount.line,
    );
    return torso.includes(amount) && borneOut < POINTS.TAXED
      ? []
      : {
          amount,
          borneOut: borneOut > 0,
          points:
            (POINTS.LABELS[rank] ?? 0) -
            (largest ? 0 : POINTS.SMALLER) +
            borneOut +
            (twice ? POINTS.TWICE : 0),
          own: (labelled[rank] ?? []).includes(amount),
        };
  });
  const [best] = scored.sort(
    (a, b) =>
      b.points - a.points ||
      (a.amount.centavos > b.amount.centavos
        ? -1
        : a.amount.centavos < b.amount.centavos
          ? 1
          : Number(b.own) - Number(a.own)),
  );
  if (process.env.WHY)
    console.log(
      scored
        .map((x) => [x.amount.centavos, x.points, x.own, x.borneOut, x.amount.line.text].join(" "))
        .join("\n"),
    );
  if (!best || best.points < FEWEST_POINTS) {
    return undefined;
  }
  const after = has(arithmetic[0]?.[0] ?? [], best.amount)
    ? undefined
    : rounded(best.amount, positive, labelled.flat());
  return { amount: after ?? best.amount, borneOut: best.borneOut };
}

function inOrder<Amount extends TillAmount>(lines: readonly Line[], amounts: Amount[]): Amount[] {
  return amounts.sort((a, b) => lines.indexOf(a.line) - lines.indexOf(b.line));
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
  return (
    [
      ...roundings,
      ...(roundings.length > 0 ? below.filter((each) => totals.includes(each)) : []),
    ].find(({ centavos }) => isNear(centavos, total.centavos)) ??
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
