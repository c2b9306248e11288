import { afterEach, describe, expect, it } from "@jest/globals";
import { createOcrPool, type OcrPool, type OcrPoolOptions } from "../../src/receipts/ocr-pool.ts";

const pools: OcrPool[] = [];

function poolOf(program: string, options: Partial<OcrPoolOptions> = {}): OcrPool {
  const pool = createOcrPool({
    workers: 1,
    pageTimeoutMs: 20_000,
    memoryMb: 1000,
    language: "por",
    program: new URL(`../fixtures/receipts/${program}-process.mjs`, import.meta.url),
    ...options,
  });
  pools.push(pool);
  return pool;
}

const pageOnce = (pool: OcrPool, signal?: AbortSignal) =>
  pool.lend(async (session) => (await session.page(0, "FIRST")).width, signal);

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe("a reading process", () => {
  it("that does not answer in time is ended and replaced", async () => {
    const pool = poolOf("silent", { pageTimeoutMs: 50 });
    await expect(pageOnce(pool)).rejects.toMatchObject({ fault: "PAGE_TIMEOUT" });
    await expect(pageOnce(pool)).rejects.toMatchObject({ fault: "PAGE_TIMEOUT" });
  });

  it("that dies fails its document only", async () => {
    const pool = poolOf("dying");
    await expect(pageOnce(pool)).rejects.toMatchObject({ fault: "PROCESS_DIED" });
    await expect(pageOnce(pool)).rejects.toMatchObject({ fault: "PROCESS_DIED" });
  });

  it("that takes too much memory is ended", async () => {
    const pool = poolOf("greedy", { memoryMb: 200 });
    await expect(pageOnce(pool)).rejects.toMatchObject({ fault: "MEMORY_LIMIT" });
  });

  it("that cannot start is an error, not a verdict on the document", async () => {
    await expect(pageOnce(poolOf("unusable"))).rejects.toThrow("did not start");
  });

  it("serves one document after the other, until it is spent", async () => {
    const pool = poolOf("counting", { requestsPerProcess: 2 });
    const [first, second, third] = [
      await pageOnce(pool),
      await pageOnce(pool),
      await pageOnce(pool),
    ];
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });
});

describe("the pool", () => {
  it("lends as many processes as it may at once, and no more", async () => {
    const pool = poolOf("counting", { workers: 2 });
    const bothLent = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
    const done = Promise.withResolvers<void>();
    const loans = bothLent.map((lent) =>
      pool.lend(async (session) => {
        lent.resolve((await session.page(0, "FIRST")).width);
        await done.promise;
      }),
    );
    const [one, other] = await Promise.all(bothLent.map((lent) => lent.promise));
    expect(one).not.toBe(other);
    let third = false;
    const waiting = pool.lend(async () => {
      third = true;
    });
    expect(third).toBe(false);
    done.resolve();
    await Promise.all([...loans, waiting]);
    expect(third).toBe(true);
  });

  it("ends a reading that is aborted, and one that waits", async () => {
    const pool = poolOf("silent");
    const reason = new Error("stop");
    const [working, waiting] = [new AbortController(), new AbortController()];
    const started = Promise.withResolvers<void>();
    const first = pool.lend(async (session) => {
      started.resolve();
      await session.page(0, "FIRST");
    }, working.signal);
    const second = pageOnce(pool, waiting.signal);
    await started.promise;
    waiting.abort(reason);
    await expect(second).rejects.toBe(reason);
    working.abort(reason);
    await expect(first).rejects.toBe(reason);
    await expect(pageOnce(pool, AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it("ends all when it is closed, and lends nothing more", async () => {
    const pool = poolOf("silent");
    const started = Promise.withResolvers<void>();
    const working = pool.lend(async (session) => {
      started.resolve();
      await session.page(0, "FIRST");
    });
    const waiting = pageOnce(pool);
    await started.promise;
    const ended = Promise.allSettled([working, waiting]);
    await pool.close();
    expect((await ended).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await expect(pageOnce(pool)).rejects.toThrow("closed");
  });
});
