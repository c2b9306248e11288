import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { z } from "zod";
import {
  addTo,
  BUCKETS,
  bucketOf,
  count,
  type Histogram,
  upperBound,
} from "../../src/queue/histogram.ts";
import { createTestDatabase, type TestDatabase } from "../database/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const LONGEST_KNOWN = upperBound(BUCKETS - 2);
const duration = fc.double({ min: 0, max: LONGEST_KNOWN, noNaN: true });

function histogramOf(durations: readonly number[]): Histogram {
  const histogram: Histogram = [];
  for (const ms of durations) count(histogram, ms);
  return histogram;
}

/** By nearest rank: the smallest one that so many hundredths are not above. */
function exactPercentile(durations: readonly number[], hundredths: number): number {
  const sorted = [...durations].sort((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil((hundredths * sorted.length) / 100)) - 1] ?? Number.NaN;
}

async function percentile(histograms: readonly Histogram[], hundredths: number) {
  const { rows } = await database.pool("worker").query(
    `select blindagem_private.histogram_percentile(blindagem_private.merge_histograms(h), $2 / 100.0) as value
     from (select array(select jsonb_array_elements_text(list)::int) as h from jsonb_array_elements($1::jsonb) as list) as given`,
    [JSON.stringify(histograms), hundredths],
  );
  return z.object({ value: z.number().nullable() }).parse(rows[0]).value;
}

describe("a bucket", () => {
  it("holds what is up to its bound and longer than the one before holds", () => {
    fc.assert(
      fc.property(duration, (ms) => {
        const bucket = bucketOf(ms);
        // A double's last digits: 2^(i/2) is no whole number for every second bucket.
        expect(ms).toBeLessThanOrEqual(upperBound(bucket) * (1 + 1e-9));
        if (bucket > 0) expect(ms).toBeGreaterThan(upperBound(bucket - 1) * (1 - 1e-9));
      }),
    );
  });

  it("is the first for nothing and less than nothing, and the last for all that is too long", () => {
    expect([-5, 0, 1, Number.NaN].map(bucketOf)).toEqual([0, 0, 0, 0]);
    expect([1e12, Number.POSITIVE_INFINITY].map(bucketOf)).toEqual([BUCKETS - 1, BUCKETS - 1]);
  });
});

describe("histograms", () => {
  it("add up to that of all", () => {
    fc.assert(
      fc.property(fc.array(fc.array(duration)), (parts) => {
        const sum: Histogram = [];
        for (const part of parts) addTo(sum, histogramOf(part));
        expect(sum).toEqual(histogramOf(parts.flat()));
      }),
    );
  });

  it("give percentiles that are never too low, and less than 42 % or 1 ms too high", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(duration, { maxLength: 40 }), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(50, 95, 99, 100, 1),
        async (parts, hundredths) => {
          const all = parts.flat();
          const found = await percentile(parts.map(histogramOf), hundredths);
          if (all.length === 0) return expect(found).toBeNull();
          const exact = exactPercentile(all, hundredths);
          expect(found).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
          expect(found).toBeLessThanOrEqual(Math.max(1, exact * 1.4143));
        },
      ),
    );
  });
});
