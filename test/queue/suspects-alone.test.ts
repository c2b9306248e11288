import { describe, expect, it } from "@jest/globals";
import { SuspectsAlone } from "../../src/queue/suspects-alone.ts";

/** Jobs whose end the test decides. */
function jobs() {
  const alone = new SuspectsAlone();
  const running = new Map<string, () => void>();
  const ends: Promise<void>[] = [];
  return {
    running: () => [...running.keys()],
    all: () => Promise.allSettled(ends),
    start(name: string, { isSuspect = false, fails = false } = {}) {
      const end = alone.run(async (isAlone) => {
        if (isSuspect && !isAlone) return false;
        await new Promise<void>((resolve) => running.set(name, resolve));
        running.delete(name);
        if (fails) throw new Error(name);
        return true;
      });
      end.catch(() => undefined);
      ends.push(end);
    },
    async end(name: string) {
      running.get(name)?.();
      await settled();
    },
  };
}

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

  it("run alone when workers have died of them: after those that run, before those that come later", async () => {
    const work = jobs();
    work.start("a");
    work.start("suspect", { isSuspect: true });
    work.start("other suspect", { isSuspect: true });
    await settled();
    work.start("later");
    await settled();
    expect(work.running()).toEqual(["a"]);
    await work.end("a");
    expect(work.running()).toEqual(["suspect"]);
    await work.end("suspect");
    expect(work.running()).toEqual(["other suspect"]);
    await work.end("other suspect");
    expect(work.running()).toEqual(["later"]);
    await work.end("later");
    await work.all();
  });

  it("do not keep the others back by failing", async () => {
    const work = jobs();
    work.start("suspect", { isSuspect: true, fails: true });
    await settled();
    work.start("b");
    work.start("c", { fails: true });
    await work.end("suspect");
    expect(work.running()).toEqual(["b", "c"]);
    await work.end("c");
    work.start("d", { isSuspect: true });
    await work.end("b");
    expect(work.running()).toEqual(["d"]);
    await work.end("d");
    expect((await work.all()).map(({ status }) => status)).toEqual([
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
  });
});
