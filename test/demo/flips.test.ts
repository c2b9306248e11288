import { describe, expect, it } from "@jest/globals";
import { composeDemo } from "../../demo/compose.ts";
import { endOf } from "../../demo/expected/end-of.ts";
import { ends } from "../../demo/expected/traps.ts";
import { flip } from "../../demo/generate.ts";
import { applyPatch } from "../../demo/patch.ts";

const model = composeDemo();
const unflipped = JSON.stringify(model);
const traps = Object.keys(model.flips);

describe("flips", () => {
  it("are there for every trap", () => {
    const without = new Set(["ordinary"]);
    expect(Object.keys(ends).filter((trap) => !without.has(trap) && !model.flips[trap])).toEqual(
      [],
    );
  });

  it.each(traps)("%s changes the data and the end", (trap) => {
    const one = model.flips[trap];
    expect(JSON.stringify(flip(model, [trap])) === unflipped).toBe(false);
    expect(Object.keys({ ...one?.ends, ...one?.movements })).not.toHaveLength(0);
    for (const [externalId, end] of Object.entries(one?.ends ?? {})) {
      const expense = model.expenses[externalId];
      expect(expense).toBeDefined();
      if (expense) expect(endOf(expense)).not.toEqual(end);
    }
  });

  it("can be applied all at once: no two change the same end", () => {
    const touched = traps.flatMap((trap) => Object.keys(model.flips[trap]?.ends ?? {}));
    expect(new Set(touched).size).toBe(touched.length);
    expect(() => flip(model, traps)).not.toThrow();
  });
});

describe("applyPatch", () => {
  it("adds, replaces and removes, and leaves the original alone", () => {
    const value = { a: { b: [1, 2] }, c: "d" };
    const changed = applyPatch(value, [
      { op: "add", path: "/a/b/-", value: 3 },
      { op: "replace", path: "/c", value: "e" },
      { op: "remove", path: "/a/b/0" },
    ]);
    expect(changed).toEqual({ a: { b: [2, 3] }, c: "e" });
    expect(value).toEqual({ a: { b: [1, 2] }, c: "d" });
  });

  it("refuses a path that leads nowhere", () => {
    expect(() => applyPatch({ a: 1 }, [{ op: "replace", path: "/b", value: 1 }])).toThrow("/b");
    expect(() => applyPatch({ a: 1 }, [{ op: "remove", path: "/a/b" }])).toThrow("/a/b");
  });
});
