/** Why a debit is not of the amount owed, as far as the usual rates explain it. */
export type Difference = {
  kind: "FINE" | "DISCOUNT";
  /** Centavos, positive: what was paid above or below what is owed. */
  amount: bigint;
  /** Per cent of the amount owed; for a fine without its interest. */
  rate: number;
};

/** Multa, in per cent: 2 by the Código Civil (art. 1.336) and the CDC, 1 and 10 by contract; none with interest alone. */
const FINES = [2, 10, 1, 0] as const;
/** Juros de mora: 1 per cent a month by the day (Código Tributário, art. 161), as a fraction or as banks round it. */
const DAILY_INTEREST: readonly [numerator: bigint, denominator: bigint][] = [
  [1n, 3_000n],
  [33n, 100_000n],
];
/** For prompt payment, in tenths of a per cent. */
const DISCOUNTS = [10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100] as const;
/** Banks and companies round each part for itself. */
const ROUNDING = 1n;
/** Later than this it may as well be the next month's bill, whose amount happens to fit. */
const LATEST_DAYS = 20;
/** Due on a weekend, interest counts from the working day after it, or from the day itself. */
const SHIFT_DAYS = 3;
const MOST_FINE_PER_CENT = 15n;
const MOST_DISCOUNT_PER_CENT = 10n;

/**
 * The fine with interest, or the discount, by which the paid amount differs from the one owed: undefined where no usual
 * rate gives it to the centavo. A fine needs a delay, a discount that the payment was not late. Pure.
 *
 * @param owed centavos, positive
 * @param paid centavos, positive
 * @param days from the due date to the debit
 */
export function explainDifference(
  owed: bigint,
  paid: bigint,
  days: number,
): Difference | undefined {
  const amount = paid - owed;
  if (amount > 0n && days > 0 && days <= LATEST_DAYS) {
    const rate = FINES.find((fine) => isLatePayment(owed, amount, fine, days));
    return rate === undefined ? undefined : { kind: "FINE", amount, rate };
  }
  if (amount < 0n && days <= 1) {
    const tenths = DISCOUNTS.find((one) => isNear(-amount, rounded(owed * BigInt(one), 1_000n)));
    return tenths === undefined
      ? undefined
      : { kind: "DISCOUNT", amount: -amount, rate: tenths / 10 };
  }
  return undefined;
}

/** Whether a difference that an identifier vouches for is one that may be a fine or discount at all. */
export function isWithinPolicy(owed: bigint, paid: bigint, days: number): boolean {
  return paid > owed
    ? days > 0 && isFineOn(owed, paid - owed)
    : days <= 1 && isDiscountOn(owed, owed - paid);
}

/** What is left of a debit that pays this in full is its fine and interest, and pays nothing else. */
export function isFineOn(owed: bigint, rest: bigint): boolean {
  return rest > 0n && rest * 100n <= owed * MOST_FINE_PER_CENT;
}

/** What one whole debit leaves open of this is its discount. */
export function isDiscountOn(owed: bigint, open: bigint): boolean {
  return open > 0n && open * 100n <= owed * MOST_DISCOUNT_PER_CENT;
}

function isLatePayment(owed: bigint, more: bigint, fine: number, days: number): boolean {
  const flat = rounded(owed * BigInt(fine), 100n);
  // Without interest, or with that of a whole month.
  const plain = [flat, flat + rounded(owed, 100n)];
  if (fine > 0 && plain.some((one) => isNear(more, one))) return true;
  for (let late = Math.max(1, days - SHIFT_DAYS); late <= days; late += 1) {
    for (const [numerator, denominator] of DAILY_INTEREST) {
      const interest = rounded(owed * numerator * BigInt(late), denominator);
      if (isNear(more, flat + interest)) return true;
    }
  }
  return false;
}

function isNear(amount: bigint, expected: bigint): boolean {
  const apart = amount - expected;
  return apart <= ROUNDING && -apart <= ROUNDING;
}

function rounded(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator / 2n) / denominator;
}
