/** A share of things counted, with the interval that holds the true one with 95 % confidence. */
export interface Share {
  count: number;
  of: number;
  least: number;
  most: number;
}

/** A share with its exact binomial interval (Clopper and Pearson, Biometrika 26, 1934). */
export function shareOf(count: number, of: number): Share {
  const tail = 0.025;
  return {
    count,
    of,
    least: count === 0 ? 0 : bisect((p) => 1 - atMost(count - 1, of, p) >= tail),
    most: upperBound(count, of, tail),
  };
}

/** The share that the true one exceeds with no more than the probability `error`; 1 when nothing was counted. */
export function upperBound(count: number, of: number, error: number): number {
  return count >= of ? 1 : bisect((p) => atMost(count, of, p) < error);
}

/** The least p in [0, 1] from which on the condition holds. */
function bisect(holds: (p: number) => boolean): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < 50; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** The probability of at most so many successes in n trials. */
function atMost(count: number, n: number, p: number): number {
  let sum = 0;
  let logChoose = 0;
  for (let k = 0; k <= count; k += 1) {
    sum += Math.exp(logChoose + k * Math.log(p) + (n - k) * Math.log1p(-p));
    logChoose += Math.log(n - k) - Math.log(k + 1);
  }
  return sum;
}
