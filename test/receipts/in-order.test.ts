import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import { inOrder } from "../../src/receipts/in-order.ts";

describe("inOrder", () => {
  it("gives the results in the order of the items, whichever ends first, and begins no more than it may", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.nat(12),
        fc.integer({ min: 1, max: 4 }),
        async (scheduler, count, limit) => {
          let [begun, taken, most] = [0, 0, 0];
          const items = Array.from({ length: count }, (_, index) => index);
          const results: number[] = [];
          const all = (async () => {
            for await (const result of inOrder(items, limit, async (item) => {
              begun += 1;
              most = Math.max(most, begun - taken);
              await scheduler.schedule(Promise.resolve());
              return item;
            })) {
              taken += 1;
              results.push(result);
            }
          })();
          await scheduler.waitFor(all);
          expect(results).toEqual(items);
          expect(most).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it("tells a failure in its turn", async () => {
    const results: number[] = [];
    const work = async (item: number) => {
      if (item === 2) throw new Error("no second");
      return item;
    };
    const all = async () => {
      for await (const result of inOrder([1, 2, 3], 3, work)) results.push(result);
    };
    await expect(all()).rejects.toThrow("no second");
    expect(results).toEqual([1]);
  });
});
