/**
 * Durations in buckets of a logarithmic scale, as blindagem_private.job_minutes keeps them: bucket i holds those up to
 * 2^(i/2) ms that are longer than the one before holds. So a percentile is known to 42 % (to 1 ms below that) whatever its
 * size, and the histograms of any minutes, workers and tenants add up to that of them all, as percentiles do not.
 */
export type Histogram = number[];

/** The last one holds all beyond 25 days. */
export const BUCKETS = 64;

/** Which bucket holds a duration. */
export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(BUCKETS - 1, Math.ceil(2 * Math.log2(ms)));
}

/** The longest duration that a bucket holds. */
export function upperBound(bucket: number): number {
  return 2 ** (bucket / 2);
}

/** Counts a duration; the histogram grows as far as it must. */
export function count(histogram: Histogram, ms: number): void {
  const bucket = bucketOf(ms);
  while (histogram.length <= bucket) histogram.push(0);
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** Adds another histogram's counts. */
export function addTo(histogram: Histogram, other: Histogram): void {
  while (histogram.length < other.length) histogram.push(0);
  other.forEach((n, bucket) => {
    histogram[bucket] = (histogram[bucket] ?? 0) + n;
  });
}
