import type { Line } from "../words.ts";

/** An amount as printed: zero, too, for a change of nothing says that what was given is the total. */
export interface TillAmount {
  centavos: bigint;
  line: Line;
}

/** What was handed over in notes, of which some may come back. */
const GIVEN =
  /\b(?:CASH|TENDER\w*|RECEIVED|PAID|PAY|PAYMENT|ACCEPTED|DINHEIRO|RECEBIDO|PAGO|GEGEBEN|BAR)\b/;
/** What is paid by card is the total. */
const CARD = /\b(?:VISA|MASTER\w*|AMEX|DEBIT|CREDIT|CARTAO|EC-?KARTE|GIROCARD)\b/;
const CHANGE = /\b(?:CHANGE|TROCO|RUCKGELD)\b/;
const TAX = /\b(?:GST|SST|VAT|TAX|MWST|UST|SR|SERVICE|S[RE]RV|SVC)\b|\d ?%/;

/** Words beside what a total is rounded by, or to. */
export const ROUNDING = /\bR[O0]UND\w*|\bRND\b|ARREDOND/;

/** No currency is rounded by more than so many cents. */
export const MOST_ROUNDED = 5n;

/** "6%", "GST @ 6 %", "6.00%": up to a quarter. */
const RATE = /(?<![\d.,])([1-9]|1\d|2[0-5])(?:[.,]00?)? ?%/g;

/** No tax or service charge is a larger part of what it is added to. */
const MOST_TAX = 4n;

/** Whether a line tells what was given or given back: where the total itself was not read, such an amount is not it. */
export function isHandedOver({ folded }: Line): boolean {
  return GIVEN.test(folded) || CARD.test(folded) || CHANGE.test(folded);
}

/** The printed amounts that are what was given (by its label, or in the line above the change) less the change. */
export function paid<Amount extends TillAmount>(
  lines: readonly Line[],
  amounts: readonly Amount[],
): Amount[] {
  return amounts.flatMap((back, index) => {
    if (!CHANGE.test(back.line.folded)) {
      return [];
    }
    const above = lines[lines.indexOf(back.line) - 1];
    const before = amounts.slice(0, index);
    const given = before.filter(
      ({ line }) => line !== back.line && (line === above || GIVEN.test(line.folded)),
    );
    return given.flatMap((note) =>
      before.filter(
        ({ centavos, line }) => line !== note.line && centavos === note.centavos - back.centavos,
      ),
    );
  });
}

/** The amounts of which no change is given: of cards, and of notes with a change of nothing. */
export function paidExactly<Amount extends TillAmount>(amounts: readonly Amount[]): Amount[] {
  const unchanged = amounts.some(
    ({ centavos, line }) => centavos === 0n && CHANGE.test(line.folded),
  );
  return amounts.filter(
    ({ line }) => CARD.test(line.folded) || (unchanged && GIVEN.test(line.folded)),
  );
}

/** The amounts of notes that another line has, too. */
export function paidAsPrinted<Amount extends TillAmount>(amounts: readonly Amount[]): Amount[] {
  return amounts.filter(
    ({ centavos, line }) =>
      (GIVEN.test(line.folded) || CARD.test(line.folded)) &&
      amounts.some((other) => other.centavos === centavos && other.line !== line),
  );
}

/** The amounts that are another one with a tax or service charge that is printed, too; or that, rounded. */
export function taxed<Amount extends TillAmount>(amounts: readonly Amount[]): Amount[] {
  const values = new Set(amounts.map(({ centavos }) => centavos));
  const taxes = amounts.filter(({ line }) => TAX.test(line.folded));
  const isRounded = amounts.some(({ line }) => ROUNDING.test(line.folded));
  const slack = isRounded ? Number(MOST_ROUNDED) : 0;
  const steps = Array.from({ length: 2 * slack + 1 }, (_, i) => BigInt(i - slack));
  return amounts.filter(({ centavos }) =>
    taxes.some((tax) =>
      steps.some((step) => {
        const net = centavos + step - tax.centavos;
        return net >= MOST_TAX * tax.centavos && values.has(net);
      }),
    ),
  );
}

/** The percentages that a receipt prints. */
function ratesOf(amounts: readonly TillAmount[]): bigint[] {
  const rates = amounts.flatMap(({ line }) =>
    Array.from(line.folded.matchAll(RATE), ([, rate]) => BigInt(rate ?? 0)),
  );
  return [...new Set(rates)];
}

/** Whether an amount is the tax that is in, or comes to, a larger one, by the percentages that are printed. */
export function isTax(centavos: bigint, amounts: readonly TillAmount[]): boolean {
  return ratesOf(amounts).some((rate) =>
    amounts.some(
      ({ centavos: of }) =>
        of > centavos &&
        (isIncluded(centavos, of, rate) || isWithin(of * rate, centavos * 100n, 100n)),
    ),
  );
}

/** The amounts whose tax, which they include, is printed. */
export function taxedWithin<Amount extends TillAmount>(amounts: readonly Amount[]): Amount[] {
  const rates = ratesOf(amounts);
  const taxes = amounts.filter(({ line }) => TAX.test(line.folded));
  return amounts.filter(({ centavos: of }) =>
    taxes.some(
      ({ centavos }) =>
        centavos >= LEAST_TAX && rates.some((rate) => isIncluded(centavos, of, rate)),
    ),
  );
}

function isIncluded(tax: bigint, of: bigint, rate: bigint): boolean {
  return isWithin(of * rate, tax * (100n + rate), 100n + rate);
}

/** Smaller ones are those of many an amount. */
const LEAST_TAX = 20n;

/** The amounts that are the sum of the lines above them: two or more that follow each other, the last amount of each. */
export function summed<Amount extends TillAmount>(
  lines: readonly Line[],
  amounts: readonly Amount[],
): Amount[] {
  const last = lines.map((line) => amounts.findLast((amount) => amount.line === line));
  const places = last
    .filter((amount) => amount !== undefined)
    .filter(({ line }) => !ROUNDING.test(line.folded));
  return places.filter((amount, index) => {
    let sum = 0n;
    for (let i = index - 1; i >= 0 && sum < amount.centavos; i--) {
      sum += places[i]?.centavos ?? 0n;
      if (sum === amount.centavos && i < index - 1) {
        return true;
      }
    }
    return false;
  });
}

/** Whether two amounts are no further apart than that. */
export function isWithin(one: bigint, other: bigint, slack: bigint): boolean {
  return one - other <= slack && other - one <= slack;
}
