import { describe, expect, it } from "@jest/globals";
import { SuspectsApart } from "../../src/queue/suspects-apart.ts";
import { waitFor } from "../wait-for.ts";

/** Jobs whose end the test decides. */
function jobs(longestMs?: number) {
  const apart = new SuspectsApart(longestMs);
  const running = new Map<string, () => void>();
  const ends: Promise<void>[] = [];
  const failed: string[] = [];
  return {
    running: () => [...running.keys()],
    failed: () => failed,
    all: () => Promise.allSettled(ends),
    start(name: string, { isSuspect = false, fails = false } = {}) {
      const end = apart.run(async (isApart) => {
        if (isSuspect && !isApart) return false;
        await new Promise<void>((resolve) => running.set(name, resolve));
        running.delete(name);
        if (fails) throw new Error(name);
        return true;
      }, givenBack);
      end.catch(() => failed.push(name));
      ends.push(end);
    },
    async end(name: string) {
      running.get(name)?.();
      await settled();
    },
  };
}

/** In place of putting a job off. */
const givenBack = () => Promise.reject(new Error("given back"));

/** All that is not waiting for the test has come to rest. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("jobs of a process", () => {
  it("run side by side, as they come", async () => {
    const work = jobs();
    for (const name of ["a", "b", "c"]) work.start(name);
    await settled();
    expect(work.running()).toEqual(["a", "b", "c"]);
    for (const name of ["a", "b", "c"]) await work.end(name);
    await work.all();
  });

  it("run one at a time when workers have died of them, and keep nobody else waiting", async () => {
    const work = jobs();
    work.start("a");
    work.start("suspect", { isSuspect: true });
    work.start("other suspect", { isSuspect: true });
    await settled();
    work.start("later");
    work.start("third suspect", { isSuspect: true });
    await settled();
    expect(work.running()).toEqual(["a", "suspect", "later"]);
    await work.end("suspect");
    expect(work.running()).toEqual(["a", "later", "other suspect"]);
    await work.end("other suspect");
    expect(work.running()).toEqual(["a", "later", "third suspect"]);
    for (const name of ["a", "later", "third suspect"]) await work.end(name);
    await work.all();
  });

  it("wait in their places for a while only, and then leave their turn to those behind them", async () => {
    const work = jobs(0);
    work.start("suspect", { isSuspect: true });
    await settled();
    work.start("given back", { isSuspect: true });
    await waitFor("it to be given back", () => work.failed().includes("given back"));
    await work.end("suspect");
    work.start("last", { isSuspect: true });
    await settled();
    expect(work.running()).toEqual(["last"]);
    await work.end("last");
    expect((await work.all()).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });

  it("do not keep the others back by failing", async () => {
    const work = jobs();
    work.start("suspect", { isSuspect: true, fails: true });
    work.start("other suspect", { isSuspect: true });
    await settled();
    work.start("b", { fails: true });
    await settled();
    await work.end("suspect");
    expect(work.running()).toEqual(["b", "other suspect"]);
    await work.end("b");
    await work.end("other suspect");
    work.start("last", { isSuspect: true });
    await settled();
    expect(work.running()).toEqual(["last"]);
    await work.end("last");
    expect((await work.all()).map(({ status }) => status)).toEqual([
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });
});
